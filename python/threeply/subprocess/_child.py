"""`Child`: what `Popen` knows of its process, until the end is known and after.

The engine waits for it, signals it and kills it; here are the attributes, exceptions and
warnings of the standard class.

Source: CPython Lib/subprocess.py, class Popen.
"""

from __future__ import annotations

import contextlib
import sys
import types
import warnings
from time import monotonic

from threeply import _stdlib
from threeply._threeply import seconds
from threeply.subprocess import _awaiting

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess as stdlib_subprocess
    from collections.abc import Callable, Generator
    from resource import struct_rusage
    from typing import Any, SupportsFloat, SupportsIndex

    from threeply._threeply import subprocess as native

    Standard = stdlib_subprocess.Popen[Any]
else:
    stdlib_subprocess = _stdlib.module("subprocess")
    Standard = stdlib_subprocess.Popen

TimeoutExpired = stdlib_subprocess.TimeoutExpired
signal = stdlib_subprocess.signal  # type: ignore[attr-defined]

WAIT_PIDFD = getattr(Standard, "_wait_pidfd", None)
"""The standard class's wait for a pidfd, new in Python 3.15."""

SECONDS_TO_DIE = 1.0
"""How long a child that was killed is waited for: it may be deep in the kernel."""

SECONDS_AFTER_CTRL_C = 0.25
"""How long an interrupted wait goes on, since the child got the Ctrl-C as well."""


class Child(Standard):
    """The process side of `Popen`, which documents it."""

    _native: type[native.Process]

    _child_created = False
    _process: native.Process | None = None
    _sigint_wait_secs = SECONDS_AFTER_CTRL_C

    def __repr__(self) -> str:
        """Returns a short description: the return code, and the start of the arguments."""
        text = (
            f"<{self.__class__.__name__}: "
            f"returncode: {self.returncode} args: {self.args!r}>"
        )
        return text if len(text) <= 80 else text[:76] + "...>"

    def __class_getitem__(cls, item: object) -> types.GenericAlias:
        """Returns the generic alias `Popen[item]`, for annotations."""
        return types.GenericAlias(cls, item)

    def __del__(
        self,
        _maxsize: int = sys.maxsize,
        _warn: Callable[..., None] = warnings.warn,
        _standard: Any = stdlib_subprocess,  # noqa: ANN401
    ) -> None:
        """Warns of a child that may run on, and sees to it that it is reaped some day."""
        if not self._child_created:
            return
        if self.returncode is None:
            message = f"subprocess {self.pid} is still running"
            _warn(message, ResourceWarning, source=self)
        self._internal_poll(_deadstate=_maxsize)
        if self.returncode is None and _standard._active is not None:
            _standard._active.append(self)

    def poll(self) -> int | None:
        """Returns the return code if the child has ended, else None. Never waits."""
        return self._internal_poll()

    def wait(self, timeout: float | None = None) -> int:
        """Waits until the child has ended.

        The wait ends then, when `timeout` has passed, by Ctrl-C or another handler that
        raises (in the main thread), and by `Thread.interrupt`. Nothing polls: it returns
        as soon as the child has ended. A child that fills a pipe that nobody reads does
        not end; `communicate` reads them.

        Args:
            timeout: The most seconds to wait, any real number; None waits for ever.

        Returns:
            The return code.

        Raises:
            TimeoutExpired: The time has passed. The child runs on.
            TypeError: `timeout` is no number.
            ValueError: `timeout` is NaN.

        Source: CPython Lib/subprocess.py, Popen.wait; pidfd_open(2).
        """
        endtime = end(timeout)
        try:
            return self._wait(timeout=timeout)
        except KeyboardInterrupt:
            self._wait_after_ctrl_c(endtime)
            raise

    def send_signal(self, sig: int) -> None:
        """Sends a signal to the child. Does nothing if it has ended.

        It never hits another process, whoever has the child's number by now.

        Raises:
            OSError: There is no such signal, or the child may not be signalled.
        """
        self.poll()
        if self.returncode is None and self._process is not None:
            self._process.send_signal(sig)

    def terminate(self) -> None:
        """Asks the child to end: sends SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the child: sends SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def kill_tree(self) -> None:
        """Kills the child and everything that it started.

        Of a child with `own_tree` that is all that is in its cgroup, or else in its
        session's processes and their children; of another one its process group, if it
        leads one, and its children's children. What has left all of these (a daemon)
        escapes. Each process is stopped before its children are listed, and named by a
        handle: no other process is hit.

        It returns when all of them have ended, but for the child itself, which is to be
        waited for; or after a second.

        Raises:
            OSError: Something could not be killed; everything else was.

        Source: cgroups(7), proc_pid_stat(5), pidfd_open(2).
        """
        if self._process is not None:
            self._process.kill_tree()

    def resource_usage(self) -> struct_rusage | None:
        """Returns what the child used of the processor, memory and disks.

        It is what the kernel told with the child's status: of the child, and of those of
        its own children that it had waited for. `ru_maxrss` is in KiB, and never less
        than what this process had when it started the child.

            >>> from threeply.subprocess import Popen
            >>> child = Popen(["true"])
            >>> child.wait()
            0
            >>> child.resource_usage().ru_utime < 10
            True

        Returns:
            A `resource.struct_rusage`, with times in seconds; None before the child's end
            is known, and where somebody else took its status.

        Source: getrusage(2).
        """
        usage = None if self._process is None else self._process.resource_usage()
        if usage is None:
            return None
        from resource import struct_rusage

        return struct_rusage(usage)

    def __await__(self) -> Generator[Any, None, int]:
        """Waits for the child's end in a coroutine: `await child` is the return code.

        The event loop goes on meanwhile; it watches the child's pidfd. Cancelling the
        wait leaves the child alone.

            >>> import asyncio
            >>> from threeply.subprocess import Popen
            >>> async def main():
            ...     return await asyncio.wait_for(Popen(["sh", "-c", "exit 3"]), timeout=10)
            >>> asyncio.run(main())
            3

        Raises:
            RuntimeError: No event loop runs.
        """
        return _awaiting.ended(self).__await__()

    # Hooks: programs and tests override them, in the standard shape.

    def _internal_poll(self, _deadstate: int | None = None) -> int | None:
        """Looks whether the child has ended. Uses no global name: `__del__` calls it."""
        if self.returncode is None and self._process is not None:
            self.returncode = self._process.poll()
        return self.returncode

    def _wait(self, timeout: float | None) -> int:
        """Waits, whatever Ctrl-C means."""
        if self.returncode is None:
            if self._process is None:
                raise RuntimeError("the child was not started")
            endtime = None
            if timeout is not None and self._waits_otherwise():
                endtime = end(timeout)
                if self._wait_pidfd(timeout):  # type: ignore[attr-defined]
                    self._internal_poll()
            if self.returncode is None:
                left = timeout if endtime is None else remaining(endtime)
                self.returncode = self._process.wait(left)
            if self.returncode is None:
                raise TimeoutExpired(self.args, timeout)  # type: ignore[arg-type]
        return self.returncode

    # The rest is for nobody else.

    def _waits_otherwise(self) -> bool:
        """Tells whether the program has put its own `_wait_pidfd` in place."""
        return WAIT_PIDFD is not None and (
            getattr(self._wait_pidfd, "__func__", None) is not WAIT_PIDFD  # type: ignore[attr-defined]
        )

    def _end(self, tree: bool = False) -> None:
        """Kills the child and sees it dead, unless the kernel cannot end it at once."""
        if tree:
            self.kill_tree()
        else:
            self.kill()
        if self.returncode is None and self._process is not None:
            self.returncode = self._process.wait(SECONDS_TO_DIE)

    def _wait_after_ctrl_c(self, endtime: float | None = None) -> None:
        """Gives a child that got the Ctrl-C as well a moment to end, once."""
        moment, self._sigint_wait_secs = self._sigint_wait_secs, 0
        if endtime is not None:
            moment = min(moment, endtime - monotonic())
        if moment > 0:
            with contextlib.suppress(TimeoutExpired):
                self._wait(timeout=moment)


def end(timeout: SupportsFloat | SupportsIndex | None) -> float | None:
    """Returns the moment at which a timeout is over; it is any real number of seconds."""
    return None if timeout is None else monotonic() + seconds(timeout)


def remaining(endtime: float | None) -> float | None:
    """Returns the seconds that are left."""
    return None if endtime is None else endtime - monotonic()
