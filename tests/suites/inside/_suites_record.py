"""A pytest plugin: says in a file, line by line, which tests start and how they end.

Copied into the environment of a suite and named on pytest's command line, so that no
interpreter that a test starts loads it too. It imports nothing that pytest has not
imported, and above all not threeply: whether the rooms are in place is what it tells.
"""

import json
import os
import re
import sys

import pytest

# What a test may have patched when a line is written.
_open, _getpid, _pid = open, os.getpid, os.getpid()

# Each run has an empty home and temporary folder of its own.
_HOME = os.environ["HOME"]
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


def pytest_addoption(parser):
    parser.getgroup("suites").addoption("--suites-orders", help="a file of JSON")


def pytest_configure(config):
    with _open(config.getoption("--suites-orders"), encoding="utf-8") as file:
        config.pluginmanager.register(Recorder(json.load(file), config.rootpath))


def rooms_in_place():
    """Tells whether each of the rooms stands for the standard module."""
    names = ("threading", "queue", "subprocess", "signal", "concurrent.futures")
    for name in names:
        __import__(name)
    ours = [sys.modules.get(f"threeply.{name}") is sys.modules[name] for name in names]
    return all(ours) and "threeply._threeply" in sys.modules


def told(text):
    """Returns an id or an error as it is in every run: without addresses and home."""
    return _ADDRESS.sub("0x...", text).replace(_HOME, "~")


def matches(pattern, nodeid):
    """Tells whether a pattern names a test, or what it belongs to.

    A `*` stands for anything. `tests/test_a.py::TestB` is all of a class, `tests/net/`
    all of a folder, `tests/test_a.py::test_b` a test with all its parameters.
    """
    regex = ".*".join(map(re.escape, pattern.split("*")))
    end = "" if pattern.endswith("/") else r"(?=$|::|\[)"
    return re.match(regex + end, nodeid, re.DOTALL) is not None


class Recorder:
    """Writes the lines, and leaves out the tests that are not to run."""

    def __init__(self, orders, root):
        self.path = orders["record"]
        self.rooms = orders["rooms"]
        self.not_run = orders["not_run"]
        self.only = orders["only"] and set(orders["only"])
        self.done = set(orders["done"])
        self.root = root
        self.outcome, self.why = "passed", ""

    def pytest_sessionstart(self):
        rooms = rooms_in_place()
        threeply = any(name.partition(".")[0] == "threeply" for name in sys.modules)
        self._write(rooms=rooms, threeply=threeply)
        if rooms != self.rooms or (threeply and not self.rooms):
            pytest.exit("the rooms are not as ordered", returncode=3)

    def pytest_ignore_collect(self, collection_path):
        try:
            path = collection_path.relative_to(self.root).as_posix()
        except ValueError:
            return None
        path += "/" if collection_path.is_dir() else ""
        why = self._why_not_run(path)
        if why is None:
            return None
        self._write(not_run=path, pattern=why)
        return True

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config, items):
        kept, left = [], []
        for item in items:
            nodeid = told(item.nodeid)
            pattern = self._why_not_run(nodeid)
            if pattern is not None:
                self._write(not_run=nodeid, pattern=pattern)
            wanted = self.only is None or nodeid in self.only
            keep = pattern is None and wanted and nodeid not in self.done
            (kept if keep else left).append(item)
        if left:
            config.hook.pytest_deselected(items=left)
            items[:] = kept

    def pytest_collectreport(self, report):
        if report.failed and told(report.nodeid) not in self.done:
            nodeid = told(report.nodeid) + " (collection)"
            self._write(end=nodeid, outcome="failed", why=_why(report))

    def pytest_runtest_logstart(self, nodeid):
        self.outcome, self.why = "passed", ""
        self._write(start=told(nodeid))

    def pytest_runtest_logreport(self, report):
        if report.failed:
            if self.outcome != "failed":
                self.outcome, self.why = "failed", _why(report)
        elif report.skipped and self.outcome == "passed" and not _of_a_part(report):
            self.outcome, self.why = "skipped", _why(report)
        elif report.outcome == "rerun":
            # By a plugin that runs failures again: the next reports decide.
            self.outcome, self.why = "passed", ""

    def pytest_runtest_logfinish(self, nodeid):
        self._write(end=told(nodeid), outcome=self.outcome, why=self.why)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus):
        self._write(finished=int(exitstatus))

    def _why_not_run(self, name):
        return next((p for p in self.not_run if matches(p, name)), None)

    def _write(self, **line):
        # A forked child that comes back into pytest is not the run.
        if _getpid() == _pid:
            with _open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def _of_a_part(report):
    """Tells whether a report is of a subtest."""
    return hasattr(report, "context")


def _why(report):
    """Returns the error of a report, or why it was skipped, in a line."""
    given = report.longrepr
    crash = getattr(given, "reprcrash", None)
    if report.skipped and hasattr(report, "wasxfail"):
        line = f"expected to fail: {report.wasxfail}"
    elif report.skipped:
        line = given[2] if isinstance(given, tuple) else str(given)
    elif crash:
        line = crash.message
    else:
        lines = [line.strip() for line in str(given).splitlines() if line.strip()]
        errors = [line[1:].strip() for line in lines if line.startswith("E ")]
        line = (errors or lines[-1:] or [""])[0]
    return told(line.strip().partition("\n")[0])[:300]
