"""The results of one version of Python, as they are kept: JSON, and a table for people."""

import fcntl
import json
import re
from collections import Counter

from suites.comparing import ABSENT
from suites.environment import CHECKOUT
from suites.record import FAILED, PASSED, SKIPPED

COLUMNS = ("lost", "unsteady", "gained", "flaky")
_BAD = ("failed", "hung", "crashed")
_FEW = 10
# Where a suite is run, and the rest of the checkout.
_PLACE = re.compile(rf"{re.escape(str(CHECKOUT))}/(\.build/suites/[^/]+/[^/]+/work/)?")


def update(path, python, entries):
    """Writes entries into the results; projects that were not run keep theirs.

    Args:
        path: The JSON file; the table goes beside it.
        python: The version.
        entries: Name of a project to its entry.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Several runs may go at a time, each of other projects.
    with open(path, "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        kept = json.loads(file.read() or '{"projects": {}}')["projects"]
        entries = sorted((kept | entries).items(), key=lambda item: item[0].lower())
        stored = {"python": python, "projects": dict(entries)}
        file.truncate(0)
        # Errors have paths in them.
        text = json.dumps(stored, indent=1, ensure_ascii=False)
        text = _PLACE.sub("", text)
        file.write(text + "\n")
        path.with_suffix(".md").write_text(table(json.loads(text)))


def entry(project, plain, ours, comparison, origin):
    """Returns what is kept of a project.

    Args:
        project: The Project.
        plain: What ran under python.
        ours: What ran under threeply.
        comparison: The Comparison.
        origin: The commit of threeply and the date.
    """
    bad = [n for n in plain.outcomes if _bad(plain, n) and _bad(ours, n)]
    return {
        "version": project.version,
        "rooms": list(project.rooms),
        **origin,
        "python": counts(plain),
        "threeply": counts(ours),
        "incomplete": {
            side: ran.incomplete
            for side, ran in (("python", plain), ("threeply", ours))
            if ran.incomplete
        },
        **{key: getattr(comparison, key) for key in COLUMNS},
        "fails_on_both": {n: plain.outcomes[n].why for n in bad},
        "not_run": not_run(project, plain),
    }


def counts(ran):
    """Returns the figures of a side."""
    kinds = Counter(outcome.kind for outcome in ran.outcomes.values())
    return {
        "run": kinds.total(),
        PASSED: kinds[PASSED],
        FAILED: sum(kinds[kind] for kind in _BAD),
        SKIPPED: kinds[SKIPPED],
        "seconds": ran.seconds,
    }


def not_run(project, ran):
    """Returns each pattern of tests that were left out: how many, and why."""
    left = Counter(ran.not_run.values())
    return {
        pattern: {"left_out": left[pattern], "why": why}
        for pattern, why in project.not_run.items()
    }


def summary(name, stored):
    """Returns a project's row of the table."""
    if "none" in stored:
        return f"| {name} | {stored['version']} | | | | | | | | {stored['none']} |"
    sides = [stored[side] for side in ("python", "threeply")]
    figures = [
        f"{s[PASSED]} / {s[FAILED]} / {s[SKIPPED]}"
        + (" (incomplete)" if side in stored["incomplete"] else "")
        for side, s in zip(("python", "threeply"), sides, strict=True)
    ]
    left = sum(entry["left_out"] for entry in stored["not_run"].values())
    cells = [
        name,
        stored["version"],
        str(sides[0]["run"]),
        *figures,
        *(str(len(stored[key])) for key in COLUMNS),
        str(left),
    ]
    return f"| {' | '.join(cells)} |"


HEAD = (
    "| project | version | tests | python: passed / failed / skipped | threeply "
    "| lost | unsteady | gained | flaky | not run |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def table(stored):
    """Returns the results for people."""
    projects = stored["projects"]
    lines = [
        f"# Other projects' suites on Python {stored['python']}",
        "",
        "Made by `make suites`; see [README.md](../README.md) for what the columns say.",
        "",
        HEAD,
        *(summary(name, entry) for name, entry in projects.items()),
        total(projects.values()),
        "",
        _origins(projects.values()),
    ]
    for name, entry in projects.items():
        lines += _details(name, entry)
    return "\n".join(lines) + "\n"


def total(entries):
    """Returns the row of sums."""
    ran = [entry for entry in entries if "none" not in entry]
    sums = [
        " / ".join(str(sum(e[side][k] for e in ran)) for k in (PASSED, FAILED, SKIPPED))
        for side in ("python", "threeply")
    ]
    cells = [
        str(sum(e["python"]["run"] for e in ran)),
        *sums,
        *(str(sum(len(e[key]) for e in ran)) for key in COLUMNS),
        str(sum(p["left_out"] for e in ran for p in e["not_run"].values())),
    ]
    return f"| **all** | | {' | '.join(cells)} |"


def _bad(ran, name):
    return name in ran.outcomes and ran.outcomes[name].kind in _BAD


def _origins(entries):
    origins = sorted({f"{e['commit']} on {e['date']}" for e in entries})
    return f"threeply at {', '.join(origins)}."


_LISTS = {
    "lost": "Lost",
    "unsteady": "Unsteady",
    "gained": "Gained",
    "flaky": "Flaky",
    "fails_on_both": "Fails on both sides",
}


def _details(name, stored):
    parts = []
    for side, why in stored.get("incomplete", {}).items():
        parts += [f"Incomplete under {side}: {why}.", ""]
    for key, title in _LISTS.items():
        if stored.get(key):
            parts += [f"{title}:", ""]
            parts += [f"- {line}" for line in listed(stored[key])] + [""]
    if stored.get("not_run"):
        parts += ["Not run:", ""]
        parts += [
            f"- `{pattern}` ({left['left_out']}): {left['why']}"
            for pattern, left in stored["not_run"].items()
        ] + [""]
    return ["", f"## {name}", "", *parts[:-1]] if parts else []


def listed(tests):
    """Returns a line for each test, but one for all that are absent where those are many."""
    absent = [test for test, why in tests.items() if why == ABSENT]
    folded = set(absent) if len(absent) > _FEW else set()
    lines = [_item(test, why) for test, why in tests.items() if test not in folded]
    return lines + ([f"{len(folded)} tests that are absent"] if folded else [])


def _item(test, why):
    told = " ".join(why.replace("`", "'").split())
    return f"`{test}`" + (f": {told}" if told else "")
