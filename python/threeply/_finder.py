"""The meta-path finder that `install()` puts first.

It answers for two kinds of names: the standard names that have a room, once
threeply is installed; and, always, for what is below a room (`threeply.asyncio.events`
is the standard submodule itself).
"""

from __future__ import annotations

import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import PathFinder

from threeply import _green, _lazy, _room, _stdlib
from threeply._install import ROOMS, installed
from threeply._stdlib import import_module, unseen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader
    from types import ModuleType
else:
    Loader = object

_PACKAGE = "threeply."


class RoomFinder:
    """Finds rooms by their standard names, and modules below rooms."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Returns a spec if the name is a room's or below a room."""
        if fullname.startswith(_PACKAGE):
            return _below(fullname)
        if not installed() or fullname in _stdlib.searching:
            return None
        if fullname == _green.EVENTS:
            return _events(path)
        if fullname not in ROOMS or _is_loading(fullname.rpartition(".")[0]):
            return None
        if _green.wants_standard(sys._getframe(1)):
            return None
        standard = _stdlib.find(fullname, path, target)
        return None if standard is None else _room_spec(standard)


class RoomLoader(Loader):
    """Opens a room in place of a standard module.

    Whatever else runpy, inspect and others ask of a loader, the standard module's
    answers.
    """

    def __init__(self, standard: ModuleSpec) -> None:
        self._standard = standard
        self._opened: ModuleType | None = None

    @unseen
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Returns the room, over the standard module newly executed."""
        _stdlib.load(self._standard)
        try:
            self._opened = _open(_PACKAGE + spec.name)
        except BaseException:
            sys.modules.pop(spec.name, None)
            raise
        return self._opened

    def exec_module(self, module: ModuleType) -> None:
        """Takes back what importlib wrote; executes anew for `importlib.reload`."""
        assert isinstance(module, _room.Room)
        try:
            if module is not self._opened:
                _execute_again(module, self._standard)
        finally:
            _room.wear(module)

    def __getattr__(self, name: str) -> object:
        """Asks the standard module's loader."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._standard.loader, name)


class SameLoader(Loader):
    """Gives a standard submodule a second name below a room."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Returns the standard submodule itself."""
        module = import_module(self._name)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Takes back what importlib wrote."""
        module.__spec__ = self._spec


FINDER = RoomFinder()


def put_last() -> None:
    """Sees to it that names below rooms are found."""
    _lazy.resolve(__name__)
    if FINDER not in sys.meta_path:
        sys.meta_path.append(FINDER)


def put_first() -> None:
    """Sees to it that rooms are found by their standard names."""
    _lazy.resolve(__name__)
    if FINDER in sys.meta_path:
        sys.meta_path.remove(FINDER)
    sys.meta_path.insert(0, FINDER)


def replace_loaded() -> None:
    """Puts rooms in place of the standard modules that are loaded already."""
    if _green.EVENTS in sys.modules:
        _green.subscribe(sys.modules[_green.EVENTS])
    for name in ROOMS:
        loaded = sys.modules.get(name)
        if loaded is None or not _stdlib.is_standard(name, loaded.__spec__):
            continue
        home = _PACKAGE + name
        if home in sys.modules:
            _room.settle(sys.modules[home])
        else:
            import_module(home)


def _is_loading(parent: str) -> bool:
    """Tells whether a standard package imports its own submodule while it executes.

    Its room opens those that are rooms, once it has.
    """
    return parent in ROOMS and not isinstance(sys.modules.get(parent), _room.Room)


def _room_spec(standard: ModuleSpec) -> ModuleSpec:
    spec = ModuleSpec(standard.name, RoomLoader(standard), origin=standard.origin)
    spec.submodule_search_locations = standard.submodule_search_locations
    spec.cached = standard.cached
    spec.has_location = standard.has_location
    return spec


def _open(home: str) -> ModuleType:
    """Opens a room for the first time, or a fresh one beside the first."""
    if home not in sys.modules:
        return import_module(home)
    # Somebody took the standard name out of sys.modules to get a fresh copy
    # (test.support.import_helper.import_fresh_module). The first room stays the
    # one of this name.
    below = [name for name in sys.modules if f"{name}.".startswith(f"{home}.")]
    kept = {name: sys.modules.pop(name) for name in below}
    try:
        return import_module(home)
    finally:
        for name in list(sys.modules):
            if f"{name}.".startswith(f"{home}."):
                del sys.modules[name]
        sys.modules.update(kept)
        parent, _, leaf = home.rpartition(".")
        vars(sys.modules[parent])[leaf] = kept[home]


def _execute_again(room: _room.Room, standard: ModuleSpec) -> None:
    """Executes the standard module and then the room's file, as a reload does."""
    state = _room.state_of(room)
    home = state.home["__spec__"]
    assert isinstance(home, ModuleSpec)
    assert home.loader is not None
    assert standard.loader is not None
    sys.modules[standard.name] = state.standard
    try:
        standard.loader.exec_module(state.standard)
    finally:
        sys.modules[standard.name] = room
    _room.undress(room)
    home.loader.exec_module(room)


def _events(path: Sequence[str] | None) -> ModuleSpec | None:
    """Finds gevent's events, to be subscribed to."""
    spec = _stdlib.find_any(_green.EVENTS, path)
    if spec is not None and spec.loader is not None:
        spec.loader = _green.EventsLoader(spec.loader)
    return spec


def _below(fullname: str) -> ModuleSpec | None:
    """Finds a module below a room: ours, or the standard submodule."""
    parent, _, leaf = fullname.rpartition(".")
    room = sys.modules.get(parent)
    if not isinstance(room, _room.Room):
        return None
    path = _room.state_of(room).home.get("__path__")
    ours = PathFinder.find_spec(fullname, path)  # type: ignore[arg-type]
    if ours is not None:
        return ours
    # Imported here: it costs more than all of `install()`.
    from importlib.util import find_spec

    name = f"{parent.removeprefix(_PACKAGE)}.{leaf}"
    standard = find_spec(name)
    if standard is None:
        return None
    return ModuleSpec(fullname, SameLoader(name), origin=standard.origin)
