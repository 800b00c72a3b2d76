"""README.md: its examples run, its links lead somewhere, its claims hold."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from threeply import coverage

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def run(*arguments, cwd):
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=50)


PYTHON = blocks("python")


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_a_python_example_runs(number, tmp_path):
    (tmp_path / "example.py").write_text(PYTHON[number])
    done = run("example.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_there_are_examples_of_both_python_doors():
    assert len(PYTHON) >= 2
    assert any("threeply.install()" in block for block in PYTHON)
    assert any("from threeply import queue, threading" in block for block in PYTHON)


def test_the_command_lines_run(tmp_path):
    (tmp_path / "prog.py").write_text(
        "import queue, sys; print(queue.Queue, sys.argv)\n"
    )
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__main__.py").write_text("print('a package')\n")
    (block,) = blocks("console")
    lines = [line.removeprefix("$ python ") for line in block.splitlines()]
    assert all(line.startswith("-m threeply ") for line in lines)
    script, module, code = lines
    done = run(*script.replace("args…", "one two").split(), cwd=tmp_path)
    expected = "<class 'queue.Queue'> ['prog.py', 'one', 'two']\n"
    assert (done.stdout, done.stderr) == (expected, "")
    assert run(*module.split(), cwd=tmp_path).stdout == "a package\n"
    source = re.fullmatch(r"-m threeply -c '(.*)'", code)[1]
    done = run("-m", "threeply", "-c", source, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("<class 'queue.Queue'>\n", "")


def test_the_rust_example_is_the_one_that_cargo_tests():
    documentation = (ROOT / "crates/threeply/src/lib.rs").read_text()
    lines = re.findall(r"^//! ?(.*)$", documentation, re.MULTILINE)
    (tested,) = re.findall(
        r"^```\n(.*?)^```$", "\n".join(lines), re.MULTILINE | re.DOTALL
    )
    shown = [line for line in tested.splitlines() if not line.startswith("# ")]
    assert blocks("rust") == ["\n".join(shown) + "\n"]


def test_every_link_leads_somewhere():
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    assert [t for t in targets if not (ROOT / t).exists()] == []


def test_every_verb_is_one_of_the_makefile():
    verbs = set(re.findall(r"`(?:PY=\S+ )?make ([a-z]+)`", README))
    assert {"demo", "test", "help"} <= verbs
    makefile = "".join(
        file.read_text()
        for file in (ROOT / "Makefile", ROOT / "tests/cpython/conform.mk")
    )
    for verb in verbs:
        assert re.search(rf"^{verb}(:| .*:)", makefile, re.MULTILINE), verb


def test_what_it_shows_as_native_is_native():
    rows = re.findall(r"^\w+ +[\d.]+ +[\d.]+ +[\d.]+x  (.*)$", README, re.MULTILINE)
    assert len(rows) == 7
    shown = {name for row in rows for name in re.findall(r"[a-z.]+\.[A-Z]\w+", row)}
    native = {
        item.name
        for room in coverage.ROOMS
        for item in coverage.measure(room)
        if item.ruling.verdict == "native"
    }
    assert shown
    assert shown <= native
