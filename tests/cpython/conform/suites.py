"""Which of the interpreter's test modules belong to which room.

A suite is a module below the interpreter's `test` package: `test_queue`, or
`test_asyncio.test_locks` where `test_asyncio` is a package.
"""

from pathlib import Path

ROOMS = {
    "multiprocessing": [
        "test_multiprocessing_spawn",
        "test_multiprocessing_forkserver",
        "test_multiprocessing_fork",
        "test_multiprocessing_main_handling",
    ],
    "concurrent": ["test_concurrent_futures"],
    "signal": ["test_signal", "test_threadsignals"],
    "subprocess": [
        "test_subprocess",
        "test_popen",
        "test_fork1",
        "test_wait3",
        "test_wait4",
        "test_pty",
    ],
    "asyncio": ["test_asyncio"],
    "threading": ["test_threading", "test_threading_local", "test_thread"],
    "queue": ["test_queue", "test_sched"],
    # Tests of other modules, which lean on the six.
    "clients": [
        "test_selectors",
        "test_socketserver",
        "test_xmlrpc",
        "test_docxmlrpc",
        "test_httpservers",
        "test_logging",
        "test_threadedtempfile",
        "test_context",
        "test_contextlib_async",
        "test_asyncgen",
        "test_wsgiref",
        "test_urllib2_localnet",
        "test_ftplib",
        "test_poplib",
        "test_smtplib",
        "test_imaplib",
        "test_asyncore",
        "test_asynchat",
        "test_weakref",
        "test_functools",
        "test_tempfile",
        "test_pdb",
        "test_bdb",
        "test_trace",
        "test_faulthandler",
        "test_support",
        "test_inspect",
        "test_pickle",
        "test___all__",
        "test_os",
        "test_gc",
        "test_runpy",
        "test_pyclbr",
        "test_sys",
    ],
    # Short enough for every run of our own tests; touches every room.
    "short": [
        "test_signal",
        "test_threading",
        "test_concurrent_futures.test_shutdown",
        "test_multiprocessing_main_handling",
        "test_asyncio.test_tasks",
        "test_asyncio.test_events",
        "test_asyncio.test_subprocess",
        "test_asyncio.test_locks",
        "test_asyncio.test_queues",
        "test_queue",
        "test_sched",
        "test_threading_local",
        "test_threadsignals",
        "test_thread",
        "test_popen",
    ],
}

# The suites of the rooms that are ours: what the continuous integration runs whole.
STANDING = ["concurrent", "signal", "subprocess", "threading", "queue"]
ROOMS["standing"] = [name for room in STANDING for name in ROOMS[room]]

# Choices of suites that other rooms have already.
_CHOICES = {"short", "standing"}


class UnknownRoomError(ValueError):
    """A room that no suite belongs to."""


def named(rooms):
    """Returns the names of suites.

    Args:
        rooms: Rooms, or suites themselves (`test_queue`); every suite when empty.

    Raises:
        UnknownRoomError: One of them is neither.
    """
    wanted = list(rooms) or [room for room in ROOMS if room not in _CHOICES]
    unknown = [
        room for room in wanted if room not in ROOMS and not room.startswith("test_")
    ]
    if unknown:
        msg = f"ROOM: {unknown[0]!r} is none of {', '.join(ROOMS)} and no test_ suite"
        raise UnknownRoomError(msg)
    return list(
        dict.fromkeys(name for room in wanted for name in ROOMS.get(room, [room]))
    )


def room_of(suite):
    """Returns the room that a suite belongs to, or None."""
    package = suite.partition(".")[0]
    for room, names in ROOMS.items():
        if room not in _CHOICES and package in names:
            return room
    return None


def expanded(name, folders):
    """Returns the suites that `name` stands for: itself, or the files of a package.

    Args:
        name: A test module or package below `test`.
        folders: Where to look for it, in order.

    Returns:
        Names of suites; none if no folder has it.
    """
    for folder in folders:
        path = Path(folder, *name.split("."))
        if path.with_suffix(".py").is_file():
            return [name]
        if path.is_dir():
            return [f"{name}.{file.stem}" for file in sorted(path.glob("test_*.py"))]
    return []
