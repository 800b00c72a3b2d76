"""A child of multiprocessing finds the functions of `__main__`, and is on threeply.

For a script, a module, a zip and code, and for each start method: the child does
what it does under plain Python (which finds no function of a `-c`, and none of a
zip, unless the child is forked), and its modules are the rooms.
"""

import pytest
from run import runner
from run.corpus import Program, zipped

MAIN = """\
import multiprocessing
import sys

import telling


def work(n):
    print("work", n, work.__module__, __name__, flush=True)
    sys.exit(n)


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    for target, argument in ((work, 3), (telling.tell, sys.argv[1])):
        process = context.Process(target=target, args=(argument,))
        process.start()
        process.join()
        print(process.exitcode, flush=True)
"""
TELLING = """\
import sys
import threading


def tell(method):
    with open(f"told_by_{method}", "w") as file:
        print(type(sys.modules["threading"]).__name__, file=file)
"""
SHARED = {"telling.py": TELLING.encode()}
MAIN_FILE = {"prog.py": MAIN.encode(), **SHARED}
FORMS = {
    "script": (("prog.py",), MAIN_FILE),
    "-m": (("-m", "prog"), MAIN_FILE),
    "-m package": (
        ("-m", "packed.prog"),
        {"packed/__init__.py": b"", "packed/prog.py": MAIN.encode(), **SHARED},
    ),
    "zip": (("prog.zip",), {"prog.zip": zipped(__main__=MAIN, telling=TELLING)}),
    "-c": (("-c", MAIN), SHARED),
}


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("form", FORMS)
def test_a_child_finds_the_functions_of_main(form, method, tmp_path):
    command, files = FORMS[form]
    program = Program(form, (*command, method), files=files)
    told = tmp_path / "run" / f"told_by_{method}"
    plain = runner.run(program, tmp_path / "run", runner.PLAIN)
    assert told.read_text() == "module\n"
    ours = runner.run(program, tmp_path / "run", runner.OURS)
    assert told.read_text() == "Room\n"
    assert ours == plain
    found = method == "fork" or form not in ("zip", "-c")
    assert (b"work 3 " in ours.stdout) is found
