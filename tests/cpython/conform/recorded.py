"""Which record a version is measured by.

A version is recorded if it has a `results/<version>.json`. Distributions move: where the
machine has another patch release than the recorded one, the record is still what there is
to compare with, and what fails newly may be CPython's change as well as ours.
"""

import re

_RELEASE = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def versions(folder):
    """Returns the versions that `folder` has results of, the oldest first."""
    names = (path.stem for path in folder.glob("*.json"))
    return sorted((name for name in names if _RELEASE.fullmatch(name)), key=_numbers)


def measure(version, recorded):
    """Returns the version whose record a version is measured by.

    Args:
        version: The version that runs.
        recorded: The versions that have a record.

    Returns:
        The version itself, if it has one; else the newest release of the same minor that is
        older, or the oldest that is newer; the version itself if its minor has none.
    """
    if version in recorded or not _RELEASE.match(version):
        return version
    mine = _numbers(version)
    kin = sorted((v for v in recorded if _numbers(v)[:2] == mine[:2]), key=_numbers)
    older = [other for other in kin if _numbers(other) < mine]
    return older[-1] if older else kin[0] if kin else version


def _numbers(version):
    return tuple(map(int, _RELEASE.match(version).groups()))
