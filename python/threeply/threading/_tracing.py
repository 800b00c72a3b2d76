"""`settrace_all_threads` and `setprofile_all_threads` where the interpreter has none.

Python 3.12 has both. On 3.11 nobody can set the hook of a thread that runs already but
the thread itself.
"""

from __future__ import annotations

import sys
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType
    from typing import Any


DOC = """Sets a {kind} function for this thread and for all that are started later.

On Python 3.11 threads that run already keep theirs, which this function warns
of; from 3.12 on the interpreter sets it for them too.

Args:
    func: The function, or `None` for none; see `sys.set{kind}`.

Warns:
    RuntimeWarning: Other threads are running. Where warnings are errors,
        nothing is set.
"""


def names(standard: ModuleType) -> dict[str, Callable[..., None]]:
    """Makes the two functions, unless the standard module has them.

    Args:
        standard: The standard module; its threads read the hooks that it keeps.
    """
    if hasattr(standard, "settrace_all_threads"):
        return {}
    return dict(_setter(standard, kind) for kind in ("trace", "profile"))


# DIFFERENCE: settrace_all_threads leaves running threads alone on 3.11
def _setter(standard: ModuleType, kind: str) -> tuple[str, Callable[..., None]]:
    """Makes `settrace_all_threads` or `setprofile_all_threads`, beside its name."""
    name = f"set{kind}_all_threads"
    set_for_later = getattr(standard, f"set{kind}")
    set_here = getattr(sys, f"set{kind}")

    def set_for_all(func: Callable[[FrameType, str, Any], object] | None) -> None:
        _warn_of_running_threads(name)
        set_for_later(func)
        set_here(func)

    set_for_all.__doc__ = DOC.format(kind=kind)
    set_for_all.__module__ = "threeply.threading"
    set_for_all.__name__ = set_for_all.__qualname__ = name
    return name, set_for_all


def _warn_of_running_threads(name: str) -> None:
    others = len(sys._current_frames()) - 1
    if others:
        message = (
            f"{name}: Python 3.11 cannot reach the {others} other thread(s) that run "
            "already; they keep what they have"
        )
        warnings.warn(message, RuntimeWarning, stacklevel=3)
