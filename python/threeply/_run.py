"""The command line: `python -m threeply prog.py …` and `threeply run prog.py …`.

The interpreter is executed anew, as the same process, with the command line that
runs the program without us; `threeply_startup.pth` installs threeply before the
program starts. So `__main__`, tracebacks, exit status and all else are the
interpreter's own doing.

That cannot be done in two cases, and then `threeply._program` runs the program:

- The new interpreter would not read our .pth (`-S`, or a checkout on
  `PYTHONPATH`): it is executed with a `-c` of ours.
- Another tool runs us (`coverage run -m threeply`): the program is run in this
  process, under the eyes of that tool.
"""

from __future__ import annotations

import os
import sys

from threeply import _options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

USAGE = """\
usage: {name} [--children] [python options] prog.py [arguments]
       {name} [--children] [python options] -m module [arguments]
       {name} [--children] [python options] -c code [arguments]
       {name} [--children] [python options] -i

Runs a Python program, unchanged, on threeply. A program is a file, a folder or zip
with a __main__.py, a module, code, or - for standard input.

  --children   other interpreters that the program starts are on threeply too
               (as with THREEPLY_CHILDREN=1 in the environment)
  --help       prints this
  --version    prints the versions of threeply and of the interpreter
"""

_OWN = ("--children", "--help", "-h", "--version")
_STARTUP_FILE = "threeply_startup.pth"
_LIKE_IN_PYTHON = 2
"""The status with which the interpreter leaves a wrong command line."""

# What the interpreter is given where it does not read our .pth. The name of this
# file's package is not to be looked for in the program's folders.
_BOOT = (
    "import sys; sys.path.insert(0, {root!r}); import threeply._run; "
    "del sys.path[0]; threeply._run.resume(globals())"
)


def main(caller: dict[str, Any]) -> None:
    """Runs what `python -m threeply` was given.

    Args:
        caller: The globals of `threeply/__main__.py`.
    """
    _run("python -m threeply", sys.argv[1:], caller)


def console() -> None:
    """Runs what the console script `threeply` was given."""
    words = sys.argv[1:]
    verb = words[0] if words else ""
    if verb == "run":
        _run("threeply run", words[1:], vars(sys.modules["__main__"]))
    elif verb in ("--help", "-h"):
        sys.stdout.write(USAGE.format(name="threeply run"))
    elif verb == "--version":
        _print_version()
    elif not verb:
        sys.stderr.write(USAGE.format(name="threeply run"))
        sys.exit(_LIKE_IN_PYTHON)
    else:
        _refuse(f"unknown verb {verb!r}: the one verb is 'run' (threeply run prog.py)")


def resume(caller: dict[str, Any]) -> None:
    """Runs the program in an interpreter that was executed with a `-c` of ours.

    Args:
        caller: The globals of that `-c`.
    """
    words = sys.argv[1:]
    # As if we had not been there.
    sys.orig_argv[len(sys.orig_argv) - len(words) - len(("-c", _BOOT)) :] = words
    _run_here(_options.CommandLine(words), caller)


def _run(name: str, words: Sequence[str], caller: dict[str, Any]) -> None:
    given = _options.CommandLine(words, _OWN)
    if "--help" in given.own or "-h" in given.own:
        sys.stdout.write(USAGE.format(name=name))
        return
    if "--version" in given.own:
        _print_version()
        return
    if _lacks_a_program(given):
        sys.stderr.write(USAGE.format(name=name))
        sys.exit(_LIKE_IN_PYTHON)
    before = _options_before_us()
    letters = given.letters if before is None else given.letters | before.letters
    startup = reads_startup(letters)
    if "--children" in given.own:
        if not startup:
            _refuse(f"--children needs {_STARTUP_FILE} in a site-packages that is read")
        os.environ["THREEPLY_CHILDREN"] = "1"
    if before is not None:
        _execute([*before.options], given, startup=startup)
    if given.options:
        _refuse(
            f"{given.options[0]!r} is too late: another program runs threeply in this "
            "interpreter; give the option to the interpreter itself"
        )
    _run_here(given, caller)


def _lacks_a_program(given: _options.CommandLine) -> bool:
    if given.kind != _options.NOTHING:
        return False
    return "i" not in given.letters and not given.asks_the_interpreter()


def _options_before_us() -> _options.CommandLine | None:
    """Returns the command line whose program we are, or None if we are not.

    We are not where `-m threeply` was another program's doing (coverage, cProfile,
    `runpy.run_module`).
    """
    line = _options.CommandLine(sys.orig_argv[1:])
    if line.rest != sys.argv[1:]:
        return None
    if line.kind == _options.MODULE:
        ours = line.target in ("threeply", "threeply.__main__")
    else:
        # The script that an installer writes imports its entry point by name.
        ours = getattr(sys.modules["__main__"], "console", None) is console
    return line if ours else None


def reads_startup(letters: set[str]) -> bool:
    """Tells whether an interpreter with these options would read our .pth."""
    if sys.flags.no_site or "S" in letters:
        return False
    import site

    folders = site.getsitepackages()
    if site.ENABLE_USER_SITE and not letters & {"s", "I"}:
        folders.append(site.getusersitepackages())
    return any(os.path.exists(os.path.join(f, _STARTUP_FILE)) for f in folders)


def _execute(
    options: list[str], given: _options.CommandLine, *, startup: bool
) -> NoReturn:
    """Executes the interpreter anew, for the program and as this process."""
    if not sys.executable:
        _refuse("sys.executable does not name the interpreter")
    line = [*options, *given.words]
    if startup:
        os.environ["THREEPLY_RUN"] = str(os.getpid())
    elif given.kind != _options.UNFINISHED:
        root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        boot = ["-c", _BOOT.format(root=root)]
        line = [*options, *given.options, *boot, *given.program()]
    _undo_locale_coercion()
    for stream in (sys.stdout, sys.stderr):
        # None where the file descriptor is closed.
        if stream is not None:
            stream.flush()
    os.execv(sys.executable, [sys.orig_argv[0], *line])


def _undo_locale_coercion() -> None:
    """Takes out the `LC_CTYPE` that this interpreter has put into its environment.

    In the C locale an interpreter sets it (PEP 538), and another one that finds it
    does not choose the UTF-8 mode that it would have chosen.
    """
    if "LC_CTYPE" not in os.environ:
        return
    with open("/proc/self/environ", "rb") as file:
        began_with = file.read().split(b"\0")
    if not any(entry.startswith(b"LC_CTYPE=") for entry in began_with):
        del os.environ["LC_CTYPE"]


def _run_here(given: _options.CommandLine, caller: dict[str, Any]) -> None:
    import threeply
    from threeply import _program

    try:
        threeply.install()
    except RuntimeError as error:
        sys.stderr.write(f"threeply: the program was not started: {error}\n")
        sys.exit(1)
    _program.run(given, caller)


def _print_version() -> None:
    import threeply

    version = sys.version.split()[0]
    sys.stdout.write(f"threeply {threeply.__version__} (Python {version})\n")


def _refuse(message: str) -> NoReturn:
    sys.stderr.write(f"threeply: {message}\n")
    sys.exit(_LIKE_IN_PYTHON)
