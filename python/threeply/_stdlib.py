"""The standard module under a room.

A room needs the standard module itself, also while `sys.modules` has the room
under the standard name. The standard module always runs under its own name, so
its classes, its warnings and its relative imports are as ever.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib import module_from_spec

from threeply import _room
from threeply._install import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])

searching: set[str] = set()
"""Names that `find` is looking for: our own finder must not answer for them."""


def unseen(function: Function) -> Function:
    """Has a function's frames cut out of tracebacks, as importlib's own are.

    The interpreter knows importlib's frames by their file name. An error that a
    standard module raises while it is imported then looks as it does without us,
    and a warning of it names the line that imported it.
    """
    file = module_from_spec.__code__.co_filename
    code = function.__code__
    function.__code__ = code.replace(co_filename=file)
    return function


def import_module(name: str) -> ModuleType:
    """Imports a module by its full name, as `importlib.import_module` does.

    `importlib` itself costs a start-up of some hundred microseconds.
    """
    __import__(name)
    return sys.modules[name]


def module(name: str) -> ModuleType:
    """Returns the standard module `name`, loading it if need be.

    Args:
        name: The standard module's name, such as `"concurrent.futures"`.

    Raises:
        ImportError: Another module stands in `sys.modules` or on `sys.path`
            where the standard one should be.
    """
    if name not in sys.modules:
        return _load_anew(name)
    found = sys.modules[name]
    if isinstance(found, _room.Room):
        return _room.state_of(found).standard
    if not is_standard(name, getattr(found, "__spec__", None)):
        raise _shadowed(name, getattr(found, "__spec__", None))
    return found


def find(
    name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
) -> ModuleSpec | None:
    """Finds the standard module's spec past our own finder.

    The other finders are asked in their order, so that import hooks see the
    standard module load as ever.

    Returns:
        `None` where there is no such module, or where a module that is not the
        standard one (a user's own `queue.py`) comes first.
    """
    spec = find_any(name, path, target)
    return spec if is_standard(name, spec) else None


def find_any(
    name: str, path: Sequence[str] | None, target: ModuleType | None = None
) -> ModuleSpec | None:
    """Finds what comes first under a name, past our own finder."""
    searching.add(name)
    try:
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                return spec
    finally:
        searching.discard(name)
    return None


@unseen
def load(spec: ModuleSpec) -> ModuleType:
    """Executes a standard module, and leaves it in `sys.modules`.

    It has to be there while it executes: `signal` makes its enums by way of
    `sys.modules["signal"]`, and packages import their own submodules. A thread that
    imports it meanwhile waits for us, and has the standard module then.
    """
    loaded = module_from_spec(spec)
    # What importlib does around a load; the other thread's import looks for it.
    spec._initializing = True  # type: ignore[attr-defined]
    sys.modules[spec.name] = loaded
    try:
        assert spec.loader is not None, "is_standard accepts no namespace package"
        spec.loader.exec_module(loaded)
    except BaseException:
        sys.modules.pop(spec.name, None)
        raise
    finally:
        spec._initializing = False  # type: ignore[attr-defined]
    return loaded


def is_standard(name: str, spec: ModuleSpec | None) -> bool:
    """Tells whether a spec is that of the interpreter's own module `name`."""
    if spec is None or spec.loader is None or not spec.origin:
        return False
    # Not just any file below: `site-packages` is in there too.
    stem = os.path.join(_directory(), *name.split("."))
    return spec.origin.startswith((f"{stem}.", os.path.join(stem, "__init__.")))


def _directory() -> str:
    """Returns the interpreter's standard library directory."""
    known: str | None = getattr(sys, "_stdlib_dir", None)
    return known or os.path.dirname(os.__file__)


def _load_anew(name: str) -> ModuleType:
    if not installed():
        import_module(name)
        return module(name)
    parent, _, _ = name.rpartition(".")
    path = import_module(parent).__path__ if parent else None
    spec = find_any(name, path, None)
    if spec is None or not is_standard(name, spec):
        raise _shadowed(name, spec)
    return load(spec)


def _shadowed(name: str, spec: ModuleSpec | None) -> ImportError:
    origin = getattr(spec, "origin", None) or "something without a file"
    message = (
        f"threeply.{name} stands on the standard module {name!r}, but {origin} "
        "has taken its place"
    )
    return ImportError(message, name=name, path=getattr(spec, "origin", None))
