"""How spawn and forkserver children come to be on threeply too.

multiprocessing starts an interpreter as `python -c PROGRAM`, where PROGRAM begins
with an import of `multiprocessing.spawn` or `multiprocessing.forkserver`. On
threeply that text gets a few statements in front, which find threeply where this
process found it.
"""

from __future__ import annotations

import os

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
    for index in range(1, len(args)):
        program = os.fsdecode(args[index])
        if args[index - 1] in ("-c", b"-c") and program.startswith(_STARTS):
            changed[index] = _preamble() + program
    return changed


def _preamble() -> str:
    """Returns statements that install threeply and leave no trace in `sys.path`."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(threeply.__file__)))
    return (
        f"import sys; sys.path.insert(0, {folder!r}); import threeply; "
        "del sys.path[0]; threeply.install(); del sys, threeply; "
    )
