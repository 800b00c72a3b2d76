"""Waiting in a coroutine until a descriptor can be read from."""

from __future__ import annotations

import os


async def readable(descriptor: int) -> None:
    """Waits until the descriptor can be read from, or is at its end.

    The loop knows one waiter for each descriptor: where there may be several, each needs
    a copy.

    Args:
        descriptor: Is closed at the end.

    Raises:
        RuntimeError: No event loop runs.
        OSError: The descriptor is not open, or cannot be watched.
    """
    import asyncio as stdlib_asyncio

    def tell() -> None:
        if not ready.done():
            ready.set_result(None)

    try:
        loop = stdlib_asyncio.get_running_loop()
        ready = loop.create_future()
        loop.add_reader(descriptor, tell)
        try:
            await ready
        finally:
            loop.remove_reader(descriptor)
    finally:
        os.close(descriptor)
