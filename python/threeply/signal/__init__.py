"""The room of `signal`: events that processes send to each other."""

from __future__ import annotations

from threeply import _native, _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signal import *  # noqa: F403
    from typing import Any

stdlib_signal = _stdlib.module("signal")
ours: dict[str, Any] = {}
if _native.extension is not None:
    from threeply.signal import _receive

    native = _native.extension.signal
    ours.update(native.functions(stdlib_signal))
    ours["Receiver"], ours["receive"] = _receive.receiving(native, stdlib_signal)

_room.open_room("threeply.signal", stdlib_signal, ours)
