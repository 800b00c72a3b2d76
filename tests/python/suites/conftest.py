"""The harness of other projects' suites is no installed package: it is found here."""

import sys
from pathlib import Path

HARNESS = Path(__file__).parents[2] / "suites"

sys.path.insert(0, str(HARNESS))
