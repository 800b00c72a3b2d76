"""`Room`, the module type of every room.

A room stands in front of one standard module. It has names of its own, which are
*ours*, and every name of the standard module. Those it copies when it opens, so that
reading one costs little; writing or deleting one does both, so that
`threading.excepthook = f`, and a test that patches a private name, reach the code
that reads it. The few that change in the standard module are read from there.

A room's file builds nothing but the mapping of our names and ends by `open_room`;
what else it has in its namespace by then is swept away.
"""

from __future__ import annotations

import sys

from threeply import _green, _lazy
from threeply._install import installed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import ModuleType
else:
    ModuleType = type(sys)

STATE = "__room__"
"""Where a room keeps its `State`; `dir()` does not list it."""

IDENTITY = (
    "__name__",
    "__package__",
    "__spec__",
    "__loader__",
    "__path__",
    "__file__",
    "__cached__",
    "__doc__",
)
"""What tells modules apart: ours when imported, the standard ones when installed."""

_STRUCTURAL = frozenset(
    (*IDENTITY, STATE, "__builtins__", "__class__", "__dir__", "__getattr__")
)

_LIVE = frozenset(
    (
        "InterpreterPoolExecutor",
        "ProcessPoolExecutor",
        "ThreadPoolExecutor",
        "_SHUTTING_DOWN",
        "_active_limbo_lock",
        "_exiting",
        "_log_to_stderr",
        "_logger",
        "_main_thread",
        "_profile_hook",
        "_shutdown",
        "_shutdown_locks",
        "_shutdown_locks_lock",
        "_trace_hook",
        "excepthook",
    )
)
"""Names that change in the standard modules: always read from there.

Those that their own functions assign, and the hook that programs do.
"""


class State:
    """What a room knows of itself."""

    __slots__ = (
        "also",
        "beneath",
        "home",
        "installed",
        "ours",
        "standard",
        "through",
    )

    def __init__(
        self,
        standard: ModuleType,
        home: Mapping[str, object],
        ours: Mapping[str, object],
        through: Iterable[str],
        also: ModuleType | None,
    ) -> None:
        known = vars(standard)
        self.also = also
        self.through = tuple(through)
        self.standard = standard
        self.home = dict(home)
        self.ours = dict(ours)
        self.installed = False
        # What the standard module has under our names while nobody patches them.
        self.beneath = {name: known[name] for name in ours if name in known}
        self.beneath.update({name: ours[name] for name in self.through})

    def write_also(self) -> None:
        """Writes our names to a module that has copies of the standard ones.

        A lazy import (Python 3.15) that nobody has asked for is no copy: it will find
        the room by itself.
        """
        if self.also is None:
            return
        known, copied = vars(self.standard), vars(self.also)
        for name, value in self.ours.items():
            if name in copied and copied[name] is known.get(name):
                setattr(self.also, name, value)

    def write_beneath(self, name: str, value: object) -> None:
        """Writes one of our names to the standard module.

        Writing our own object, as a patch does that is taken back, restores what
        the standard module had.
        """
        if value is not self.ours[name]:
            setattr(self.standard, name, value)
        elif name in self.beneath:
            setattr(self.standard, name, self.beneath[name])
        else:
            vars(self.standard).pop(name, None)


class Room(ModuleType):
    """A module in front of a standard module."""

    # DIFFERENCE: A room is of a subclass of the module type

    def __setattr__(self, name: str, value: object) -> None:
        """Writes to the room, to the standard module, or to both."""
        state = state_of(self)
        if state.installed:
            _green.refuse_patch(self.__name__, sys._getframe(1))
        if name in _STRUCTURAL or _is_part(value):
            super().__setattr__(name, value)
        elif name in state.ours:
            super().__setattr__(name, value)
            if state.installed:
                state.write_beneath(name, value)
        else:
            setattr(state.standard, name, value)
            if name not in _LIVE:
                super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        """Deletes from wherever a write would have gone."""
        state = state_of(self)
        if name in _STRUCTURAL:
            super().__delattr__(name)
        elif name in state.ours:
            super().__delattr__(name)
            if state.installed:
                vars(state.standard).pop(name, None)
        else:
            vars(self).pop(name, None)
            delattr(state.standard, name)

    def __dir__(self) -> list[str]:
        """Lists what the standard module lists, and our names."""
        state = state_of(self)
        return sorted({*dir(state.standard), *state.ours})

    def __reduce__(self) -> tuple[Callable[[str], ModuleType], tuple[str]]:
        """Pickles by name.

        Plain modules do not pickle, but cloudpickle makes them by their exact type,
        which a room's is not.
        """
        # DIFFERENCE: A room pickles by name
        from importlib import import_module

        return import_module, (self.__name__,)


def state_of(room: Room) -> State:
    """Returns what a room knows of itself."""
    state: State = vars(room)[STATE]
    return state


def open_room(
    home: str,
    standard: ModuleType,
    ours: Mapping[str, object],
    *,
    through: Iterable[str] = (),
    also: ModuleType | None = None,
    below: Sequence[str] = (),
    late: Mapping[str, str] | None = None,
) -> None:
    """Makes the module named `home`, as its last act, a room.

    Args:
        home: The room's name, `threeply.` and the standard module's.
        standard: The standard module.
        ours: Our names. They may be new or stand for standard ones.
        through: Those of our names that, once installed, replace the standard ones
            in the standard module too.
        also: A module that, once installed, has our names in the place of those that it
            has copied from the standard module.
        below: Submodules that are rooms too.
        late: Names that come from such a submodule when they are asked for, by name.
    """
    _lazy.resolve(home)
    room = sys.modules[home]
    own = dict(vars(room))
    identity = {name: own[name] for name in IDENTITY if name in own}
    names = {**_exported(standard, ours), **ours}
    state = State(standard, identity, names, through, also)
    for name, value in own.items():
        if name not in _STRUCTURAL and not _is_part(value):
            del vars(room)[name]
    vars(room).update(_copies(standard, below))
    vars(room).update(state.ours)
    vars(room)["__getattr__"] = _reader(home, standard, below, late or {})
    vars(room)[STATE] = state
    room.__class__ = Room
    if installed():
        settle(room)
    else:
        # Imported here, since the finder and the standard modules need rooms.
        from threeply import _finder

        _finder.put_last()


def settle(room: ModuleType) -> None:
    """Puts a room in place of its standard module, under the standard names."""
    assert isinstance(room, Room)
    state = state_of(room)
    state.installed = True
    wear(room)
    # Straight to C: no frame of ours in a traceback, and the standard message.
    vars(room)["__getattr__"] = state.standard.__getattribute__
    name = state.standard.__name__
    for value in state.ours.values():
        if str(getattr(value, "__module__", "")).startswith("threeply."):
            value.__module__ = name
    for ours in state.through:
        state.write_beneath(ours, state.ours[ours])
    state.write_also()
    sys.modules[name] = room
    # At the end of the program the interpreter empties what is in here, and only
    # then do objects die that a program has put on a module.
    sys.modules.setdefault(f"threeply._standard.{name}", state.standard)
    parent, _, leaf = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], leaf, room)


def wear(room: Room) -> None:
    """Gives an installed room the identity of its standard module."""
    _identify(room, vars(state_of(room).standard))


def undress(room: Room) -> None:
    """Gives a room its own identity, as its file needs to execute."""
    _identify(room, state_of(room).home)


def _identify(room: Room, source: Mapping[str, object]) -> None:
    own = vars(room)
    for name in IDENTITY:
        if name in source:
            own[name] = source[name]
        else:
            own.pop(name, None)


def _reader(
    home: str, standard: ModuleType, below: Sequence[str], late: Mapping[str, str]
) -> Callable[[str], object]:
    """Makes the `__getattr__` of a room that is imported only.

    The standard module has the standard submodule; the room has the room.
    """

    def read(name: str) -> object:
        # Imported here, since the standard modules need rooms.
        from threeply._stdlib import import_module

        if name in late:
            return getattr(import_module(f"{home}.{late[name]}"), name)
        if name in below:
            return import_module(f"{home}.{name}")
        return getattr(standard, name)

    return read if below or late else standard.__getattribute__


def _exported(standard: ModuleType, ours: Mapping[str, object]) -> dict[str, object]:
    """Returns the room's `__all__`, of the same type, if the module has one.

    A name that is new is exported; one that stands for a standard name is if that is.
    """
    listed = getattr(standard, "__all__", None)
    if listed is None:
        return {}
    known = vars(standard)
    more = [name for name in ours if name not in known and not name.startswith("_")]
    return {"__all__": type(listed)((*listed, *more))}


def _copies(standard: ModuleType, below: Sequence[str]) -> dict[str, object]:
    """Returns what a room keeps of the standard module, to read it fast."""
    # DIFFERENCE: Writes to a standard module held before do not show in its room
    return {
        name: value
        for name, value in vars(standard).items()
        if name not in _STRUCTURAL and name not in _LIVE and name not in below
    }


def _is_part(value: object) -> bool:
    """Tells whether a value is one of threeply's own modules, under its own name."""
    return isinstance(value, ModuleType) and value.__name__.startswith("threeply.")
