"""What a type checker makes of `threeply.subprocess`. Nobody runs this; mypy reads it."""

import subprocess as stdlib_subprocess
from collections.abc import Callable
from typing import Any, assert_type

from threeply import subprocess
from threeply.subprocess import PIPE, Pipeline, Popen

COMMAND = ["tr", "a-z", "A-Z"]


def kinds_of_children(text: bool) -> None:
    assert_type(Popen(COMMAND), Popen[bytes])
    assert_type(Popen(COMMAND, -1, "/usr/bin/tr", stdin=PIPE), Popen[bytes])
    assert_type(Popen(COMMAND, text=True), Popen[str])
    assert_type(Popen(COMMAND, encoding="utf-8"), Popen[str])
    assert_type(Popen(COMMAND, errors="replace"), Popen[str])
    assert_type(Popen(COMMAND, universal_newlines=True), Popen[str])
    assert_type(Popen(COMMAND, text=text), Popen[Any])


def what_is_beyond(limits: dict[int, tuple[int, int]]) -> None:
    child = Popen(COMMAND, nice=3, rlimits=limits, sigmask=(), own_tree=True)
    assert_type(child.communicate(b"rope", max_output=3, tee=True), tuple[bytes, bytes])
    child.kill_tree()
    if usage := child.resource_usage():
        assert_type(usage.ru_utime, float)
    subprocess.run(COMMAND, kill_tree=True, max_output=4, tee=True)
    assert_type(Pipeline(["yes"], ["head"]).wait(), list[int])


def functions() -> None:
    ran = subprocess.run(COMMAND, input=b"rope", capture_output=True, check=True)
    assert_type(ran, stdlib_subprocess.CompletedProcess[bytes])
    assert_type(subprocess.check_output("date", shell=True, text=True), str)
    assert_type(subprocess.check_output("date", shell=True, timeout=1.5), bytes)
    assert_type(subprocess.call(COMMAND, stdout=PIPE, timeout=1.5), int)


def takes_standard(check: Callable[[stdlib_subprocess.Popen[str]], None]) -> None:
    check(Popen(COMMAND, text=True))


async def awaits(child: Popen[bytes]) -> None:
    assert_type(await child, int)


def mistakes() -> None:
    Popen(COMMAND, nicer=3)  # type: ignore[call-overload]
    subprocess.check_output(COMMAND, stdout=PIPE)  # type: ignore[call-overload]
