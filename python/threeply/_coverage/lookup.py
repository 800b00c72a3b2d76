"""Finds the members of a class where Python would, without running any code of it."""

from __future__ import annotations

import builtins
import dis
from types import CodeType

from threeply._coverage import origin
from threeply._coverage.origin import Origin

ABSENT = object()
"""Stands for a name that a module or a class does not have."""

_FACTORIES = frozenset(("allocate_lock", "Lock", "RLock"))


def class_of(value: object) -> type | None:
    """Returns the class itself, or the class of what a factory makes.

    `threading.Lock` and `threading.RLock` are functions in older Pythons.
    """
    if isinstance(value, type):
        return value
    if value is ABSENT or getattr(value, "__name__", "") not in _FACTORIES:
        return None
    return type(value()) if callable(value) else None


def member(cls: type, name: str) -> tuple[type | None, object]:
    """Returns the class in which looking a name up ends, and what stands there."""
    for owner in cls.__mro__:
        if name in vars(owner):
            return owner, vars(owner)[name]
    return None, None


def is_made(owner: type, raw: object) -> bool:
    """Tells whether a member is native or ours by itself and by its class."""
    made_by = origin.of(raw)
    if made_by is Origin.NATIVE:
        return origin.is_native_type(owner)
    return made_by is Origin.OURS


def hooks(cls: type, owner: type) -> list[str]:
    """Lists what Python classes between a class and a native base of it override.

    Such a class goes on in Python, though its descriptors are native all the same.
    """
    between = cls.__mro__[: cls.__mro__.index(owner)]
    overridden = {
        name
        for made_in_python in between
        if not origin.is_native_type(made_in_python)
        for name in vars(made_in_python).keys() & vars(owner).keys()
        if not name.startswith("__")
    }
    return sorted(overridden)


def is_builtin(owner: type) -> bool:
    """Tells whether a class is one of `builtins`, such as `object`."""
    return getattr(builtins, owner.__name__, None) is owner


def title(owner: type) -> str:
    """Returns a class's name for a reason."""
    return f"{owner.__module__}.{owner.__qualname__}"


def assigns(owner: type, name: str) -> bool:
    """Tells whether a method of a class assigns an attribute of that name."""
    for raw in vars(owner).values():
        code = getattr(getattr(raw, "__func__", raw), "__code__", None)
        if isinstance(code, CodeType) and _stores(code, name):
            return True
    return False


def _stores(code: CodeType, name: str) -> bool:
    return name in code.co_names and any(
        step.opname == "STORE_ATTR" and step.argval == name
        for step in dis.get_instructions(code)
    )
