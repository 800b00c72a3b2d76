"""Green threads: why threeply refuses gevent's and eventlet's monkey-patching.

They put functions that switch green threads into the standard modules. The rooms wait
for real threads, and would hold up all green ones: so patching before `install()` makes
that fail, and patching after it fails itself. gevent asks its subscribers before it
patches the first module, and an error of ours ends that; eventlet asks nobody, but
writes to a room. What eventlet imports for itself (`eventlet.green.threading`) is left
to the standard modules.

DIFFERENCE: gevent and eventlet cannot monkey-patch

Source: gevent.events, "Exceptions raised by subscribers will be propagated".
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import FrameType, ModuleType
else:
    Loader = object

EVENTS = "gevent.events"
"""The module by which gevent tells its subscribers."""

_REGISTERS = (
    ("gevent", "gevent.monkey", "saved"),
    ("eventlet", "eventlet.patcher", "already_patched"),
)
"""A library, its patching module, and where that notes what it has patched."""


def refuse_patched() -> None:
    """Refuses to install if the standard modules are monkey-patched.

    Raises:
        RuntimeError: They are.
    """
    for library, patcher, register in _REGISTERS:
        patched = getattr(sys.modules.get(patcher), register, None)
        if patched:
            raise _refusal(library, f"patched: {', '.join(sorted(patched))}")


def refuse_patch(room: str, frame: FrameType) -> None:
    """Refuses a write to a room that eventlet makes.

    Args:
        room: The room's name.
        frame: Where the write comes from.

    Raises:
        RuntimeError: It comes from eventlet's patcher.
    """
    if _is_in(frame, "eventlet.patcher"):
        raise _refusal("eventlet", f"about to patch: {room}")


def subscribe(events: ModuleType) -> None:
    """Has gevent refuse to patch.

    Args:
        events: gevent's module `gevent.events`.
    """

    def refuse(event: object) -> None:
        if isinstance(event, events.GeventWillPatchEvent):
            raise _refusal("gevent", "about to patch")

    events.subscribers.append(refuse)


class EventsLoader(Loader):
    """Loads `gevent.events` and subscribes to them."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leaves it to the real loader."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Executes the module, as one that the real loader has loaded."""
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        subscribe(module)


def wants_standard(frame: FrameType | None) -> bool:
    """Tells whether eventlet imports a copy that it makes green."""
    if "eventlet.patcher" not in sys.modules:
        return False
    while frame is not None and not _is_in(frame, "eventlet.patcher"):
        frame = frame.f_back
    return frame is not None


def _is_in(frame: FrameType, module: str) -> bool:
    name = str(frame.f_globals.get("__name__"))
    return f"{name}.".startswith(f"{module}.")


def _refusal(library: str, what: str) -> RuntimeError:
    return RuntimeError(
        f"threeply cannot stand beside {library}'s monkey-patching ({what}): {library} "
        "switches green threads inside the standard modules, and threeply's rooms wait "
        "for real ones; run this program without threeply"
    )
