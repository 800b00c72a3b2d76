"""Who made an object: the extension, threeply's Python files, or somebody else.

Nothing here goes by names, which `install()` changes and anybody can. A class is
native if the extension says that it made it, a method if its descriptor belongs to
such a class, and a function is ours if its code was compiled from a file of ours.
"""

from __future__ import annotations

import inspect
import sys
from enum import Enum
from functools import cached_property, partial
from pathlib import Path
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)

from threeply import _native, _room

PACKAGE = str(Path(__file__).resolve().parents[1]) + "/"
"""The folder of threeply's own Python files."""

_DESCRIPTORS = (
    MethodDescriptorType,
    WrapperDescriptorType,
    ClassMethodDescriptorType,
    GetSetDescriptorType,
    MemberDescriptorType,
)


class Origin(Enum):
    """Who made an object."""

    NATIVE = "native"
    OURS = "ours"
    OTHER = "other"


def is_native_type(value: object) -> bool:
    """Tells whether the extension made a class."""
    if _native.extension is None or not isinstance(value, type):
        return False
    provides = _native.extension.provides
    return provides(value) or (
        # What makes, frees and initialises instances stands in a class of its own,
        # the core, under each class that Python sees.
        value.__module__ == _native.extension.__name__
        and any(map(provides, type.__subclasses__(value)))
    )


def of(value: object) -> Origin:
    """Tells who made a class, a function or a descriptor."""
    if _is_native(value):
        return Origin.NATIVE
    return Origin.OURS if _is_ours(value) else Origin.OTHER


def _is_native(value: object) -> bool:
    if isinstance(value, type):
        return is_native_type(value)
    if isinstance(value, _DESCRIPTORS):
        return is_native_type(value.__objclass__)
    if isinstance(value, BuiltinFunctionType):
        owner = value.__self__
        if isinstance(owner, ModuleType):
            # A room's function has the standard module as its `__self__`.
            return _is_part_of_extension(owner) or _is_provided(value)
        return is_native_type(owner) or is_native_type(type(owner))
    return isinstance(value, staticmethod | classmethod) and _is_native(value.__func__)


def _is_provided(function: object) -> bool:
    return _native.extension is not None and bool(_native.extension.provides(function))


def _is_part_of_extension(module: ModuleType) -> bool:
    if _native.extension is None:
        return False
    parts = vars(_native.extension).values()
    return module is _native.extension or any(module is part for part in parts)


def _is_ours(value: object) -> bool:
    if isinstance(value, type):
        return _is_our_class(value)
    function = _function(value)
    return function is not None and function.__code__.co_filename.startswith(PACKAGE)


def _is_our_class(value: type) -> bool:
    functions = [f for f in map(_function, vars(value).values()) if f is not None]
    if functions:
        return any(f.__code__.co_filename.startswith(PACKAGE) for f in functions)
    # A class without code, such as an exception, has nothing but who holds it.
    room = sys.modules.get(f"threeply.{value.__module__.removeprefix('threeply.')}")
    if not isinstance(room, _room.Room):
        return value.__module__.startswith("threeply.")
    state = _room.state_of(room)
    held = any(value is ours for ours in state.ours.values())
    return held and all(value is not known for known in vars(state.standard).values())


def _function(value: object) -> FunctionType | None:
    """Finds the Python function in or under a descriptor, a bound method, a wrapper.

    What a decorator has wrapped counts, and not the decorator: a standard function
    does not become ours by being wrapped.
    """
    while not isinstance(value, FunctionType):
        if isinstance(value, property):
            value = value.fget
        elif isinstance(value, staticmethod | classmethod | MethodType):
            value = value.__func__
        elif isinstance(value, cached_property | partial):
            value = value.func
        else:
            return None
    unwrapped = inspect.unwrap(value)
    return unwrapped if isinstance(unwrapped, FunctionType) else None
