"""`run` and the older functions that run a child from its start to its end.

They call each other and `Popen` by what the room has under those names, which programs
and tests patch.

Source: CPython Lib/subprocess.py.
"""

from __future__ import annotations

import sys

from threeply import _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess as stdlib_subprocess
    from typing import Any

    Completed = stdlib_subprocess.CompletedProcess[Any]
else:
    stdlib_subprocess = _stdlib.module("subprocess")

CalledProcessError = stdlib_subprocess.CalledProcessError
CompletedProcess = stdlib_subprocess.CompletedProcess
PIPE = stdlib_subprocess.PIPE
STDOUT = stdlib_subprocess.STDOUT


def run(
    *popenargs: Any,  # noqa: ANN401
    input: Any = None,  # noqa: A002, ANN401
    capture_output: bool = False,
    timeout: float | None = None,
    check: bool = False,
    kill_tree: bool = False,
    max_output: int | None = None,
    tee: bool = False,
    **kwargs: Any,  # noqa: ANN401
) -> Completed:
    """Runs a program to its end.

    The wait ends with the child, when `timeout` has passed, by Ctrl-C or another handler
    that raises (in the main thread), and by `Thread.interrupt`; but for the first, the
    child is killed and has ended when this raises.

        >>> from threeply.subprocess import run
        >>> run(["tr", "a-z", "A-Z"], input="rope", capture_output=True, text=True).stdout
        'ROPE'

    Args:
        *popenargs: The program and its arguments; further arguments as of `Popen`.
        input: What is sent to the child: bytes, or a string in text mode.
        capture_output: Whether standard output and error are pipes that are read.
        timeout: The most seconds that it may take; None for any time.
        check: Whether a return code other than 0 is an error.
        kill_tree: Whether everything that the child started is killed with it, if it is
            killed. It is started with `own_tree` then.
        max_output: The most bytes that each captured output may have; None for any.
        tee: Whether captured output is shown on `sys.stdout` and `sys.stderr` as well, as
            it comes. Without another word both are captured.
        **kwargs: As of `Popen`.

    Returns:
        A `CompletedProcess`: `args`, `returncode`, and `stdout` and `stderr` where they
        were pipes.

    Raises:
        CalledProcessError: The child failed, and `check` is true.
        TimeoutExpired: It took too long. What came so far is in `output` and `stderr`.
        OutputLimitExceeded: There was more output than `max_output`.
        ValueError: Two arguments exclude each other.
        OSError, SubprocessError, TypeError, OverflowError: As of `Popen`.

    Source: CPython Lib/subprocess.py, run.
    """
    if input is not None:
        if kwargs.get("stdin") is not None:
            raise ValueError("stdin and input arguments may not both be used.")
        kwargs["stdin"] = PIPE
    if capture_output:
        if kwargs.get("stdout") is not None or kwargs.get("stderr") is not None:
            message = "stdout and stderr arguments may not be used with capture_output."
            raise ValueError(message)
        kwargs["stdout"] = kwargs["stderr"] = PIPE
    # An heir's communicate need not know what only ours does.
    beyond: dict[str, Any] = {}
    if max_output is not None:
        beyond["max_output"] = max_output
    if tee:
        beyond["tee"] = True
        kwargs.setdefault("stdout", PIPE)
        kwargs.setdefault("stderr", PIPE)
    if kill_tree:
        kwargs["own_tree"] = True
    with _room("Popen")(*popenargs, **kwargs) as process:
        try:
            stdout, stderr = process.communicate(input, timeout=timeout, **beyond)
        except:
            # Also by Ctrl-C.
            process._end(kill_tree)
            raise
        returncode = process.poll()
        if check and returncode:
            raise CalledProcessError(
                returncode, process.args, output=stdout, stderr=stderr
            )
    return CompletedProcess(process.args, returncode, stdout, stderr)


def call(*popenargs: Any, timeout: float | None = None, **kwargs: Any) -> int:  # noqa: ANN401
    """Runs a program to its end and returns its return code.

        >>> from threeply.subprocess import call
        >>> call(["false"])
        1

    Args:
        *popenargs: The program and its arguments; further arguments as of `Popen`.
        timeout: The most seconds that it may take; None for any time.
        **kwargs: As of `Popen`. Nobody reads pipes here, so a child that fills one
            does not end.

    Raises:
        TimeoutExpired: It took too long; the child was killed.
        OSError, SubprocessError, ValueError, TypeError, OverflowError: As of `Popen`.

    Source: CPython Lib/subprocess.py, call.
    """
    with _room("Popen")(*popenargs, **kwargs) as process:
        try:
            returncode: int = process.wait(timeout=timeout)
        except:
            # Also by Ctrl-C.
            process._end()
            raise
    return returncode


def check_call(*popenargs: Any, **kwargs: Any) -> int:  # noqa: ANN401
    """Runs a program to its end, and returns 0.

        >>> from threeply.subprocess import check_call
        >>> check_call(["true"])
        0

    Args:
        *popenargs: The program and its arguments; further arguments as of `Popen`.
        **kwargs: As of `call`.

    Raises:
        CalledProcessError: The return code is another one.
        TimeoutExpired, OSError, SubprocessError, ValueError, TypeError, OverflowError:
            As of `call`.

    Source: CPython Lib/subprocess.py, check_call.
    """
    if returncode := _room("call")(*popenargs, **kwargs):
        args = kwargs.get("args")
        raise CalledProcessError(returncode, popenargs[0] if args is None else args)
    return 0


def check_output(
    *popenargs: Any,  # noqa: ANN401
    timeout: float | None = None,
    **kwargs: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    r"""Runs a program to its end and returns its output.

        >>> from threeply.subprocess import check_output
        >>> check_output(["echo", "three plies"])
        b'three plies\n'

    Args:
        *popenargs: The program and its arguments; further arguments as of `Popen`.
        timeout: The most seconds that it may take; None for any time.
        **kwargs: As of `run`, but for `stdout` and `check`. `input=None` means an empty
            input, and not this process's own.

    Raises:
        CalledProcessError: The return code is not 0. The output is in `output`.
        TimeoutExpired, OSError, SubprocessError, ValueError, TypeError, OverflowError:
            As of `run`.

    Source: CPython Lib/subprocess.py, check_output.
    """
    for name in ("stdout", "check"):
        if name in kwargs:
            raise ValueError(f"{name} argument not allowed, it will be overridden.")
    if "input" in kwargs and kwargs["input"] is None:
        modes = ("universal_newlines", "text", "encoding", "errors")
        kwargs["input"] = "" if any(kwargs.get(mode) for mode in modes) else b""
    run = _room("run")
    return run(*popenargs, stdout=PIPE, timeout=timeout, check=True, **kwargs).stdout


def getstatusoutput(
    cmd: str | bytes, *, encoding: str | None = None, errors: str | None = None
) -> tuple[int, str]:
    """Runs a command in a shell, and returns its return code and all that it wrote.

        >>> from threeply.subprocess import getstatusoutput
        >>> getstatusoutput("echo on the way; exit 3")
        (3, 'on the way')

    Args:
        cmd: The command.
        encoding: The encoding of the output; None for the locale's.
        errors: What happens to what cannot be decoded.

    Returns:
        The return code, and standard output and error in one string without the newline
        at its end.

    Raises:
        OSError: The shell could not be started.

    Source: CPython Lib/subprocess.py, getstatusoutput.
    """
    returncode = 0
    try:
        output = _room("check_output")(
            cmd, shell=True, text=True, stderr=STDOUT, encoding=encoding, errors=errors
        )
    except CalledProcessError as failed:
        returncode, output = failed.returncode, failed.output
    return returncode, output.removesuffix("\n")


def getoutput(
    cmd: str | bytes, *, encoding: str | None = None, errors: str | None = None
) -> str:
    r"""Runs a command in a shell and returns all that it wrote.

        >>> from threeply.subprocess import getoutput
        >>> getoutput("echo three; echo plies >&2")
        'three\nplies'

    Args:
        cmd: The command.
        encoding: The encoding of the output; None for the locale's.
        errors: What happens to what cannot be decoded.

    Returns:
        Standard output and error in one string without the newline at its end.

    Raises:
        OSError: The shell could not be started.

    Source: CPython Lib/subprocess.py, getoutput.
    """
    output: str = _room("getstatusoutput")(cmd, encoding=encoding, errors=errors)[1]
    return output


def _room(name: str) -> Any:  # noqa: ANN401
    return getattr(sys.modules["threeply.subprocess"], name)
