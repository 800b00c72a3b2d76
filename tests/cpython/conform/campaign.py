"""Runs many suites, some at a time, and runs again alone what failed."""

import concurrent.futures
import dataclasses

from conform import process

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
        """Runs `suites`.

        Args:
            suites: Their names.
            tell: Called with name and Record as each one ends.

        Returns:
            Name to Record.
        """
        records = {}
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            started = {pool.submit(self.run_suite, name): name for name in suites}
            for future in concurrent.futures.as_completed(started):
                name = started[future]
                records[name] = future.result()
                tell(name, records[name])
        return records

    def run_suite(self, suite):
        """Returns the Record of one suite, its failures looked at again."""
        log = self._log(suite)
        log.unlink(missing_ok=True)
        record = process.run(self.python, suite, self.seconds, log)
        doubtful = [name for name in record.bad if name not in self.known]
        for name in doubtful[:MOST_REPEATED]:
            record.tests[name].flaky = all(
                self.passes_alone(suite, name) for _ in range(REPEATS)
            )
        return record

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
            self._log(suite),
            [name.removeprefix(prefix)],
        )
        return name in again.tests and again.tests[name].good

    def _log(self, suite):
        self.logs.mkdir(parents=True, exist_ok=True)
        return self.logs / f"{suite}.log"
