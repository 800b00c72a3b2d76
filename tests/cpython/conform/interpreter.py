"""The interpreter whose tests are run."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

# `sys.version` tells builds of one version apart, so it is asked for as well.
_ASK = """
import importlib.util, json, sys
spec = importlib.util.find_spec("test.support")
print(json.dumps({
    "version": ".".join(map(str, sys.version_info[:3]))
        + ("" if sys.version_info[3] == "final" else "".join(map(str, sys.version_info[3:]))),
    "minor": "%d.%d" % sys.version_info[:2],
    "tests": spec and spec.origin and spec.origin.rpartition("/test/")[0] + "/test",
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """A CPython, by its executable.

    Attributes:
        path: The executable.
        version: `3.11.7`; a pre-release as `3.15.0alpha2`.
        minor: `3.11`.
        tests: The folder of its `test` package, or None if it was installed without.
    """

    path: Path
    version: str
    minor: str
    tests: Path | None

    @classmethod
    def ask(cls, path):
        """Returns the facts that the executable tells of itself."""
        told = json.loads(subprocess.check_output([path, "-I", "-c", _ASK], text=True))
        tests = told.pop("tests")
        return cls(path=Path(path), tests=tests and Path(tests), **told)
