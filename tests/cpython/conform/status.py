"""What the kept results are worth now: which of them are fresh, stale, never made."""

import textwrap
from collections import Counter

from conform import suites
from conform.baseline import Baseline
from conform.foundation import beneath
from conform.results import Results


def told(folder, version, foundation):
    """Returns the status of one version's results as it is printed.

    Args:
        folder: The folder of the results.
        version: The version.
        foundation: The Foundation of the sources as they are now.
    """
    kept = Results.load(folder / f"{version}.json", version)
    stored = Baseline.load(folder / f"{version}-stdlib.json", version)
    totals = kept.totals(foundation)
    lines = [f"CPython {version}"]
    lines += [f"  {name}: {donor}'s is used" for name, donor in kept.borrowed.items()]
    lines.append(_fresh(totals))
    for why, names in _by_reason(kept, foundation).items():
        lines += _listed(f"stale, {why}", names)
    return "\n".join(lines + _listed("never run", _never_run(kept, stored)))


def _fresh(totals):
    return (
        "  fresh: {suites:,} suites: {run:,} run, {passed:,} passed, {native:,} of them "
        "reaching native code, {failed_known:,} known, {flaky:,} flaky, "
        "{skipped:,} skipped, {failed_unknown:,} unknown"
    ).format(**totals)


def _by_reason(kept, foundation):
    """Returns why suites are stale, in words, and the suites that are so."""
    reasons = {}
    for suite, changed in sorted(kept.stale(foundation).items()):
        if "stood_on" not in kept.suites[suite]:
            why = "made without a note of its sources"
        elif changed == beneath(suite):
            why = "all beneath changed"
        else:
            why = f"changed: {', '.join(changed)}"
        reasons.setdefault(why, []).append(suite)
    return reasons


def _never_run(kept, stored):
    """Returns suites that the version has, and the results do not."""
    missing = stored.suites.keys() - kept.suites.keys()
    known = {name.partition(".")[0] for name in (*stored.suites, *kept.suites)}
    known.update(stored.absent)
    return sorted(missing | (set(suites.named([])) - known))


def _listed(title, names):
    """Returns a paragraph that names suites, those of a package together."""
    if not names:
        return []
    packages = Counter(name.partition(".")[0] for name in names)
    words = [
        f"{name} ({count})" if count > 1 else name for name, count in packages.items()
    ]
    return textwrap.wrap(
        f"{title}: {len(names)} suites: {', '.join(words)}",
        width=99,
        initial_indent="  ",
        subsequent_indent="    ",
        break_on_hyphens=False,
    )
