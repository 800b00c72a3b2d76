#!/usr/bin/env python3
"""Indexes the words of a tree of text files, and answers queries about them.

Usage::

    index.py                      # the library of the Python that runs it
    index.py ~/notes              # any folder
    index.py ~/notes --serve 7070 # ... and go on answering: nc localhost 7070

The work is a map-reduce, and each of its stages uses the module that Python has
for such work:

======  ==============================================  ==========================
start   processes that count, and processes that merge  multiprocessing, concurrent
list    ``find | sort``                                 subprocess
read    threads that read ahead, in bounded memory      threading, queue
count   the pool of processes: text to postings         concurrent.futures
merge   a process to each share of the words            multiprocessing
check   a sample of the files is counted once more      concurrent.futures
query   a TCP server, and clients that ask it           asyncio
======  ==============================================  ==========================

Standard output depends on the files and the options alone: two runs over the same
files can be compared byte by byte. Times, progress and messages go to standard
error, the times also to ``--timings FILE``.

Signals: SIGUSR1 prints statistics, at any time. SIGINT (Ctrl-C) and SIGTERM stop
the program, at any time: it ends its processes, prints no result, and then dies
by that signal (a shell shows 130 or 143).

Exit status: 0 when everything was indexed; 1 when some files or folders could not
be read (they are counted, and named on standard error); 2 when there is no result.
"""

from __future__ import annotations

import argparse
import array
import asyncio
import collections
import concurrent.futures
import contextlib
import dataclasses
import errno
import functools
import gc
import hashlib
import io
import itertools
import json
import multiprocessing
import multiprocessing.connection
import os
import pathlib
import pickle
import queue
import random
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import typing
import zlib

if typing.TYPE_CHECKING:
    import types
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

MIB = 1 << 20

#: A word, as the index sees it: two characters or more, not beginning with a digit.
WORD = re.compile(r"[^\W\d]\w+")

#: The words are divided into this many parts, whatever the number of processes, so
#: that the digest of the index does not depend on the machine.
PARTS = 16

#: What travels to a counting process at a time.
BATCH_BYTES = MIB // 2

#: How many files that could not be read are named before the rest is only counted.
NAMED = 10

#: A file with a zero byte in its beginning is binary, as grep and git see it.
BINARY_PROBE = 8192

HOST = "127.0.0.1"

#: Folders that are left out unless others are named.
EXCLUDED = ["__pycache__", "site-packages", "dist-packages", ".git"]


class Stage(typing.NamedTuple):
    """A stage of the work, and what it stands on.

    Attributes:
        name: Its name in the timings.
        code: The classes and methods of this file that are its code.
        uses: The public names of the concurrency modules that this code uses.
    """

    name: str
    code: tuple[str, ...]
    uses: tuple[str, ...]


STAGES = (
    Stage(
        "start",
        ("Counting.__init__", "Counting.start", "Merging.start"),
        (
            "concurrent.futures.ProcessPoolExecutor",
            "multiprocessing.Pipe",
            "multiprocessing.Process",
            "multiprocessing.Value",
            "multiprocessing.active_children",
            "queue.Queue",
        ),
    ),
    Stage(
        "list",
        ("Listing",),
        ("subprocess.DEVNULL", "subprocess.PIPE", "subprocess.Popen"),
    ),
    Stage(
        "read",
        ("Reading",),
        (
            "queue.Queue",
            "threading.Event",
            "threading.Semaphore",
            "threading.Thread",
        ),
    ),
    Stage(
        "count",
        ("Counting",),
        (
            "concurrent.futures.BrokenExecutor",
            "concurrent.futures.ProcessPoolExecutor",
            "multiprocessing.Value",
            "multiprocessing.active_children",
            "queue.Queue",
        ),
    ),
    Stage(
        "merge",
        ("Merging",),
        (
            "multiprocessing.Pipe",
            "multiprocessing.Process",
            "multiprocessing.connection.wait",
        ),
    ),
    Stage("check", ("Checking",), ("concurrent.futures.ThreadPoolExecutor",)),
    Stage(
        "query",
        ("Server", "Querying"),
        (
            "asyncio.CancelledError",
            "asyncio.TaskGroup",
            "asyncio.current_task",
            "asyncio.get_running_loop",
            "asyncio.open_connection",
            "asyncio.run",
            "asyncio.start_server",
            "asyncio.timeout",
        ),
    ),
)

#: What is in use during every stage, and the code before and after them.
THROUGHOUT = Stage(
    "throughout",
    (
        "Stop",
        "Signals",
        "Console",
        "Progress",
        "_ending",
        "obituary",
        "build",
        "parse",
        "main",
    ),
    (
        "multiprocessing.get_all_start_methods",
        "multiprocessing.get_context",
        "signal.SIGINT",
        "signal.SIGTERM",
        "signal.SIGUSR1",
        "signal.SIG_BLOCK",
        "signal.SIG_DFL",
        "signal.SIG_IGN",
        "signal.SIG_SETMASK",
        "signal.SIG_UNBLOCK",
        "signal.Signals",
        "signal.getsignal",
        "signal.pthread_sigmask",
        "signal.set_wakeup_fd",
        "signal.signal",
        "threading.Event",
        "threading.Lock",
        "threading.Thread",
        "threading.active_count",
    ),
)


class Problem(Exception):
    """Why there is no result, in words for the user."""


class Stopped(Exception):
    """SIGINT or SIGTERM asked for the end."""


# --- signals and messages ---------------------------------------------------------


class Stop:
    """The wish to end, and who must be woken to hear of it."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._wakers: list[Callable[[], object]] = []

    def request(self, number: signal.Signals) -> None:
        """Asks for the end. The first signal is the one that is remembered."""
        with self._lock:
            if self._wanted.is_set():
                return
            self.signal = number
            self._wanted.set()
            for waker in self._wakers:
                waker()

    def check(self) -> None:
        """Raises ``Stopped`` when the end was asked for."""
        if self._wanted.is_set():
            raise Stopped

    @contextlib.contextmanager
    def waking(self, waker: Callable[[], object]) -> Iterator[None]:
        """Calls ``waker`` when the end is asked for during the block.

        It is called by another thread, and not once the block has been left: that is
        why the lock is held around it.
        """
        with self._lock:
            self._wakers.append(waker)
            if self._wanted.is_set():
                waker()
        try:
            yield
        finally:
            with self._lock:
                self._wakers.remove(waker)


class Signals:
    """Receives the signals in a thread, and acts on them there.

    A handler would run in the middle of whatever the main thread is doing, which may
    hold the very lock that the handler needs; and if the signal comes just before the
    main thread goes to sleep, the handler would wait until it wakes. So the signals
    come through ``set_wakeup_fd``: the interpreter writes their numbers into a pipe
    at once, and the thread reads it.
    """

    END = b"\0"

    def __init__(self, stop: Stop, report: Callable[[], object]) -> None:
        self._stop = stop
        self._report = report
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        self._thread = threading.Thread(target=self._act, name="signals")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
            # What whoever started us has had ignored (nohup, a shell's background
            # job) stays ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _noted)

    def start(self) -> None:
        """Starts the thread. What has arrived before waits for it."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread, after it has acted on what has arrived."""
        signal.set_wakeup_fd(-1)
        if self._thread.ident is not None:
            os.write(self._write, self.END)
            self._thread.join()
        os.close(self._read)
        os.close(self._write)

    def _act(self) -> None:
        while (arrived := os.read(self._read, 1)) != self.END:
            number = signal.Signals(arrived[0])
            if number == signal.SIGUSR1:
                self._report()
            else:
                self._stop.request(number)

    @staticmethod
    @contextlib.contextmanager
    def held() -> Iterator[None]:
        """Holds the signals back: for starting processes, which inherit that.

        A Ctrl-C reaches every process of the terminal. One that is only starting
        would answer it with a traceback; so it is held until ``leave`` is called.
        """
        numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGUSR1}
        before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    @staticmethod
    def leave() -> None:
        """Leaves the signals to the parent: called first in each of its processes."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGUSR1}
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)

    @staticmethod
    def die(number: signal.Signals) -> typing.NoReturn:
        """Dies by the signal, so that whoever waits for us sees what happened."""
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        raise AssertionError(f"survived {number.name}")


def _noted(number: int, frame: types.FrameType | None) -> None:
    """Handles a signal: its number is in the pipe already."""


class Console:
    """Standard error: messages and, on a terminal, a progress bar below them.

    It writes to the descriptor, so that messages of several threads come out whole.
    """

    INTERVAL = 0.05
    WIDTH = 30

    def __init__(self, *, quiet: bool, verbose: bool) -> None:
        self._quiet = quiet
        self._verbose = verbose
        self._terminal = sys.stderr.isatty() and not quiet
        self._lock = threading.Lock()
        self._bar = ""
        self._drawn = 0.0

    def error(self, text: str) -> None:
        """Shows what the user must know."""
        self._write(text)

    def say(self, text: str) -> None:
        """Shows what the user may want to know."""
        if not self._quiet:
            self._write(text)

    def detail(self, text: str) -> None:
        """Shows what is wanted with ``--verbose`` only."""
        if self._verbose:
            self._write(text)

    def progress(self, stage: str, done: int, total: int) -> None:
        """Draws the bar, if there is a terminal and it is time to."""
        now = time.monotonic()
        if not self._terminal or (now - self._drawn < self.INTERVAL and done < total):
            return
        filled = self.WIDTH * done // max(total, 1)
        bar = "#" * filled + "." * (self.WIDTH - filled)
        with self._lock:
            self._drawn = now
            self._bar = f"{stage:<6} [{bar}] {done:,} of {total:,}"
            self._put(f"\r\x1b[K{self._bar}")

    def clear(self) -> None:
        """Takes the bar away."""
        with self._lock:
            if self._bar:
                self._put("\r\x1b[K")
                self._bar = ""

    def _write(self, text: str) -> None:
        with self._lock:
            if self._bar:
                self._put(f"\r\x1b[Kindex: {text}\n{self._bar}")
            else:
                self._put(f"index: {text}\n")

    @staticmethod
    def _put(text: str) -> None:
        data = text.encode("utf-8", "backslashreplace")
        # Nobody is left to be told that standard error cannot be written.
        with contextlib.suppress(OSError):
            while data:
                data = data[os.write(sys.stderr.fileno(), data) :]


@dataclasses.dataclass
class Progress:
    """How far the work has come. Written by the main thread, read by any."""

    stage: str = ""
    listed: int = 0
    read: int = 0
    bytes: int = 0
    unreadable: int = 0
    binary: int = 0
    large: int = 0
    counted: int = 0
    words: Callable[[], int] = lambda: 0
    answered: int = 0
    began: float = dataclasses.field(default_factory=time.perf_counter)

    @property
    def countable(self) -> int:
        """How many files there are whose words can be counted, as far as is known."""
        return self.listed - self.unreadable - self.binary - self.large

    def line(self) -> str:
        """Says it in one line."""
        figures = {
            "stage": self.stage,
            "seconds": f"{time.perf_counter() - self.began:.2f}",
            "listed": self.listed,
            "read": self.read,
            "bytes": self.bytes,
            "unreadable": self.unreadable,
            "counted": self.counted,
            "words": self.words(),
            "answered": self.answered,
            "threads": threading.active_count(),
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        return "statistics: " + " ".join(f"{k}={v}" for k, v in figures.items())


class Clock:
    """Times the stages. A stage may be entered more than once: its times add up."""

    def __init__(self, progress: Progress, console: Console) -> None:
        self.seconds = {stage.name: 0.0 for stage in STAGES}
        self._progress = progress
        self._console = console

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts the time of the block as the stage's."""
        if self._progress.stage != name:
            self._progress.stage = name
            self._console.detail(f"{name}: begins")
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - began

    def summary(self) -> str:
        """Says the times in one line."""
        parts = [f"{name} {seconds:.2f}" for name, seconds in self.seconds.items()]
        return f"seconds: {', '.join(parts)}; total {sum(self.seconds.values()):.2f}"

    def save(self, file: pathlib.Path) -> None:
        """Writes the times, and what each stage stands on, as JSON."""
        record = {
            "python": sys.version.split()[0],
            "stages": [
                {**stage._asdict(), "seconds": self.seconds[stage.name]}
                for stage in STAGES
            ],
            "throughout": THROUGHOUT._asdict(),
        }
        file.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


# --- the stages -------------------------------------------------------------------


class Listing:
    """Lists the files: ``find | sort``, with a zero byte after each name."""

    def __init__(self, folder: str, names: Sequence[str], exclude: Sequence[str]):
        self._folder = folder
        self._find = ["find", "."]
        if exclude:
            self._find += ["-type", "d", *_any_of(exclude), "-prune", "-o"]
        self._find += ["-type", "f", *_any_of(names), "-print0"]
        self.complaints: list[str] = []

    def run(self, stop: Stop) -> list[str]:
        """Returns the paths, relative to the folder, sorted as bytes.

        Raises:
            Problem: ``find`` or ``sort`` could not be started, or ``sort`` failed.
            Stopped: The end was asked for.
        """
        with contextlib.ExitStack() as stack:
            errors = stack.enter_context(tempfile.TemporaryFile())
            find = self._start(self._find, subprocess.DEVNULL, errors)
            stack.enter_context(find)
            stack.callback(find.kill)
            sort = self._start(["sort", "-z"], find.stdout, errors)
            stack.enter_context(sort)
            stack.callback(sort.kill)
            assert find.stdout is not None
            assert sort.stdout is not None
            # Only sort may hold it: then find hears of it when sort has ended.
            find.stdout.close()

            def kill() -> None:
                find.kill()
                sort.kill()

            with stop.waking(kill):
                output = sort.stdout.read()
                sort.wait()
                find.wait()
            stop.check()
            errors.seek(0)
            self.complaints = errors.read().decode(errors="replace").splitlines()
            self._judge(find, sort)
        return [os.fsdecode(path)[2:] for path in output.split(b"\0") if path]

    def _start(
        self, command: list[str], source: typing.Any, errors: typing.IO[bytes]
    ) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "LC_ALL": "C"}
        try:
            return subprocess.Popen(
                command,
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=self._folder,
                env=environment,
            )
        except OSError as error:
            raise Problem(f"cannot run {command[0]}: {error.strerror}") from error

    def _judge(
        self, find: subprocess.Popen[bytes], sort: subprocess.Popen[bytes]
    ) -> None:
        # find ends with 1 when it could not open a folder. It says so for each, and
        # lists the rest.
        partial = find.returncode == 1 and self.complaints
        for process, fine in ((find, partial), (sort, False)):
            if process.returncode and not fine:
                name = str(process.args[0])  # type: ignore[index]
                why = "; ".join(self.complaints) or "it gave no reason"
                raise Problem(f"{name} {_ending(process.returncode)}: {why}")


class Text(typing.NamedTuple):
    """A file that was read, or the reason why it was not."""

    number: int
    data: bytes = b""
    refused: str = ""
    error: Exception | None = None


class Reading:
    """Reads the files by threads, a bounded number of them ahead.

    A thread enters ``_room`` before it reads a file, and the file leaves when it is
    taken out of ``_texts``; so the semaphore bounds what is in memory, where a
    ``maxsize`` would bound only what is waiting.
    """

    def __init__(
        self, folder: str, paths: Sequence[str], readers: int, ahead: int, limit: int
    ) -> None:
        self._folder = folder
        self._limit = limit
        self._left = len(paths)
        self._paths: queue.Queue[tuple[int, str] | None] = queue.Queue()
        self._texts: queue.Queue[Text | None] = queue.Queue()
        self._room = threading.Semaphore(ahead)
        self._closed = threading.Event()
        for item in enumerate(paths):
            self._paths.put(item)
        for _ in range(readers):
            self._paths.put(None)
        self._threads = [
            threading.Thread(target=self._read_all, name=f"reader-{number}")
            for number in range(readers)
        ]

    def __enter__(self) -> typing.Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._closed.set()
        self._room.release(len(self._threads))
        for thread in self._threads:
            thread.join()

    def block(
        self, size: int, stop: Stop, take: Callable[[Text], bool]
    ) -> list[tuple[int, bytes]]:
        """Returns the next files, until they have ``size`` bytes; at the end none.

        Args:
            size: How many bytes make a block.
            stop: Ends the wait.
            take: Is given each text as it comes, and says whether to keep it.
        """
        block: list[tuple[int, bytes]] = []
        with stop.waking(lambda: self._texts.put(None)):
            while self._left and size > 0:
                text = self._texts.get()
                stop.check()
                assert text is not None
                self._room.release()
                self._left -= 1
                if take(text):
                    block.append((text.number, text.data))
                    size -= len(text.data)
        return block

    def _read_all(self) -> None:
        while (item := self._paths.get()) is not None:
            self._room.acquire()
            if self._closed.is_set():
                return
            self._texts.put(self._read(*item))

    def _read(self, number: int, path: str) -> Text:
        try:
            data = contents(os.path.join(self._folder, path), self._limit)
        except Exception as error:  # The main thread decides what it means.
            return Text(number, error=error)
        if data is None:
            return Text(number, refused="large")
        if b"\0" in data[:BINARY_PROBE]:
            return Text(number, refused="binary")
        return Text(number, data)


Postings = dict[str, "array.array[int]"]


def _posting(number: int, times: int) -> int:
    """Packs "the word is ``times`` times in file ``number``" into one integer."""
    return number << 32 | times


def _unpack(posting: int) -> tuple[int, int]:
    """Returns the number of the file, and how many times the word is in it."""
    return posting >> 32, posting & 0xFFFFFFFF


class Spill(typing.NamedTuple):
    """Postings in a file: how many files they are of, and the length of each part."""

    path: str
    files: int
    sizes: list[int]


class Counting:
    """Counts the words of files, by a pool of processes.

    The postings go through files, and not through the pipe that all the processes of
    a pool share: of one that is killed while it writes a long answer there, the pool
    waits for the rest for ever.
    """

    _words: typing.ClassVar[typing.Any]

    def __init__(self, context: typing.Any, workers: int, folder: str) -> None:
        self._workers = workers
        self._spills = (
            os.path.join(folder, str(number)) for number in itertools.count()
        )
        self._total = context.Value("Q", 0)
        self._pool = concurrent.futures.ProcessPoolExecutor(
            workers, context, Counting._prepare, (self._total,)
        )
        self._done: queue.Queue[concurrent.futures.Future[typing.Any] | None]
        self._done = queue.Queue()
        self.processes: list[typing.Any] = []

    def __enter__(self) -> typing.Self:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is not None:
            self._kill()
        self._pool.shutdown(cancel_futures=True)

    def words(self) -> int:
        """Returns the words counted so far, by all the processes."""
        # Without its lock, which a process may have been killed with.
        return int(self._total.get_obj().value)

    def start(self, context: typing.Any) -> None:
        """Starts every process of the pool, which by itself starts them when needed."""
        before = set(context.active_children())
        for _ in range(self._workers):
            self._submit(os.getpid)
        self.processes = list(set(context.active_children()) - before)

    def ready(self, stop: Stop) -> None:
        """Waits until the processes are at work."""
        with stop.waking(lambda: self._done.put(None)):
            for _ in range(self._workers):
                self._result(stop)

    def run(
        self,
        block: list[tuple[int, bytes]],
        stop: Stop,
        deliver: Callable[[Spill], None],
    ) -> None:
        """Counts the files of a block.

        Args:
            block: Numbers and contents of files.
            stop: Ends the wait.
            deliver: Is given the postings.

        Raises:
            Problem: A process has died, or the postings cannot be written.
            Stopped: The end was asked for.
        """
        with stop.waking(lambda: self._done.put(None)):
            batches = list(_batches(block))
            block.clear()
            for batch in batches:
                self._submit(Counting._count, batch, next(self._spills))
            waiting = len(batches)
            batches.clear()
            for _ in range(waiting):
                deliver(self._result(stop))

    def close(self) -> None:
        """Ends the processes."""
        self._pool.shutdown()

    def _submit(self, function: Callable[..., object], *arguments: object) -> None:
        try:
            future = self._pool.submit(function, *arguments)
        except concurrent.futures.BrokenExecutor as error:
            raise self._broken() from error
        future.add_done_callback(self._done.put)

    def _result(self, stop: Stop) -> typing.Any:
        future = self._done.get()
        stop.check()
        assert future is not None
        try:
            return future.result()
        except concurrent.futures.BrokenExecutor as error:
            raise self._broken() from error
        except OSError as error:
            raise Problem(f"{error.filename}: {error.strerror}") from error

    def _broken(self) -> Problem:
        # The pool has its own thread reap them; only then is their status known.
        self._pool.shutdown()
        return Problem(f"a counting process died: {obituary(self.processes)}")

    def _kill(self) -> None:
        # They have nothing to save, and one that was stopped would not hear SIGTERM.
        for process in self.processes:
            process.kill()

    @staticmethod
    def _prepare(total: typing.Any) -> None:
        Signals.leave()
        Counting._words = total

    @staticmethod
    def _count(batch: list[tuple[int, bytes]], path: str) -> Spill:
        parts: list[Postings] = [{} for _ in range(PARTS)]
        total = 0
        for number, data in batch:
            words = count_words(data)
            total += words.total()
            for word, times in words.items():
                part = parts[zlib.crc32(word.encode()) % PARTS]
                part.setdefault(word, array.array("Q")).append(_posting(number, times))
        with open(path, "wb") as file:
            sizes = [file.write(pickle.dumps(part)) for part in parts]
        with Counting._words.get_lock():
            Counting._words.value += total
        return Spill(path, len(batch), sizes)


class Merging:
    """Merges the postings: each process has a share of the parts."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self.processes: list[typing.Any] = []
        self._connections: list[typing.Any] = []

    def __enter__(self) -> typing.Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for connection in self._connections:
            connection.close()
        self.kill()
        for process in self.processes:
            process.join()

    def start(self, context: typing.Any) -> None:
        """Starts the processes."""
        for number in range(self._workers):
            ours, theirs = context.Pipe()
            self._connections.append(ours)
            parts = range(number, PARTS, self._workers)
            process = context.Process(
                target=Merging._merge, args=(theirs, parts), name=f"merge-{number}"
            )
            with theirs:
                process.start()
            self.processes.append(process)

    def kill(self) -> None:
        """Ends the processes at once: whoever waits for them notices."""
        for process in self.processes:
            process.kill()

    def add(self, spill: Spill) -> None:
        """Hands postings on to the processes.

        Raises:
            Problem: A process has died.
        """
        for worker in range(self._workers):
            self._tell(worker, spill)

    def _tell(self, worker: int, spill: Spill | None) -> None:
        try:
            self._connections[worker].send(spill)
        except OSError as error:
            raise self._broken(worker) from error

    def run(self, stop: Stop) -> tuple[Postings, list[str]]:
        """Returns the postings of all words, and the digests of the parts.

        Raises:
            Problem: A process has died.
            Stopped: The end was asked for.
        """
        merged: Postings = {}
        digests: dict[int, str] = {}
        for worker in self._finish():
            stop.check()
            postings, ours = self._receive(worker)
            merged.update(postings)
            digests.update(ours)
        return merged, [digests[part] for part in sorted(digests)]

    def _finish(self) -> Iterator[int]:
        for worker in range(self._workers):
            self._tell(worker, None)
        waiting = dict(zip(self._connections, itertools.count(), strict=False))
        while waiting:
            for connection in multiprocessing.connection.wait(list(waiting)):
                yield waiting.pop(connection)

    def _receive(self, worker: int) -> tuple[Postings, dict[int, str]]:
        try:
            answer: tuple[Postings, dict[int, str]] = self._connections[worker].recv()
        except (EOFError, OSError) as error:
            raise self._broken(worker) from error
        self.processes[worker].join()
        return answer

    def _broken(self, worker: int) -> Exception:
        process = self.processes[worker]
        process.join()
        return Problem(f"a merging process died: {obituary([process])}")

    @staticmethod
    def _merge(connection: typing.Any, parts: range) -> None:
        Signals.leave()
        merged: dict[int, Postings] = {part: {} for part in parts}
        while (spill := connection.recv()) is not None:
            for part, data in zip(parts, _read_parts(spill, parts), strict=True):
                _add(merged[part], pickle.loads(data))
        digests = {part: _settle(postings) for part, postings in merged.items()}
        connection.send(
            (dict(itertools.chain(*map(dict.items, merged.values()))), digests)
        )


class Checking:
    """Counts a sample of the files once more, and compares with the index."""

    def __init__(self, folder: str, index: Index, sample: int) -> None:
        self._folder = folder
        self._index = index
        step = max(1, len(index.numbers) // max(1, sample))
        self._sample = index.numbers[::step][:sample]

    def run(self, words: int, stop: Stop) -> int:
        """Returns how many files were compared.

        Args:
            words: How many words the counting processes have counted.
            stop: Ends it.

        Raises:
            Problem: The index does not agree.
        """
        if words != self._index.total:
            raise Problem(
                f"{words} words were counted, but the index has {self._index.total}"
            )
        expected = self._index.by_file(self._sample)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for number, found in zip(
                self._sample, pool.map(self._recount, self._sample), strict=True
            ):
                stop.check()
                if found != expected[number]:
                    raise Problem(
                        f"{self._index.paths[number]}: the index does not agree with "
                        "the file (or the file was changed meanwhile)"
                    )
        return len(self._sample)

    def _recount(self, number: int) -> dict[str, int]:
        path = os.path.join(self._folder, self._index.paths[number])
        counts: dict[str, int] = collections.defaultdict(int)
        try:
            text = (contents(path) or b"").decode("utf-8", "replace")
        except OSError as error:
            raise Problem(f"{path}: cannot be read again: {error.strerror}") from error
        for word in WORD.finditer(text.lower()):
            counts[word[0]] += 1
        return counts


class Server:
    """Answers queries over TCP: a line with words, a line of JSON in return."""

    def __init__(self, index: Index, port: int) -> None:
        self._index = index
        self._port = port

    @contextlib.asynccontextmanager
    async def open(self, stop: Stop) -> AsyncIterator[int]:
        """Listens during the block, which is given the port, and cancelled by a stop.

        Raises:
            Problem: The port cannot be had.
        """
        try:
            server = await asyncio.start_server(self._answer, HOST, self._port)
        except OSError as error:
            raise Problem(
                f"cannot listen on {HOST}:{self._port}: {error.strerror}"
            ) from error
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        loop.set_exception_handler(self._report)
        with stop.waking(functools.partial(loop.call_soon_threadsafe, task.cancel)):
            try:
                yield server.sockets[0].getsockname()[1]
            finally:
                server.close()

    @staticmethod
    def _report(
        loop: asyncio.AbstractEventLoop, trouble: dict[str, typing.Any]
    ) -> None:
        # A client that is gone is no news; the loop tells of it when nobody asked.
        if not isinstance(trouble.get("exception"), ConnectionError):
            loop.default_exception_handler(trouble)

    async def _answer(self, reader: typing.Any, writer: typing.Any) -> None:
        with contextlib.suppress(ConnectionError), contextlib.closing(writer):
            while line := await self._line(reader):
                answer = self._index.answer(line.decode("utf-8", "replace").split())
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()

    @staticmethod
    async def _line(reader: typing.Any) -> bytes:
        try:
            return bytes(await reader.readline())
        except ValueError:  # Longer than any query is: the connection is closed.
            return b""


class Querying:
    """Asks the server, as several clients at once."""

    #: Seconds that an answer may take.
    PATIENCE = 30.0

    def __init__(self, index: Index, number: int, clients: int, seed: int) -> None:
        self._index = index
        self._number = number
        self._clients = clients
        self._seed = seed
        self.found = 0
        self._digests = [hashlib.sha256() for _ in range(clients)]

    @property
    def digest(self) -> str:
        """A digest of all the answers."""
        return _combined(digest.hexdigest() for digest in self._digests)

    def run(self, stop: Stop, heard: Callable[[], None]) -> None:
        """Starts the server and asks it everything.

        Args:
            stop: Ends it.
            heard: Is called after each answer.

        Raises:
            Problem: An answer was wrong, or did not come.
            Stopped: The end was asked for.
        """
        try:
            asyncio.run(self._converse(stop, heard))
        except asyncio.CancelledError:
            stop.check()
            raise

    def keep_serving(self, port: int, stop: Stop, console: Console) -> None:
        """Goes on answering until it is stopped."""

        async def serve() -> None:
            async with Server(self._index, port).open(stop) as actual:
                console.error(f"listening on {HOST}:{actual}")
                await asyncio.get_running_loop().create_future()

        try:
            asyncio.run(serve())
        except asyncio.CancelledError:
            stop.check()
            raise

    async def _converse(self, stop: Stop, heard: Callable[[], None]) -> None:
        async with Server(self._index, 0).open(stop) as port:
            try:
                async with asyncio.TaskGroup() as group:
                    for client in range(self._clients):
                        group.create_task(self._ask_all(client, port, heard))
            except* (Problem, OSError) as failures:
                failure = failures.exceptions[0]
                why = str(failure) or type(failure).__name__
                raise Problem(f"the queries failed: {why}") from failure

    async def _ask_all(self, client: int, port: int, heard: Callable[[], None]) -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        with contextlib.closing(writer):
            for query in self._queries(client):
                writer.write(" ".join(query).encode() + b"\n")
                async with asyncio.timeout(self.PATIENCE):
                    answer = await reader.readline()
                self._judge(client, query, answer)
                heard()
        await writer.wait_closed()

    def _judge(self, client: int, query: list[str], answer: bytes) -> None:
        self._digests[client].update(answer)
        if not answer.endswith(b"\n"):
            raise Problem(f"the connection ended before the answer to {query}")
        told = json.loads(answer)
        if told != self._index.answer(query):
            raise Problem(f"the answer to {query} is wrong: {told}")
        self.found += bool(told["files"])

    def _queries(self, client: int) -> Iterator[list[str]]:
        chance = random.Random(f"{self._seed} {client}")
        share = len(range(client, self._number, self._clients))
        for number in range(share):
            kind = chance.random()
            if kind < 0.05:
                yield [f"no_such_word_{client}_{number}"]
            else:
                yield chance.choices(self._index.sorted, k=1 + (kind > 0.85))


# --- the index --------------------------------------------------------------------


def contents(path: str, limit: int | None = None) -> bytes | None:
    """Reads a file.

    Returns:
        What is in it; None if that is more than ``limit`` bytes.

    Raises:
        OSError: It cannot be read, or is not a regular file any more.
    """
    # By O_NONBLOCK, what has become a FIFO since it was listed does not block.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(path, flags), "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "Not a regular file", path)
        return None if limit is not None and status.st_size > limit else file.read()


def count_words(data: bytes) -> collections.Counter[str]:
    """Counts the words of a text."""
    return collections.Counter(WORD.findall(data.decode("utf-8", "replace").lower()))


class Index:
    """Which word is how many times in which file."""

    def __init__(
        self,
        paths: list[str],
        numbers: list[int],
        postings: Postings,
        digests: list[str],
    ) -> None:
        self.paths = paths
        self.numbers = numbers
        self.sorted = sorted(postings)
        self._postings = postings
        self._times = {
            word: sum(_unpack(posting)[1] for posting in postings[word])
            for word in self.sorted
        }
        self.total = sum(self._times.values())
        names = hashlib.sha256("\0".join(paths).encode("utf-8", "surrogateescape"))
        self.digest = _combined([names.hexdigest(), *digests])

    def top(self, number: int) -> list[tuple[str, int, int]]:
        """Returns the most frequent words: word, times, files."""
        best = sorted(self._times.items(), key=lambda item: (-item[1], item[0]))
        return [(word, n, len(self._postings[word])) for word, n in best[:number]]

    def answer(self, words: list[str]) -> dict[str, object]:
        """Answers a query: the files that have all the words.

        Returns:
            ``files``, how many; ``times``, how often the words are in them; ``best``,
            the path of the file that has them most often.
        """
        lists = [self._postings.get(word.lower(), ()) for word in words]
        common: dict[int, int] = dict(map(_unpack, lists[0])) if lists else {}
        for postings in lists[1:]:
            more = dict(map(_unpack, postings))
            common = {n: common[n] + more[n] for n in common.keys() & more.keys()}
        best = min(common, key=lambda n: (-common[n], n), default=None)
        return {
            "files": len(common),
            "times": sum(common.values()),
            "best": None if best is None else self.paths[best],
        }

    def by_file(self, numbers: Sequence[int]) -> dict[int, dict[str, int]]:
        """Returns, for these files, what the index says that is in them."""
        files: dict[int, dict[str, int]] = {number: {} for number in numbers}
        for word, postings in self._postings.items():
            for posting in postings:
                number, times = _unpack(posting)
                if number in files:
                    files[number][word] = times
        return files


def _read_parts(spill: Spill, parts: Iterable[int]) -> Iterator[bytes]:
    offsets = [0, *itertools.accumulate(spill.sizes)]
    with open(spill.path, "rb") as file:
        for part in parts:
            file.seek(offsets[part])
            yield file.read(spill.sizes[part])


def _add(merged: Postings, postings: Postings) -> None:
    for word, more in postings.items():
        if word in merged:
            merged[word].extend(more)
        else:
            merged[word] = more


def _settle(postings: Postings) -> str:
    """Sorts the postings of a part, in place, and returns their digest."""
    digest = hashlib.sha256()
    for word in sorted(postings):
        postings[word] = array.array("Q", sorted(postings[word]))
        digest.update(word.encode() + b"\0" + postings[word].tobytes())
    return digest.hexdigest()


def _combined(digests: Iterator[str] | list[str]) -> str:
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _batches(block: list[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    batch: list[tuple[int, bytes]] = []
    size = 0
    for number, data in sorted(block):
        batch.append((number, data))
        size += len(data)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _any_of(names: Sequence[str]) -> list[str]:
    """Returns the test of ``find`` for "its name is one of these"."""
    tests = [["-name", name] for name in names]
    return ["(", *tests[0], *(arg for test in tests[1:] for arg in ["-o", *test]), ")"]


def _ending(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"


def obituary(processes: Sequence[typing.Any]) -> str:
    """Says how processes came to their end, the ones that are to blame only."""
    ended = [process for process in processes if process.exitcode]
    # A pool that has lost a process ends the others by SIGTERM.
    guilty = [process for process in ended if process.exitcode != -signal.SIGTERM]
    return "; ".join(
        f"process {process.pid} {_ending(process.exitcode)}"
        for process in guilty or ended
    )


# --- the program ------------------------------------------------------------------


class Desk:
    """Takes in what the readers bring, and keeps the books of it."""

    def __init__(self, paths: list[str], progress: Progress, console: Console) -> None:
        self._paths = paths
        self._progress = progress
        self._console = console
        self.numbers: list[int] = []

    def take(self, text: Text) -> bool:
        """Enters a text into the books, and says whether it is to be indexed."""
        progress = self._progress
        if isinstance(text.error, OSError):
            progress.unreadable += 1
            if progress.unreadable <= NAMED:
                path, why = self._paths[text.number], text.error.strerror
                self._console.error(f"cannot read {path}: {why}")
        elif text.error is not None:
            raise text.error
        elif text.refused:
            setattr(progress, text.refused, getattr(progress, text.refused) + 1)
        else:
            self.numbers.append(text.number)
            progress.read += 1
            progress.bytes += len(text.data)
        done = progress.read + progress.unreadable + progress.binary + progress.large
        self._console.progress("read", done, len(self._paths))
        return not (text.refused or text.error)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What the work has come to."""

    index: Index
    querying: Querying
    checked: int
    listing: Listing


def build(
    options: argparse.Namespace,
    stop: Stop,
    signals: Signals,
    progress: Progress,
    clock: Clock,
    console: Console,
) -> Outcome:
    """Does the work, all the stages of it.

    Raises:
        Problem: There is no result.
        Stopped: The end was asked for.
    """
    context = multiprocessing.get_context(options.start_method)
    with contextlib.ExitStack() as stack:
        with clock.stage("start"):
            spills = stack.enter_context(tempfile.TemporaryDirectory(prefix="index-"))
            # Every process is started before any thread, so that a fork copies no
            # lock that a thread holds. The counter comes before the signals are held:
            # it starts multiprocessing's resource tracker, which lets them go again.
            counting = Counting(context, options.workers, spills)
            stack.enter_context(counting)
            merging = stack.enter_context(Merging(options.workers))
            try:
                with signals.held():
                    merging.start(context)
                    counting.start(context)
            except OSError as error:
                raise Problem(f"cannot start processes: {error.strerror}") from error
            signals.start()
            progress.words = counting.words
            for name, part in (("counting", counting), ("merging", merging)):
                pids = " ".join(str(process.pid) for process in part.processes)
                console.detail(f"{name} processes: {pids}")
            counting.ready(stop)
        with clock.stage("list"):
            listing = Listing(options.folder, options.name, options.exclude)
            paths = listing.run(stop)
            progress.listed = len(paths)
            for complaint in listing.complaints[:NAMED]:
                console.error(complaint)
            if not paths:
                names = " or ".join(options.name)
                raise Problem(f"{options.folder}: no file named {names} in it")

        def deliver(spill: Spill) -> None:
            merging.add(spill)
            progress.counted += spill.files
            console.progress("count", progress.counted, progress.countable)

        stack.enter_context(stop.waking(merging.kill))
        desk = Desk(paths, progress, console)
        limit, size = options.max_size * MIB, options.memory * MIB
        with clock.stage("read"):
            reading = stack.enter_context(
                Reading(options.folder, paths, options.readers, options.ahead, limit)
            )
            block = reading.block(size, stop, desk.take)
        while block:
            with clock.stage("count"):
                counting.run(block, stop, deliver)
            with clock.stage("read"):
                block = reading.block(size, stop, desk.take)
        with clock.stage("count"):
            counting.close()
        with clock.stage("merge"):
            postings, digests = merging.run(stop)
            index = Index(paths, sorted(desk.numbers), postings, digests)
        if not index.sorted:
            raise Problem(f"{options.folder}: no words in its {len(paths)} files")
    with clock.stage("check"):
        checking = Checking(options.folder, index, options.sample)
        checked = checking.run(progress.words(), stop)
    with clock.stage("query"):
        querying = Querying(index, options.queries, options.clients, options.seed)

        def heard() -> None:
            progress.answered += 1
            console.progress("query", progress.answered, options.queries)

        querying.run(stop, heard)
    console.clear()
    return Outcome(index, querying, checked, listing)


def report(options: argparse.Namespace, progress: Progress, outcome: Outcome) -> str:
    """Returns what is printed: nothing in it differs between two runs."""
    index, querying = outcome.index, outcome.querying
    missed = progress.answered - querying.found
    rows: list[tuple[str, object]] = [
        ("folder", options.folder),
        ("files listed", progress.listed),
        ("files indexed", len(index.numbers)),
        ("files unreadable", progress.unreadable),
        ("files binary", progress.binary),
        ("files too large", progress.large),
        ("folders unreadable", len(outcome.listing.complaints)),
        ("bytes", progress.bytes),
        ("words", index.total),
        ("different words", len(index.sorted)),
        ("files checked", f"{outcome.checked:,}, all as in the index"),
        ("queries answered", f"{progress.answered:,}, all as in the index"),
        ("queries in vain", missed),
        ("index sha256", index.digest),
        ("answers sha256", querying.digest),
    ]
    lines = [
        f"{name:<20}{value:,}" if isinstance(value, int) else f"{name:<20}{value}"
        for name, value in rows
    ]
    lines += ["", f"{'times':>12} {'files':>8}  word"]
    lines += [
        f"{n:>12,} {files:>8,}  {word}" for word, n, files in index.top(options.top)
    ]
    return "\n".join(lines) + "\n"


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line, and fills in what depends on the folder."""
    description, details = (__doc__ or "").split("\n\n", 1)
    parser = argparse.ArgumentParser(
        prog="index.py",
        description=description,
        epilog=details,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    volume = parser.add_mutually_exclusive_group().add_argument
    positive = functools.partial(_at_least, 1)
    cpus = len(os.sched_getaffinity(0))
    methods = multiprocessing.get_all_start_methods()
    # fmt: off
    add("folder", nargs="?", metavar="FOLDER", help="default: this Python's library")
    add("--name", action="append", metavar="GLOB",
        help="files to index; may be repeated (default: *.py in the library, else *)")
    add("--exclude", action="append", metavar="GLOB",
        help=f"folders to leave out; may be repeated (default: {', '.join(EXCLUDED)})")
    add("--max-size", type=positive, default=16, metavar="MIB",
        help="leave larger files out (default: %(default)s)")
    add("--memory", type=positive, default=64, metavar="MIB",
        help="text to hold at a time (default: %(default)s)")
    add("--readers", type=positive, default=4, metavar="N",
        help="threads that read (default: %(default)s)")
    add("--ahead", type=positive, default=64, metavar="N",
        help="files that they may read ahead (default: %(default)s)")
    add("--workers", type=positive, default=cpus, metavar="N",
        help="processes that count, and that merge (default: the CPUs, %(default)s)")
    add("--start-method", choices=methods,
        help="how the processes are started (default: this Python's way)")
    add("--sample", type=positive, default=50, metavar="N",
        help="files to count once more as a check (default: %(default)s)")
    add("--queries", type=positive, default=6000, metavar="N",
        help="queries to ask (default: %(default)s)")
    add("--clients", type=positive, default=8, metavar="N",
        help="clients that ask them (default: %(default)s)")
    add("--seed", type=int, default=0, metavar="N",
        help="choose other queries (default: %(default)s)")
    add("--top", type=functools.partial(_at_least, 0), default=15, metavar="N",
        help="most frequent words to print (default: %(default)s)")
    add("--serve", type=_port, metavar="PORT",
        help="go on answering queries there until stopped (0: any free port)")
    add("--timings", type=pathlib.Path, metavar="FILE",
        help="write the time of each stage there, as JSON")
    volume("-q", "--quiet", action="store_true",
        help="no progress and no times, only errors")
    volume("-v", "--verbose", action="store_true",
        help="say when a stage begins, and the numbers of the processes")
    # fmt: on
    options = parser.parse_args(arguments)
    library = options.folder is None
    options.folder = os.path.abspath(options.folder or sysconfig.get_path("stdlib"))
    options.name = options.name or (["*.py"] if library else ["*"])
    options.exclude = options.exclude or EXCLUDED
    if options.clients > options.queries:
        parser.error("--clients: there are fewer --queries than clients")
    return options


def _at_least(least: int, text: str) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(
            f"not a whole number from {least} up: {text!r}"
        )
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"not a port, which is 0 to 65535: {text!r}")
    return int(text)


def examine(options: argparse.Namespace) -> None:
    """Looks for what would fail later, and is clearer said now.

    Raises:
        Problem: There is nothing to begin with.
    """
    try:
        with os.scandir(options.folder):
            pass
        if options.timings is not None:
            options.timings.touch()
    except OSError as error:
        raise Problem(f"{error.filename}: {error.strerror}") from error
    for command in ("find", "sort"):
        if shutil.which(command) is None:
            raise Problem(f"the command {command!r} is not on the PATH")


def publish(text: str) -> None:
    """Prints the result."""
    # Names of files need not be text; nobody should lose the result over one.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # The interpreter would try once more when it ends, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Problem(f"cannot write the result: {error.strerror}") from error


def work(options: argparse.Namespace, console: Console, stop: Stop) -> int:
    """Runs the program, and returns its exit status.

    Raises:
        Problem: There is no result.
        Stopped: The end was asked for.
    """
    progress = Progress()
    clock = Clock(progress, console)
    signals = Signals(stop, lambda: console.error(progress.line()))
    try:
        examine(options)
        outcome = build(options, stop, signals, progress, clock, console)
        publish(report(options, progress, outcome))
        if progress.unreadable > NAMED:
            console.error(f"{progress.unreadable} files could not be read")
        console.say(clock.summary())
        if options.timings is not None:
            clock.save(options.timings)
        if options.serve is not None:
            progress.stage = "serve"
            outcome.querying.keep_serving(options.serve, stop, console)
    finally:
        signals.close()
        console.clear()
    stop.check()
    return 1 if progress.unreadable or outcome.listing.complaints else 0


def main() -> int:
    """Runs the program as the command line says."""
    options = parse()
    console = Console(quiet=options.quiet, verbose=options.verbose)
    stop = Stop()
    try:
        return work(options, console, stop)
    except Problem as problem:
        # What follows from a stop is not the user's problem.
        if stop.signal is None:
            console.error(str(problem))
            return 2
    except Stopped:
        pass
    assert stop.signal is not None
    console.say(f"stopped by {stop.signal.name}")
    # A process that dies by a signal does not tidy up: what multiprocessing holds in
    # the system is given back now, when its objects go.
    gc.collect()
    Signals.die(stop.signal)


if __name__ == "__main__":
    sys.exit(main())
