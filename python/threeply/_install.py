"""`install()`: the rooms in place of the standard modules.

Installing costs almost nothing: it puts a finder first on `sys.meta_path`, and a
room opens when its standard name is next imported. Only a standard module that
is loaded already is replaced at once, because the interpreter's C code looks it
up in `sys.modules` (`threading._shutdown` at exit) without importing it.
"""

from __future__ import annotations

import sys

ROOMS = (
    "threading",
    "queue",
    "subprocess",
    "signal",
    "multiprocessing",
    "multiprocessing.util",
    "asyncio",
    "concurrent.futures",
    "concurrent.futures._base",
    "concurrent.futures.thread",
)
"""The standard modules that have a room, a parent before its child."""

_installed = False


def installed() -> bool:
    """Tells whether `install()` has been called in this interpreter."""
    return _installed


def install(*, verbose: bool = False) -> None:
    """Puts the rooms in place of the standard modules, for the whole program.

    Call it as the first line of a program. A later call of it, or a call when
    some of the modules are loaded already, is harmless: what the program has in
    hand by then goes on working beside the rooms. It cannot be undone.

    Args:
        verbose: Says on standard error why the extension did not load, where it
            did not, and which modules hold objects of the standard ones.

    Raises:
        RuntimeError: gevent or eventlet has patched the standard modules. If they
            do so later, their patching raises it.
    """
    global _installed
    if not _installed:
        from threeply import _finder, _green

        _green.refuse_patched()
        _finder.put_first()
        _installed = True
        _finder.replace_loaded()
    if verbose:
        from threeply import _report

        _report.write(sys.stderr)
