"""Calls that no worker will make any more, and their futures.

They are taken out of the queue of a pool, so that no worker comes to tell who waits for
several of them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future
    from typing import Any

# DIFFERENCE: Whoever waits for a call that no pool will make is told


def cancel(futures: Iterable[Future[Any]]) -> None:
    """Cancels the calls.

    Raises:
        BaseException: What a callback raised that is no `Exception`, of the first one that
            did. All are cancelled nevertheless.
    """

    def cancel_one(future: Future[Any]) -> None:
        if future.cancel():
            future.set_running_or_notify_cancel()

    _for_each(futures, cancel_one)


def fail(
    futures: Iterable[Future[Any]], make_exception: Callable[[], BaseException]
) -> None:
    """Has the calls fail, but for those that were cancelled.

    Args:
        futures: Their futures.
        make_exception: Called for each one.

    Raises:
        BaseException: As `cancel` does.
    """

    def fail_one(future: Future[Any]) -> None:
        if future.set_running_or_notify_cancel():
            future.set_exception(make_exception())

    _for_each(futures, fail_one)


def _for_each(
    futures: Iterable[Future[Any]], act: Callable[[Future[Any]], None]
) -> None:
    first = None
    for future in futures:
        try:
            act(future)
        except BaseException as raised:
            if first is None:
                first = raised
    if first is not None:
        try:
            raise first
        finally:
            # Its traceback has this frame.
            first = None
