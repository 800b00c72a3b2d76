"""Runs one suite in this interpreter, and tells what happens, a JSON line each.

`environment` copies it into the environment, and `process` starts it there as a
module, since some tests look for the spec of `__main__`:

    python -m _conform_suite EVENTS SECONDS PART SUITE [NAME ...]

PART is `2/3`: the second third of the suite's classes; `1/1` is all of it. With names
given (`Class.test_method`), only those tests run. Every line is flushed as it is
written, so a process that dies or hangs loses only the test that it was in. The children of multiprocessing import this file again as `__mp_main__`: hence
the guard below, and the imports inside functions.
"""

import sys

# As regrtest has them on a machine without `-u all`; "network" is needed for
# test_socketserver, which stays on this machine.
RESOURCES = ["cpu", "subprocess", "decimal", "walltime", "curses", "network"]


def main():
    path, seconds, part, suite, *names = sys.argv[1:]
    # Tests look at sys.argv, and so do the children that they fork.
    sys.argv[1:] = []

    import faulthandler

    faulthandler.enable()
    # A backstop that shows every stack; `process` kills the group a little later.
    faulthandler.dump_traceback_later(max(float(seconds) - 10, 5), exit=True)
    _set_up_support()
    with open(path, "a", buffering=1) as events:
        _run(suite, part, names, _teller(events))
    faulthandler.cancel_dump_traceback_later()


def _set_up_support():
    """Does what regrtest does before a test."""
    from test import support

    support.verbose = 0
    support.record_original_stdout(sys.stdout)
    support.use_resources = RESOURCES
    _set_excepthook()


def _set_excepthook():
    """Has a Python function for `threading.excepthook`, as regrtest does.

    The built-in one has no signature on some versions, which test_inspect would
    take for a fault.
    """
    import threading

    standard = threading.excepthook

    def excepthook(args):
        standard(args)

    threading.excepthook = excepthook


def _teller(events):
    import json
    import os

    # A forked child of a test has the same open file.
    parent = os.getpid()

    def tell(**event):
        if os.getpid() == parent:
            events.write(json.dumps(event) + "\n")

    return tell


def _run(suite, part, names, tell):
    import unittest

    loader = unittest.TestLoader()
    try:
        if names:
            tests = unittest.TestSuite(
                loader.loadTestsFromName(f"test.{suite}.{name}") for name in names
            )
        else:
            tests = loader.loadTestsFromName(f"test.{suite}")
    except unittest.SkipTest as skip:
        tell(event="end", status="skip", why=str(skip))
        return
    except BaseException as error:
        tell(event="end", status="load-error", why=_reason(error))
        raise
    if loader.errors:
        tell(event="end", status="load-error", why=str(loader.errors[0])[-400:])
        return
    try:
        _part_of(tests, *map(int, part.split("/"))).run(_result_class(tell)())
    except BaseException as error:
        tell(event="end", status="aborted", why=_reason(error))
        raise
    tell(event="end", status="done")


def _part_of(tests, number, count):
    """Returns a part of the tests: whole classes, in the order of the suite.

    They are dealt out in an order that has nothing to do with the suite's, where each
    third or fourth class may be the slow one of its kind.
    """
    import unittest
    from zlib import crc32

    if count == 1:
        return tests
    names = {_class_name(test) for test in _each(tests)}
    dealt = sorted(names, key=lambda name: crc32(name.encode()))
    mine = set(dealt[number - 1 :: count])
    return unittest.TestSuite(t for t in _each(tests) if _class_name(t) in mine)


def _each(tests):
    import unittest

    for test in tests:
        if isinstance(test, unittest.TestSuite):
            yield from _each(test)
        else:
            yield test


def _class_name(test):
    return test.id().rpartition(".")[0]


def _result_class(tell):
    import unittest

    class Result(unittest.TestResult):
        """Tells each outcome. A test may have several: one for a failed subtest."""

        # A skipped test is stopped, but not started, on CPython 3.12.1.
        reached = 0

        def startTest(self, test):
            super().startTest(test)
            self.reached = _native_objects()
            tell(event="start", id=test.id())

        def stopTest(self, test):
            native = _native_objects() > self.reached
            tell(event="stop", id=test.id(), native=native)
            super().stopTest(test)

        def addSuccess(self, test):
            tell(event="outcome", id=test.id(), outcome="pass")

        def addFailure(self, test, err):
            super().addFailure(test, err)
            tell(event="outcome", id=test.id(), outcome="fail", why=_reason(err[1]))

        def addError(self, test, err):
            super().addError(test, err)
            tell(event="outcome", id=test.id(), outcome="error", why=_reason(err[1]))

        def addSkip(self, test, reason):
            super().addSkip(test, reason)
            tell(event="outcome", id=test.id(), outcome="skip", why=str(reason))

        def addExpectedFailure(self, test, err):
            tell(event="outcome", id=test.id(), outcome="xfail")

        def addUnexpectedSuccess(self, test):
            super().addUnexpectedSuccess(test)
            tell(event="outcome", id=test.id(), outcome="xpass")

        def addSubTest(self, test, subtest, err):
            super().addSubTest(test, subtest, err)
            if err is not None:
                why = f"[{subtest._subDescription()}] {_reason(err[1])}"
                tell(event="outcome", id=test.id(), outcome="fail", why=why)

    return Result


def _native_objects():
    """Returns how many native objects this process has made so far.

    Zero while no room has loaded the extension, and over the standard library.
    """
    native = sys.modules.get("threeply._native")
    if native is None or native.extension is None:
        return 0
    return native.extension.reached()


def _reason(error):
    """Returns the error and the line of the test that met it."""
    import traceback

    text = traceback.format_exception_only(type(error), error)[-1].strip()[:400]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if "/test/" in frame.filename:
            return f"{text} @ {frame.filename.rpartition('/')[2]}:{frame.lineno}"
    return text


if __name__ == "__main__":
    main()
