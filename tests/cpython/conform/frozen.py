"""Tests that only exercise the standard library's own Python classes.

They drive a private class (`selectors` mocked under `_SelectorSocketTransport`, the
pure-Python twin of a C class) and would pass whatever a room does, so they run, and
must pass, but do not count as passed. The list of a version was made once and may
only shrink: no id may be in it that its first commit did not have, nor one that no
longer exists, nor one that has reached native code since.
"""

import subprocess
import tomllib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Frozen:
    """The list of one version.

    Attributes:
        ceiling: How many ids the list had when it was made.
        reasons: Id to the reason why it is in the list.
    """

    ceiling: int = 0
    reasons: dict = field(default_factory=dict)

    def of(self, suite):
        """Returns the ids of a suite."""
        prefix = f"test.{suite}."
        return {name for name in self.reasons if name.startswith(prefix)}

    def without(self, gone):
        """Returns the list without the ids `gone`."""
        left = {name: why for name, why in self.reasons.items() if name not in gone}
        return Frozen(self.ceiling, left)


def parse(text):
    """Returns the list in `text`."""
    stored = tomllib.loads(text)
    reasons = {
        f"test.{group['class']}.{method}": group["reason"]
        for group in stored["group"]
        for method in group["tests"]
    }
    return Frozen(stored["ceiling"], reasons)


def load(path):
    """Returns the list at `path`; an empty one if there is none."""
    return parse(path.read_text()) if path.is_file() else Frozen()


def text_of(frozen):
    """Returns the list as it is stored."""
    groups = {}
    for name, reason in sorted(frozen.reasons.items()):
        owner, _, method = name.removeprefix("test.").rpartition(".")
        groups.setdefault((owner, reason), []).append(method)
    lines = [
        "# Tests that only exercise the standard library's own Python classes.",
        "# This list may only shrink: see README.md. The ceiling never changes.",
        f"ceiling = {frozen.ceiling}",
    ]
    for (owner, reason), methods in groups.items():
        lines += ["", "[[group]]", f'class = "{owner}"', f'reason = "{reason}"']
        lines += ["tests = [", *(f'    "{method}",' for method in methods), "]"]
    return "\n".join(lines) + "\n"


def grown(frozen, first):
    """Returns what the list has that it may not have.

    Args:
        frozen: The list.
        first: The list as it was first committed, or None where that is not known.

    Returns:
        A line for each complaint.
    """
    complaints = []
    count = len(frozen.reasons)
    if count > frozen.ceiling:
        complaints.append(f"{count} ids, where the ceiling is {frozen.ceiling}")
    if first is not None:
        if frozen.ceiling > first.ceiling:
            complaints.append(
                f"its ceiling is {frozen.ceiling}, and was {first.ceiling}"
            )
        added = sorted(frozen.reasons.keys() - first.reasons.keys())
        complaints += [f"{name} was added" for name in added]
    return complaints


def first_committed(path, checkout):
    """Returns the list as it was first committed.

    None where git does not know it: a list that is not committed yet, or a checkout
    without its history.
    """
    name = path.relative_to(checkout)
    commits = _git(checkout, "log", "--diff-filter=A", "--format=%H", "--", name)
    if not commits:
        return None
    text = _git(checkout, "show", f"{commits.split()[-1]}:{name}")
    return parse(text) if text else None


def _git(checkout, *arguments):
    try:
        told = subprocess.run(
            ["git", "-C", checkout, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return ""
    return told.stdout if told.returncode == 0 else ""
