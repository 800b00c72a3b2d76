"""Workers whose outcome can be asked for and whose sleep can be seen.

A test must not guess how long another thread takes to fall asleep. Linux knows:
`/proc/self/task/<tid>/status` tells whether a thread sleeps and counts how often
it went to sleep. A thread that waits for the GIL sleeps too, but wakes at least
once in a switch interval; so a thread whose counts stand still for several
intervals, while the observer lets go of the GIL, is blocked in a call.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

# No call in these tests may take longer. It decides no test that passes.
PATIENCE = 30.0

_QUIET_INTERVALS = 3
_started: list["Worker"] = []


class Worker:
    """A daemon thread that runs one call and keeps what came of it."""

    def __init__(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self._call = call
        self._args = args
        self._kwargs = kwargs
        self._value: Any = None
        self._error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        _started.append(self)
        self.thread.start()

    def _run(self) -> None:
        try:
            self._value = self._call(*self._args, **self._kwargs)
        except BaseException as error:
            self._error = error
        finally:
            # What the call was given dies with the call, not with the worker.
            del self._call, self._args, self._kwargs

    @property
    def running(self) -> bool:
        return self.thread.is_alive()

    def blocked(self) -> "Worker":
        """Returns once the thread is asleep in its call."""
        native = self.thread.native_id
        assert native is not None
        if not wait_until_asleep(native):
            raise AssertionError(f"the call ended instead of blocking: {self.outcome}")
        return self

    @property
    def outcome(self) -> Any:
        return self._error if self._error is not None else self._value

    def result(self, timeout: float = PATIENCE) -> Any:
        """Joins the thread; returns what its call returned or raises what it raised."""
        self.thread.join(timeout)
        if self.thread.is_alive():
            raise AssertionError(f"still running after {timeout} s")
        if self._error is not None:
            raise self._error
        return self._value


def blocked(count: int, call: Callable[..., Any], *args: Any) -> list[Worker]:
    """Starts `count` workers, each asleep in the call before the next starts."""
    return [Worker(call, *args).blocked() for _ in range(count)]


def finish(workers: list[Worker]) -> list[Any]:
    return [worker.result() for worker in workers]


def finished_of(workers: list[Worker], count: int) -> list[Worker]:
    """Returns once exactly `count` workers ended and the others sleep."""
    wait_until(lambda: sum(not worker.running for worker in workers) >= count)
    for worker in workers:
        if worker.running:
            wait_until_asleep(worker.thread.native_id or 0)
    ended = [worker for worker in workers if not worker.running]
    assert len(ended) == count, f"{len(ended)} ended, not {count}"
    return ended


def could_start(thread: Any) -> bool:
    """Starts a thread. False when the interpreter ends and starts none any more."""
    try:
        thread.start()
    except RuntimeError as error:
        if "shutdown" not in str(error):
            raise
        return False
    return True


def wait_until(condition: Callable[[], object], timeout: float = PATIENCE) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not so after {timeout} s: {condition}")
        time.sleep(0.0005)


def wait_until_asleep(
    native_id: int, timeout: float = PATIENCE, of_process: int | None = None
) -> bool:
    """Waits until the thread is blocked. False when it ended instead."""
    quiet = _QUIET_INTERVALS * sys.getswitchinterval()
    deadline = time.monotonic() + timeout
    seen: tuple[str, ...] | None = None
    since = time.monotonic()
    while time.monotonic() < deadline:
        look = _look_at(of_process or "self", native_id)
        now = time.monotonic()
        if look is None:
            return False
        if look != seen or look[0] != "S":
            seen, since = look, now
        elif now - since >= quiet:
            return True
        time.sleep(quiet / 6)
    raise AssertionError(f"thread {native_id} did not fall asleep within {timeout} s")


def _look_at(process: int | str, native_id: int) -> tuple[str, ...] | None:
    """The thread's state and how often it was switched away from."""
    try:
        with open(f"/proc/{process}/task/{native_id}/status") as status:
            fields = dict(line.split(":", 1) for line in status)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return (
        fields["State"].split()[0],
        fields["voluntary_ctxt_switches"].strip(),
        fields["nonvoluntary_ctxt_switches"].strip(),
    )


@contextlib.contextmanager
def no_worker_left() -> Iterator[None]:
    """Fails when a worker started inside is alive at the end."""
    _started.clear()
    yield
    for worker in _started:
        worker.thread.join(PATIENCE)
    left = [worker.thread.name for worker in _started if worker.running]
    _started.clear()
    assert not left, f"threads left blocked: {left}"
