"""Runs many suites, some at a time, and runs again alone what failed."""

import concurrent.futures
import dataclasses

from conform import process
from conform.record import GOOD

# A test that failed once must pass this often, alone, to count as merely flaky.
REPEATS = 3
# A suite with more failures than this has no flaky tests; it is broken.
MOST_REPEATED = 25


@dataclasses.dataclass(frozen=True)
class Campaign:
    """How suites are run.

    Attributes:
        python: The interpreter, of the environment that the suites run in.
        logs: The folder for their output.
        jobs: How many suites run at a time.
        seconds: The time limit of a suite.
    """

    python: str
    logs: object
    jobs: int
    seconds: float

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
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{suite}.log"
        log.unlink(missing_ok=True)
        record = process.run(self.python, suite, self.seconds, log)
        for name in record.bad[:MOST_REPEATED]:
            test = self._repeated(suite, name, log)
            if test is not None:
                record.tests[name].flaky = True
                record.tests[name].outcome = test.outcome
        return record

    def fails_alone(self, suite, name):
        """Returns whether a test fails when it runs alone, at least once."""
        return self._repeated(suite, name, self.logs / f"{suite}.log") is None

    def _repeated(self, suite, name, log):
        """Returns the last outcome of a test that passes every time, else None."""
        prefix = f"test.{suite}."
        if not name.startswith(prefix):
            # setUpClass, setUpModule: no test that could run alone.
            return None
        test = None
        for _ in range(REPEATS):
            again = process.run(
                self.python, suite, min(self.seconds, 120), log, [name[len(prefix) :]]
            )
            test = again.tests.get(name)
            if test is None or test.outcome not in GOOD:
                return None
        return test
