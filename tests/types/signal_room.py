"""What a type checker makes of `threeply.signal`. Nobody runs this; mypy reads it."""

from signal import SIGTERM, struct_siginfo
from types import FrameType
from typing import assert_type

from threeply import signal


def handle(signalnum: int, frame: FrameType | None) -> None:
    """A handler."""


def handlers() -> None:
    signal.signal(SIGTERM, handle)
    signal.add_handler(SIGTERM, handle)
    assert_type(signal.remove_handler(SIGTERM, handle), bool)
    signal.add_handler(SIGTERM, 3)  # type: ignore[arg-type]


async def receivers() -> None:
    with signal.receive(SIGTERM) as received:
        assert_type(received.get(timeout=1.5), struct_siginfo | None)
        for info in received:
            assert_type(info, struct_siginfo)
        async for info in received:
            assert_type(info, struct_siginfo)
