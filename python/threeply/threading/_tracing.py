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


def names(standard: ModuleType) -> dict[str, Callable[..., None]]:
    """Makes the two functions, unless the standard module has them.

    Args:
        standard: The standard module; its threads read the hooks that it keeps.
    """
    if hasattr(standard, "settrace_all_threads"):
        return {}

    # DIFFERENCE: settrace_all_threads leaves running threads alone on 3.11
    def settrace_all_threads(
        func: Callable[[FrameType, str, Any], object] | None,
    ) -> None:
        """Sets a trace function for this thread and for all that are started later.

        On Python 3.11 threads that run already keep theirs, which this function warns
        of; from 3.12 on the interpreter sets it for them too.

        Args:
            func: The function, or `None` for none; see `sys.settrace`.

        Warns:
            RuntimeWarning: Other threads are running. Where warnings are errors,
                nothing is set.
        """
        _warn_of_running_threads("settrace_all_threads")
        standard.settrace(func)
        sys.settrace(func)  # type: ignore[arg-type]

    def setprofile_all_threads(
        func: Callable[[FrameType, str, Any], object] | None,
    ) -> None:
        """Sets a profile function for this thread and for all that are started later.

        On Python 3.11 threads that run already keep theirs, which this function warns
        of; from 3.12 on the interpreter sets it for them too.

        Args:
            func: The function, or `None` for none; see `sys.setprofile`.

        Warns:
            RuntimeWarning: Other threads are running. Where warnings are errors,
                nothing is set.
        """
        _warn_of_running_threads("setprofile_all_threads")
        standard.setprofile(func)
        sys.setprofile(func)

    made: dict[str, Callable[..., None]] = {
        "settrace_all_threads": settrace_all_threads,
        "setprofile_all_threads": setprofile_all_threads,
    }
    for name, value in made.items():
        value.__module__ = "threeply.threading"
        value.__qualname__ = name
    return made


def _warn_of_running_threads(name: str) -> None:
    others = len(sys._current_frames()) - 1
    if others:
        message = (
            f"{name}: Python 3.11 cannot reach the {others} other thread(s) that run "
            "already; they keep what they have"
        )
        warnings.warn(message, RuntimeWarning, stacklevel=3)
