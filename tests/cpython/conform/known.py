"""The failures that are accepted, each with its reason.

`known.toml` has a `[[test]]` for each: `id`, `versions` (`3.11`, all of that minor, or
`3.11.7` alone), `reason`, and `difference`, the heading in DIFFERENCES.md that tells what we do
instead.
"""

import re
import tomllib
from dataclasses import dataclass

_VERSION = re.compile(r"3\.\d+(\.\d+)?")
KEYS = {"id", "versions", "reason", "difference"}


class KnownError(ValueError):
    """An entry of known.toml that is not as it must be."""


@dataclass(frozen=True)
class Known:
    """An accepted failure."""

    id: str
    versions: tuple[str, ...]
    reason: str
    difference: str

    def holds_for(self, version):
        """Whether it is accepted on `version`."""
        return any(f"{version}.".startswith(f"{mine}.") for mine in self.versions)


def load(path, differences):
    """Returns the entries of the file at `path`.

    Args:
        path: known.toml.
        differences: DIFFERENCES.md.

    Raises:
        KnownError: An entry lacks something, or its difference is not written down.
    """
    entries = tomllib.loads(path.read_text()).get("test", [])
    return [_checked(entry, _headings(differences)) for entry in entries]


def _headings(differences):
    if not differences.is_file():
        return set()
    lines = differences.read_text().splitlines()
    return {line.lstrip("#").strip() for line in lines if line.startswith("#")}


def _checked(entry, headings):
    name = entry.get("id", "an entry without id")
    if entry.keys() != KEYS or not all(entry.values()):
        msg = f"known.toml: {name}: wants exactly {', '.join(sorted(KEYS))}, none empty"
        raise KnownError(msg)
    wrong = [mine for mine in entry["versions"] if not _VERSION.fullmatch(mine)]
    if wrong:
        msg = f"known.toml: {name}: {wrong[0]!r} is neither as 3.11 nor as 3.11.7"
        raise KnownError(msg)
    if entry["difference"] not in headings:
        msg = (
            f"known.toml: {name}: no heading {entry['difference']!r} in DIFFERENCES.md"
        )
        raise KnownError(msg)
    return Known(**entry | {"versions": tuple(entry["versions"])})
