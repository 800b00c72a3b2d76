"""What a run stands on: the interpreter, its suites, and where things are."""

from pathlib import Path

from conform import drivers, environment, recorded, suites
from conform.campaign import Campaign
from conform.interpreter import Interpreter

HERE = Path(__file__).resolve().parents[1]
CHECKOUT = HERE.parents[1]
RESULTS = HERE / "results"


class Ground:
    """An interpreter and the suites to run on it.

    Attributes:
        interpreter: The Interpreter.
        version: Its version.
        measure: The version whose record it is measured by: mostly its own.
        suites: The suites to run.
        absent: The suites asked for that this machine does not have.
        borrowed: Name of a borrowed suite to the version that it came from.
    """

    def __init__(self, arguments):
        self.arguments = arguments
        self.interpreter = Interpreter.ask(arguments.python)
        self.version = self.interpreter.version
        self.measure = recorded.measure(self.version, recorded.versions(RESULTS))
        self.work = CHECKOUT / ".build" / "conform" / self.version
        self.further = self.work / "tests"
        self.suites, self.absent, self.borrowed = [], [], {}
        if self.interpreter.tests:
            self._find_suites()

    @property
    def moved(self):
        """Whether this is another patch release than the one that is recorded."""
        return self.measure != self.version

    def standard(self):
        """Returns the Campaign over the plain standard library."""
        place = environment.of_standard_library(self.interpreter, CHECKOUT)
        return self._campaign(place, "stdlib")

    def rooms(self, known):
        """Returns the Campaign over the rooms, where the tests `known` may fail."""
        place = environment.of_rooms(
            self.interpreter, CHECKOUT, self.arguments.package.resolve()
        )
        return self._campaign(place, "rooms", known)

    def _campaign(self, place, kind, known=()):
        place.add_tests(self.further)
        return Campaign(
            place.python,
            self.work / kind,
            self.arguments.jobs,
            self.arguments.seconds,
            frozenset(known),
        )

    def _find_suites(self):
        self.borrowed = drivers.supply(
            self.interpreter, self.further, CHECKOUT / "tools" / "python"
        )
        for name in suites.named(self.arguments.rooms):
            found = suites.expanded(name, [self.interpreter.tests, self.further])
            self.suites += [suite for suite in found if suite not in self.suites]
            if not found:
                self.absent.append(name)


def baseline_path(version):
    """Returns where the baseline of a version is kept."""
    return RESULTS / f"{version}-stdlib.json"


def results_path(version):
    """Returns where the results of a version are kept."""
    return RESULTS / f"{version}.json"
