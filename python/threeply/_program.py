"""A program run inside this process, as the interpreter would have run it.

`python -m threeply` comes here only where it cannot leave the work to the
interpreter (`threeply._run` says when). What the program can still see of us: the
frames below its own, until its traceback is shown.

# Source
`Modules/main.c` (`pymain_run_python`), `Python/pythonrun.c`, `Lib/runpy.py`.
"""

from __future__ import annotations

import contextlib
import io
import os
import runpy
import sys
from importlib.machinery import (
    BuiltinImporter,
    SourceFileLoader,
    SourcelessFileLoader,
)
from types import ModuleType

from threeply import _options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, TracebackType
    from typing import Any, TypeAlias

    Namespace: TypeAlias = dict[str, Any]
    Hook: TypeAlias = Callable[
        [type[BaseException], BaseException, TracebackType | None], object
    ]

_STDIN = "-"


def run(line: _options.CommandLine, caller: Namespace) -> None:
    """Runs the program that a command line names.

    Args:
        line: The command line.
        caller: The globals of the module that the interpreter has executed to come
            here. If they are those of `__main__`, the program gets that very
            module; or else a new one, for as long as it runs.
    """
    with _main_module(caller) as namespace:
        if line.kind == _options.COMMAND:
            _run_command(line, namespace)
        elif line.kind == _options.MODULE:
            _run_module(line)
        elif line.kind == _options.SCRIPT:
            _run_path(line, namespace)


@contextlib.contextmanager
def _main_module(caller: Namespace) -> Iterator[Namespace]:
    """Provides a `__main__` that has in it what the interpreter begins with."""
    module = sys.modules["__main__"]
    if vars(module) is caller:
        _empty(caller)
        yield caller
        return
    ours = ModuleType("__main__")
    _empty(vars(ours))
    sys.modules["__main__"] = ours
    try:
        yield vars(ours)
    finally:
        sys.modules["__main__"] = module


def _empty(namespace: Namespace) -> None:
    """Leaves of a namespace what `__main__` has when an interpreter starts."""
    import builtins

    namespace.clear()
    namespace.update(
        __name__="__main__",
        __doc__=None,
        __package__=None,
        __loader__=BuiltinImporter,
        __spec__=None,
    )
    if sys.version_info < (3, 14):
        namespace["__annotations__"] = {}
    namespace["__builtins__"] = builtins


def _run_command(line: _options.CommandLine, namespace: Namespace) -> None:
    sys.argv[:] = ["-c", *line.rest]
    _search_first("")
    source = line.target
    if sys.version_info >= (3, 14):
        import textwrap

        source = textwrap.dedent(source)
    _execute(source, "<string>", namespace)


def _run_module(line: _options.CommandLine) -> None:
    sys.argv[:] = ["-m", *line.rest]
    _search_first(os.getcwd())
    _execute_module(line.target, alter_argv=True)


def _run_path(line: _options.CommandLine, namespace: Namespace) -> None:
    path = line.target
    sys.argv[:] = [path, *line.rest]
    if path == _STDIN:
        _search_first("")
        _run_stdin(namespace)
        return
    path = _absolute(path)
    if _is_folder_or_zip(path):
        if sys.flags.safe_path:
            sys.path.insert(0, path)
        else:
            _search_first(path)
        _execute_module("__main__", alter_argv=False)
    else:
        _search_first(os.path.dirname(os.path.realpath(path)))
        _run_file(path, namespace)


def _absolute(path: str) -> str:
    """Makes a path absolute as the interpreter does, which is to change little."""
    if os.path.isabs(path):
        return path
    return f"{os.getcwd()}/{path.removeprefix('./')}"


def _search_first(folder: str) -> None:
    """Puts a folder where whoever runs us has the one of its own program."""
    if not sys.flags.safe_path:
        sys.path[:1] = [folder]


def _is_folder_or_zip(path: str) -> bool:
    from pkgutil import get_importer

    return get_importer(path) is not None


def _run_stdin(namespace: Namespace) -> None:
    if sys.stdin.isatty():
        # The interpreter's own prompt comes when this program, an empty one, ends.
        os.environ["PYTHONINSPECT"] = "1"
        return
    namespace.update(_of_file("<stdin>"))
    _execute(sys.stdin.buffer.read(), "<stdin>", namespace)


def _run_file(path: str, namespace: Namespace) -> None:
    try:
        with io.open_code(path) as file:
            source = file.read()
    except OSError as error:
        sys.stderr.write(
            f"{sys.orig_argv[0]}: can't open file {path!r}: "
            f"[Errno {error.errno}] {error.strerror}\n"
        )
        sys.exit(2)
    namespace.update(_of_file(path))
    compiled = _compiled(source)
    if compiled is None:
        namespace["__loader__"] = SourceFileLoader("__main__", path)
        _execute(source, path, namespace)
    else:
        namespace["__loader__"] = SourcelessFileLoader("__main__", path)
        _execute(compiled, path, namespace)


def _of_file(path: str) -> Namespace:
    """Returns what `__main__` has in it of a program that comes out of a file."""
    # 3.15 has no `__cached__` any more.
    cached = {"__cached__": None} if sys.version_info < (3, 15) else {}
    return {"__file__": path, **cached}


def _compiled(source: bytes) -> CodeType | None:
    """Returns the code if these are the contents of a `.pyc`."""
    from pkgutil import read_code

    code: CodeType | None = read_code(io.BytesIO(source))
    return code


def _execute(
    program: str | bytes | CodeType, filename: str, namespace: Namespace
) -> None:
    try:
        if not hasattr(program, "co_code"):
            source = program
            program = compile(source, filename, "exec", dont_inherit=True)
            if isinstance(source, str):
                _keep_source(program, source)
        exec(program, namespace)
    except BaseException as error:
        _show_from_next_frame(error)
        raise


def _keep_source(code: CodeType, source: str) -> None:
    """Keeps the text of a `-c` for tracebacks, which is new in Python 3.13."""
    import linecache

    register = getattr(linecache, "_register_code", None)
    if register is not None:
        # In 3.13.0 alone the key is the file's name.
        key = code.co_filename if sys.version_info[:3] == (3, 13, 0) else code
        register(key, source, code.co_filename)


def _execute_module(name: str, *, alter_argv: bool) -> None:
    """Does what the interpreter does for `-m`, by the same function."""
    try:
        runpy._run_module_as_main(name, alter_argv)  # type: ignore[attr-defined]
    except BaseException as error:
        _show_from_next_frame(error)
        raise


def _show_from_next_frame(error: BaseException) -> None:
    """Has an error that leaves the program shown without the frames of ours.

    Called by the function whose frame the program's own come next to.

    Whoever catches it above us, the interpreter or another tool, shows it by
    `sys.excepthook`, whatever the program has set there.
    """
    traceback = _next(error.__traceback__)
    program_hook = getattr(sys, "excepthook", None)

    def excepthook(
        kind: type[BaseException], value: BaseException, seen: TracebackType | None
    ) -> None:
        if getattr(sys, "excepthook", None) is excepthook:
            _restore_hook(program_hook)
        if value is error:
            value.__traceback__ = seen = traceback
            if getattr(sys, "last_value", None) is value:
                sys.last_traceback = traceback
        _call_hook(program_hook, kind, value, seen)

    sys.excepthook = excepthook


def _next(traceback: TracebackType | None) -> TracebackType | None:
    return traceback and traceback.tb_next


def _restore_hook(hook: Hook | None) -> None:
    if hook is None:
        del sys.excepthook
    else:
        sys.excepthook = hook


def _call_hook(
    hook: Hook | None,
    kind: type[BaseException],
    value: BaseException,
    traceback: TracebackType | None,
) -> None:
    """Calls a program's hook and, if it fails, says so as the interpreter does."""
    if hook is None:
        sys.stderr.write("sys.excepthook is missing\n")
        hook = sys.__excepthook__
    try:
        hook(kind, value, traceback)
    except SystemExit:
        raise
    except BaseException as error:
        shown = _next(error.__traceback__)
        sys.stderr.write("Error in sys.excepthook:\n")
        sys.__excepthook__(type(error), error.with_traceback(shown), shown)
        sys.stderr.write("\nOriginal exception was:\n")
        sys.__excepthook__(kind, value, traceback)
