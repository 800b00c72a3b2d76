"""The rooms are in place in every interpreter of the environment, or nothing runs."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from conform.environment import Environment, NotInstalledError
from conform.interpreter import Interpreter

import threeply

pytestmark = pytest.mark.timeout(120)

CHILDREN = """
import multiprocessing, sys

def tell():
    import threading
    print(multiprocessing.get_start_method(), threading is sys.modules["threeply.threading"])

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=tell)
    child.start()
    child.join()
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("environment") / "venv"
    return Environment(Interpreter.ask(sys.executable), folder)


@pytest.fixture
def fake(tmp_path):
    """Makes a package that has threeply's name."""

    def fake(install, reason):
        package = tmp_path / "threeply"
        package.mkdir()
        package.joinpath("__init__.py").write_text(install)
        package.joinpath("_native.py").write_text(f"reason = {reason!r}")
        return tmp_path

    return fake


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_the_rooms_are_in_place_in_children(place, tmp_path, method):
    place.install_rooms(Path(threeply.__file__).parents[1])
    program = tmp_path / "children.py"
    program.write_text(CHILDREN)
    told = subprocess.check_output([place.python, program, method], text=True)
    assert told == f"{method} True\n"


def test_rooms_that_are_not_put_in_place_are_noticed(place, fake):
    package = fake("def install(): pass", None)
    with pytest.raises(NotInstalledError, match="still standard with no options"):
        place.install_rooms(package)


def test_an_extension_that_does_not_load_is_noticed(place, fake):
    pretend = """
        def install():
            import sys, importlib
            for name in ("threading", "queue", "subprocess", "signal",
                         "multiprocessing", "asyncio", "concurrent.futures"):
                sys.modules["threeply." + name] = importlib.import_module(name)
    """
    package = fake(textwrap.dedent(pretend), "of another version")
    with pytest.raises(NotInstalledError, match="of another version"):
        place.install_rooms(package)
