"""Lazy imports (PEP 810, Python 3.15): of rooms, and of threeply's own files."""

import sys

import pytest

import threeply

pytestmark = pytest.mark.skipif(sys.version_info < (3, 15), reason="new in Python 3.15")

BOTH = pytest.mark.parametrize("on", [True, False], ids=["threeply", "standard"])

IMPORTS = """
import queue
import threading as th
import concurrent.futures
import asyncio, multiprocessing, signal, subprocess
from threading import Lock
from concurrent.futures import ThreadPoolExecutor
"""

USE = """
def use():
    items = queue.Queue()
    items.put(1)
    assert items.get() == 1
    assert th.Lock is Lock
    assert concurrent.futures.ThreadPoolExecutor is ThreadPoolExecutor
    with ThreadPoolExecutor(1) as pool:
        assert list(pool.map(abs, [-1])) == [1]
    assert subprocess.run(["true"]).returncode == 0
    assert signal.SIGINT == 2
    assert asyncio.run(asyncio.sleep(0, 3)) == 3
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(abs, [-1]) == [1]
    return type(queue).__name__

if __name__ == "__main__":
    print(use())
"""


@BOTH
def test_rooms_can_be_imported_lazily(programs, on):
    lines = IMPORTS.strip().splitlines()
    text = "".join(f"lazy {line}\n" for line in lines)
    tell = """
import sys
if __name__ == "__main__":
    assert not {"queue", "subprocess"} & sys.modules.keys()
"""
    said = programs.run(text + tell + USE, on=on)
    assert said == ("Room\n" if on else "module\n")


@BOTH
def test_every_import_can_be_lazy(programs, on):
    # The private modules of an installed room were looked for when it was too late.
    said = programs.run(IMPORTS + USE, on=on, options=["-X", "lazy_imports=all"])
    assert said == ("Room\n" if on else "module\n")


def test_every_import_can_be_lazy_by_the_option(programs):
    options = ["-X", "threeply", "-X", "lazy_imports=all"]
    assert programs.run(IMPORTS + USE, on=False, options=options) == "Room\n"


def test_every_import_can_be_lazy_without_our_pth(programs):
    # The finder was asked for what it needs for finding.
    home = str(next(iter(threeply.__path__))).removesuffix("/threeply")
    options = ["-S", "-X", "lazy_imports=all", "-m", "threeply"]
    said = programs.run(IMPORTS + USE, on=False, options=options, PYTHONPATH=home)
    assert said == "Room\n"


def test_rooms_that_were_imported_before_are_installed_whole(programs):
    text = """
    from threeply import queue, signal, subprocess, threading
    from threeply.concurrent import futures
    before = [queue.Queue, signal.signal, subprocess.run, threading.Lock, futures.Future]
    import threeply; threeply.install()
    """
    options = ["-X", "lazy_imports=all"]
    text = "\n".join(line.strip() for line in text.splitlines())
    said = programs.run(text + IMPORTS + USE, on=False, options=options)
    assert said == "Room\n"
