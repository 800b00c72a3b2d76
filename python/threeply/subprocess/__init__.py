"""The room of `subprocess`: secondary processes, and talking with them."""

from __future__ import annotations

from threeply import _native, _room, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    # Before the star, whose names take no other's place.
    from threeply.subprocess._declared import (
        Popen as Popen,
        call as call,
        check_call as check_call,
        check_output as check_output,
        run as run,
    )
if TYPE_CHECKING:
    from subprocess import *  # type: ignore[assignment, no-redef]  # noqa: F403
    from typing import Any

    from threeply.subprocess._limit import OutputLimitExceeded as OutputLimitExceeded
    from threeply.subprocess._pipeline import Pipeline as Pipeline

stdlib_subprocess = _stdlib.module("subprocess")
ours: dict[str, Any] = {}
if _native.extension is not None:
    from threeply.subprocess import _limit, _pipeline, _popen, _run

    parts = _native.extension.subprocess.types(stdlib_subprocess)
    _popen.Popen._native = parts["Process"]
    _popen.Popen._communication = parts["Communication"]
    ours["Popen"] = _popen.Popen
    ours["OutputLimitExceeded"] = _limit.OutputLimitExceeded
    ours["Pipeline"] = _pipeline.Pipeline
    for function in (
        _run.call,
        _run.check_call,
        _run.check_output,
        _run.getoutput,
        _run.getstatusoutput,
        _run.run,
    ):
        ours[function.__name__] = function
    for made in ours.values():
        made.__module__ = "threeply.subprocess"

_room.open_room("threeply.subprocess", stdlib_subprocess, ours)
