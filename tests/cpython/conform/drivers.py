"""Suites that some installs lack, put together in a folder of our own.

`make install` of CPython 3.11.7 and 3.12.1 leaves out four test packages. Three are
only drivers over `test/_test_multiprocessing.py`, which is there: they are written
anew. `test_concurrent_futures` is borrowed from the machine's 3.10, the last whose
suite is a single file that 3.11 has nearly the same of (3.11.2 adds three tests of
`max_tasks_per_child`); where there is no 3.10 it is left out, and that is said.
"""

import shutil
import subprocess
from pathlib import Path

from conform.interpreter import Interpreter

FUTURES = "test_concurrent_futures"
DONORS = ("python3.10",)
START_METHODS = ("fork", "spawn", "forkserver")

# The parts that CPython's own packages have.
PARTS = {
    "test_processes": "only_type='processes'",
    "test_threads": "only_type='threads'",
    "test_manager": "only_type='manager'",
    "test_misc": "exclude_types=True",
}

DRIVER = """import unittest
from test._test_multiprocessing import install_tests_in_module_dict

install_tests_in_module_dict(globals(), {method!r}, {part})

if __name__ == '__main__':
    unittest.main()
"""


def supply(interpreter, folder, find_python):
    """Fills `folder` with the suites that `interpreter` lacks.

    Args:
        interpreter: The Interpreter whose tests are run.
        folder: Where the suites go; emptied first.
        find_python: The command that prints the path of a named interpreter.

    Returns:
        Name of a borrowed suite to the version that it was borrowed from.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for method in START_METHODS:
        name = f"test_multiprocessing_{method}"
        if not _has(interpreter.tests, name):
            _write_package(folder / name, method)
    if _has(interpreter.tests, FUTURES) or interpreter.minor not in {"3.11", "3.12"}:
        return {}
    return _borrow_futures(folder, find_python)


def _has(tests, name):
    return (tests / name).is_dir() or (tests / f"{name}.py").is_file()


def _write_package(package, method):
    package.mkdir()
    (package / "__init__.py").touch()
    for part, arguments in PARTS.items():
        text = DRIVER.format(method=method, part=arguments)
        (package / f"{part}.py").write_text(text)


def _borrow_futures(folder, find_python):
    for name in DONORS:
        found = subprocess.run(
            [find_python, name], stdout=subprocess.PIPE, text=True, check=False
        )
        if found.returncode != 0 or not found.stdout.strip():
            continue
        donor = Interpreter.ask(found.stdout.strip())
        source = donor.tests and Path(donor.tests, f"{FUTURES}.py")
        if source and source.is_file():
            shutil.copy(source, folder)
            return {FUTURES: donor.version}
    return {}
