"""The harness of CPython's own tests is no installed package: it is found here."""

import sys
from pathlib import Path

HARNESS = Path(__file__).parents[2] / "cpython"

sys.path.insert(0, str(HARNESS))
