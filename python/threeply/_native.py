"""The extension module, or `None` where it cannot load.

It cannot load in a sub-interpreter, since PyO3 modules keep objects in static data
that interpreters would share, nor in an interpreter that it was not built for. There
the rooms are plain overlays of the standard modules; `reason` says why, for
`threeply.coverage` and `threeply.install(verbose=True)`.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

extension: ModuleType | None
reason: str | None


def in_main_interpreter() -> bool:
    """Tells whether this is the process's main interpreter.

    PyO3 itself does not refuse to load in one that shares the GIL.

    Raises:
        ImportError: The interpreter cannot tell.
    """
    if sys.version_info >= (3, 12):
        # A program may have put something in the place of `_thread` that has no such name.
        from _thread import _is_main_interpreter

        main: bool = _is_main_interpreter()
        return main
    import _xxsubinterpreters as interpreters  # type: ignore[import-not-found]

    return bool(interpreters.get_current() == interpreters.get_main())


try:
    if not in_main_interpreter():
        message = "threeply._threeply does not support sub-interpreters"
        raise ImportError(message, name="threeply._threeply")
    from threeply import _threeply as extension

    if getattr(extension, "__file__", None) is None:
        # Without the extension's file the folder of its stubs is found, as a
        # namespace package.
        tag = sys.implementation.cache_tag
        message = f"no extension threeply._threeply for {tag} is installed"
        raise ImportError(message, name="threeply._threeply")
except ImportError as error:
    extension = None
    reason = str(error)
else:
    reason = None
