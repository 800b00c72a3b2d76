"""Runs many suites, some at a time, and runs again alone what failed."""

import concurrent.futures
import dataclasses

from conform import process, record

# A test that failed once must pass this often, alone, to count as merely flaky.
REPEATS = 3
# A suite with more failures than this has no flaky tests; it is broken.
MOST_REPEATED = 25
MOST_SECONDS_ALONE = 120


@dataclasses.dataclass(frozen=True)
class Campaign:
    """How suites are run.

    Attributes:
        python: The interpreter, of the environment that the suites run in.
        logs: The folder for their output.
        jobs: How many suites run at a time.
        seconds: The time limit of a suite.
        known: Ids of tests that may fail, and are not run again.
    """

    python: str
    logs: object
    jobs: int
    seconds: float
    known: frozenset = frozenset()

    def run(self, suites, tell):
        """Runs suites.

        Args:
            suites: Their names, each to the number of its parts; what is first begins.
            tell: Called with name and Record as each one ends.

        Returns:
            Name to Record.
        """
        parts = {name: [] for name in suites}
        records = {}
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            started = {
                pool.submit(self._run_part, name, number, count): name
                for name, count in suites.items()
                for number in range(1, count + 1)
            }
            for future in concurrent.futures.as_completed(started):
                name = started[future]
                parts[name].append(future.result())
                if len(parts[name]) == suites[name]:
                    records[name] = record.merged(parts[name])
                    tell(name, records[name])
        return records

    def run_suite(self, suite):
        """Returns the Record of one suite, run in one process."""
        return self._run_part(suite, 1, 1)

    def _run_part(self, suite, number, count):
        """Returns the Record of a part of a suite, its failures looked at again."""
        log = self._log(suite if count == 1 else f"{suite}.{number}of{count}")
        log.unlink(missing_ok=True)
        part = f"{number}/{count}"
        ran = process.run(self.python, suite, self.seconds, log, part)
        doubtful = [name for name in ran.bad if name not in self.known]
        for name in doubtful[:MOST_REPEATED]:
            ran.tests[name].flaky = all(
                self.passes_alone(suite, name) for _ in range(REPEATS)
            )
        return ran

    def passes_alone(self, suite, name):
        """Runs one test alone, and returns whether it passes."""
        prefix = f"test.{suite}."
        if not name.startswith(prefix):
            # setUpClass, setUpModule: no test that could run alone.
            return False
        again = process.run(
            self.python,
            suite,
            min(self.seconds, MOST_SECONDS_ALONE),
            self._log(f"{suite}.again"),
            names=[name.removeprefix(prefix)],
        )
        return name in again.tests and again.tests[name].good

    def _log(self, name):
        self.logs.mkdir(parents=True, exist_ok=True)
        return self.logs / f"{name}.log"
