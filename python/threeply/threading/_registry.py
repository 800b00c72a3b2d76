"""Threads that ours did not start: the main thread, foreign ones, those from before.

There is one registry of threads, the standard module's. What it returns is a `Thread` of
ours to `isinstance` too, or a program that asks `isinstance(current_thread(), Thread)`
would get another answer than under the standard module.

Source: CPython Lib/threading.py, classes _MainThread and _DummyThread.
"""

from __future__ import annotations

from threeply.threading._thread import Course

MOMENT = 1.0
"""The most seconds that the program's end waits for a thread to begin."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading as stdlib_threading
    from types import ModuleType


def types(
    standard: ModuleType, thread: type[stdlib_threading.Thread]
) -> dict[str, type[stdlib_threading.Thread]]:
    """Makes the classes of threads that the standard module makes itself.

    Args:
        standard: The standard module.
        thread: Our `Thread`.
    """

    class _MainThread(standard._MainThread, thread):  # type: ignore[misc, valid-type, name-defined]
        """The thread in which the program began."""

    class _DummyThread(standard._DummyThread, thread):  # type: ignore[misc, valid-type, name-defined]
        """A thread that was not started by `Thread`, seen from Python."""

    made: dict[str, type[stdlib_threading.Thread]] = {
        "_MainThread": _MainThread,
        "_DummyThread": _DummyThread,
    }
    for name, made_type in made.items():
        made_type.__module__ = "threeply.threading"
        made_type.__qualname__ = name
    return made


def adopt(
    standard: ModuleType,
    parts: ModuleType,
    ours: dict[str, type[stdlib_threading.Thread]],
) -> None:
    """Makes the live threads of the standard classes threads of ours.

    They go on as they are; the main thread can be interrupted from then on.

    Args:
        standard: The standard module, in whose registry they are.
        parts: The extension's room of threading.
        ours: Our classes, by name.
    """
    by_standard = {getattr(standard, name): made for name, made in ours.items()}
    for thread in standard.enumerate():
        made = by_standard.get(type(thread))
        if made is not None:
            thread.__class__ = made
    main = standard.main_thread()
    if main is standard.current_thread():
        course = Course()
        course.waits = parts.wait_slot()
        main._threeply = course


def finish_starts(standard: ModuleType) -> None:
    """Waits at the program's end for threads that are just being started.

    The interpreter frees what a daemon thread begins with, while the thread may not
    have begun: CPython 3.13.0 then reads freed memory (`thread_run`). It starts no more
    threads by now, but on 3.11.

    Args:
        standard: The standard module, which knows them.
    """
    for thread in list(standard._limbo):
        # A start that fails never says so here; it takes its thread out of the list.
        thread._started.wait(MOMENT)
