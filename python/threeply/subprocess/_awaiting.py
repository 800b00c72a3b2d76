"""Waiting for a child's end in a coroutine."""

from __future__ import annotations

from threeply._readable import readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from threeply.subprocess._child import Child


async def ended(child: Child) -> int:
    """Waits until the child has ended, while the event loop goes on.

    Returns:
        The return code.
    """
    while (returncode := child.poll()) is None:
        pidfd = None if child._process is None else child._process.open_pidfd()
        if pidfd is None:
            # The kernel has no handle to watch, or the child has just ended: a thread waits.
            import asyncio as stdlib_asyncio

            return await stdlib_asyncio.to_thread(child.wait)
        await readable(pidfd)
    return returncode
