"""The room of `signal`: events that processes send to each other."""

from __future__ import annotations

from threeply import _native, _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signal import *  # noqa: F403
    from typing import Any

    from threeply.signal._declared import (
        Receiver as Receiver,
        add_handler as add_handler,
        receive as receive,
        remove_handler as remove_handler,
    )

stdlib_signal = _stdlib.module("signal")
ours: dict[str, Any] = {}
if _native.extension is not None:
    from threeply.signal import _handlers, _receive

    native = _native.extension.signal
    functions = native.functions(stdlib_signal)
    relay = functions.pop("_relay")
    ours.update(functions)
    ours.update(_handlers.functions(stdlib_signal, relay))
    ours["Receiver"], ours["receive"] = _receive.receiving(native, stdlib_signal)

_room.open_room("threeply.signal", stdlib_signal, ours)
