"""An open future: one whose inside somebody has touched.

A native future keeps its state in the engine. When somebody asks for `_condition`,
`_waiters` or `_done_callbacks`, or writes an attribute, its state moves into its own
dictionary, and from then on each operation is the standard class's own: it takes the
condition first, so that `with future._condition:` holds everybody back.

Source: CPython Lib/concurrent/futures/_base.py, class Future.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, TypeAlias

    Open: TypeAlias = Any
    """A future that is open: it has the attributes of a standard one."""

STATES = ("PENDING", "RUNNING", "CANCELLED", "CANCELLED_AND_NOTIFIED", "FINISHED")


class OpenFuture:
    """What futures of one room do in Python, and the names that they need.

    The extension calls these methods with the future as the first argument.

    Args:
        base: The standard `concurrent.futures._base` under the room.
    """

    def __init__(self, base: ModuleType) -> None:
        self.base = base
        self.CancelledError = base.CancelledError
        self.TimeoutError = base.TimeoutError
        for state in STATES:
            setattr(self, state, getattr(base, state))

    def open_up(self, future: Open) -> None:
        """Opens a future, or waits until the thread that does so is through."""
        own = future.__dict__
        # `setdefault` is atomic: all threads that get here meet at one condition.
        condition = own.setdefault("_condition", self.base.threading.Condition())
        with condition:
            handed_over = future._hand_over()
            if handed_over is None:
                return
            state, result, exception, callbacks, waiters = handed_over
            own.update(_result=result, _exception=exception)
            own.update(_waiters=waiters, _done_callbacks=callbacks, _state=state)

    def log_callback(self, future: Open, exception: BaseException) -> None:
        """Logs what a callback raised."""
        self.base.LOGGER.error(
            "exception calling callback for %r", future, exc_info=exception
        )

    def log_state(self, future: Open) -> None:
        """Logs that a future cannot be started."""
        state = future._state
        self.base.LOGGER.critical(
            "Future %s in unexpected state: %s", id(future), state
        )

    def invalid_state(self, future: Open) -> Exception:
        """Makes the error of a future that cannot be finished."""
        error: Exception = self.base.InvalidStateError(f"{future._state}: {future!r}")
        return error

    def repr(self, future: Open) -> str:
        """Describes a future as the standard class does."""
        state = future._state
        described = self.base._STATE_TO_DESCRIPTION_MAP[state]
        if state == self.base.FINISHED:
            if future._exception is not None:
                described += f" raised {type(future._exception).__name__}"
            else:
                described += f" returned {type(future._result).__name__}"
        return f"<{type(future).__name__} at {id(future):#x} state={described}>"
