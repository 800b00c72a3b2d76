"""How spawn and forkserver children come to be on threeply too.

multiprocessing starts an interpreter as `python -c PROGRAM`, where PROGRAM begins
with an import of `multiprocessing.spawn` or `multiprocessing.forkserver`, in 3.15 one
of `sys` before it. On
threeply the interpreter gets `-X threeply`. Where it would not read our .pth, the
text gets a few statements in front instead, which find threeply where this process
found it; a traceback of 3.13 and later shows that text.
"""

from __future__ import annotations

import os
import sys

import threeply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType
    from typing import TypeAlias

    Text: TypeAlias = str | bytes
    Spawn: TypeAlias = Callable[[Text, Sequence[Text], Sequence[int]], int]

_STARTS = (
    "from multiprocessing.spawn import ",
    "from multiprocessing.forkserver import ",
    "import sys; from multiprocessing.forkserver import ",
)


def spawner(standard: ModuleType) -> Spawn:
    """Makes `spawnv_passfds` over the one of a `multiprocessing.util`."""
    spawn: Spawn = standard.spawnv_passfds

    def spawnv_passfds(path: Text, args: Sequence[Text], passfds: Sequence[int]) -> int:
        """Starts a program that inherits some file descriptors.

        A child of multiprocessing is on threeply if this process is.
        """
        if threeply.installed():
            args = with_threeply(args)
        return spawn(path, args, passfds)

    spawnv_passfds.__qualname__ = "spawnv_passfds"
    return spawnv_passfds


def with_threeply(args: Sequence[Text]) -> Sequence[Text]:
    """Returns a command line whose multiprocessing program begins on threeply."""
    changed = list(args)
    by_option = os.fsdecode(args[0]) == sys.executable and _site_finds_us()
    for index in range(1, len(args)):
        program = os.fsdecode(args[index])
        if args[index - 1] in ("-c", b"-c") and program.startswith(_STARTS):
            if by_option:
                return [args[0], "-X", "threeply", *args[1:]]
            changed[index] = _preamble() + program
    return changed


def _site_finds_us() -> bool:
    """Tells whether `site` of a child would find this very threeply."""
    from threeply import _run

    # The first folder is the program's own: `site` does not search it.
    known = sys.path[0 if sys.flags.safe_path else 1 :]
    return _folder() in known and _run.reads_startup(set())


def _folder() -> str:
    return os.path.dirname(os.path.dirname(os.path.abspath(threeply.__file__)))


def _preamble() -> str:
    """Returns statements that install threeply and leave no trace in `sys.path`."""
    return (
        f"import sys; sys.path.insert(0, {_folder()!r}); import threeply; "
        "del sys.path[0]; threeply.install(); del sys, threeply; "
    )
