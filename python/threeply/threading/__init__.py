"""The room of `threading`: threads that share one process's memory."""

from __future__ import annotations

import atexit

from threeply import _native, _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    # Before the star, whose names take no other's place.
    from threeply.threading._declared import (
        Interrupted as Interrupted,
        Thread as Thread,
        Timer as Timer,
    )
if TYPE_CHECKING:
    from threading import *  # type: ignore[assignment]  # noqa: F403
    from typing import Any

    from threeply._threeply.threading import RWLock as RWLock

stdlib_threading = _stdlib.module("threading")
ours: dict[str, Any] = {}
if _native.extension is not None:
    from threeply.threading import (
        _iterators,
        _registry,
        _thread,
        _timer,
        _tracing,
    )

    parts = _native.extension.threading
    # DIFFERENCE: A native wait has no frame of the module.
    ours.update(parts.types(stdlib_threading))
    ours.update(_iterators.names(stdlib_threading, ours["RLock"]))
    ours.update(_tracing.names(stdlib_threading))
    thread = _thread.thread_type(stdlib_threading, parts, globals())
    ours["Thread"] = thread
    ours["Timer"] = _timer.timer_type(stdlib_threading, thread, globals())
    ours.update(_registry.types(stdlib_threading, thread))
    names = ("Thread", "Timer", "_MainThread", "_DummyThread")
    atexit.register(_registry.finish_starts, stdlib_threading)
    _registry.adopt(stdlib_threading, parts, {name: ours[name] for name in names})
    ours["Interrupted"] = _thread.Interrupted
    _thread.Interrupted.__module__ = "threeply.threading"
    ours["RWLock"] = parts.RWLock

through = [name for name in ("_MainThread", "_DummyThread") if name in ours]
_room.open_room("threeply.threading", stdlib_threading, ours, through=through)
