"""The line of the .pth, where threeply cannot be installed."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from run import runner

import threeply

PACKAGE = Path(threeply.__file__).resolve().parent
STARTUP = Path(__file__).parents[3] / "wheel" / "platlib" / "threeply_startup.pth"
# What gevent.monkey.patch_all() leaves: `site` reads this file before ours.
GREEN = (
    "import sys, types; m = types.ModuleType('gevent.monkey'); "
    "m.saved = {'threading': {}}; sys.modules['gevent.monkey'] = m\n"
)
ASKED = {
    "-m threeply": (("-m", "threeply"), {}),
    "-X threeply": (("-X", "threeply"), {}),
    "THREEPLY_CHILDREN": ((), {"THREEPLY_CHILDREN": "1"}),
}


@pytest.fixture(scope="module")
def greens(tmp_path_factory):
    """An environment with threeply in which each interpreter starts patched."""
    folder = tmp_path_factory.mktemp("green")
    venv.create(folder, symlinks=True)
    version = "python{}.{}".format(*sys.version_info)
    packages = folder / "lib" / version / "site-packages"
    (packages / "a_green.pth").write_text(GREEN)
    (packages / "threeply.pth").write_text(f"{PACKAGE.parent}\n")
    shutil.copy(STARTUP, packages)
    return folder


def start(greens, *words, **variables):
    return subprocess.run(
        [greens / "bin" / "python", *words],
        env=runner.environment(greens, **variables),
        capture_output=True,
        text=True,
        timeout=runner.PATIENCE,
        check=False,
    )


@pytest.mark.parametrize("how", ASKED)
def test_a_program_is_not_started_without_what_was_asked_for(how, greens):
    words, variables = ASKED[how]
    done = start(greens, *words, "-c", "print('ran')", **variables)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("threeply: the program was not started: ")
    assert "gevent" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_program_that_is_run_in_process_is_not_started_either(greens):
    # -S reads no .pth: the patching is done by the program that runs us.
    text = f"{GREEN}sys.argv[1:] = ['-c', 'print(1)']\n" + (
        "import runpy; runpy.run_module('threeply', run_name='__main__')"
    )
    done = start(greens, "-S", "-c", text, PYTHONPATH=str(PACKAGE.parent))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("threeply: the program was not started: ")


def test_a_program_that_did_not_ask_is_started(greens):
    assert start(greens, "-c", "print('ran')").stdout == "ran\n"


def test_what_is_installed_is_what_the_wheel_has():
    for folder in sys.path:
        installed = Path(folder, STARTUP.name)
        if installed.exists():
            assert installed.read_bytes() == STARTUP.read_bytes()
            return
    pytest.fail(
        f"{STARTUP.name} is in no folder of sys.path: `make build` puts it there"
    )
