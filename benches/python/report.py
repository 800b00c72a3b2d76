"""Results as text: one JSON file and one Markdown page a room, all Pythons in both."""

import json
from pathlib import Path
from typing import Any

STANDARD = "standard"


def write(folder: Path, room: str, result: dict[str, Any]) -> None:
    """Puts the result in the place of the last one of the same Python."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{room}.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    results[".".join(result["python"].split(".")[:2])] = result
    results = dict(sorted(results.items(), key=lambda item: _order(item[0])))
    path.write_text(json.dumps(results, indent=1) + "\n")
    pages = [f"# {room}: benchmarks", INTRODUCTION.format(room=room)]
    pages += [table(one) for one in results.values()]
    (folder / f"{room}.md").write_text("\n\n".join(pages) + "\n")


INTRODUCTION = """\
Written by `make bench ROOM={room}`. Figures of two builds of Python are not to be
compared. Medians of interleaved processes; behind each figure its ratio to the standard
library's (above 1 is better than it), or that it is the same object. `cpu` is the
thread's own time, `wall` the clock's. "aim" is the ratio that threeply promises, or the
most."""


def table(result: dict[str, Any]) -> str:
    """One Python's results as a Markdown section."""
    machine, versions = result["machine"], result["versions"]
    sides = list(versions)
    others = ", ".join(
        f"{side} {version}" for side, version in versions.items() if side != STANDARD
    )
    lines = [
        f"## Python {result['python']}, {_build(result)}",
        "",
        f"{result['date']}; {machine['processor']}, {machine['cores']} cores, Linux "
        f"{machine['kernel']}; load {result['load'][0]:.1f} before and "
        f"{result['load'][1]:.1f} after; {result['rounds']} rounds; "
        f"commit {result['commit']}; {others}.",
        "",
        f"| what | unit | {' | '.join(sides)} | aim |",
        f"|---|---|{'---:|' * (len(sides) + 1)}",
    ]
    lines += [_line(row, sides) for row in result["benches"]]
    return "\n".join([*lines, *_no_gain(result["benches"])])


def _build(result: dict[str, Any]) -> str:
    build = result["build"]
    if build["optimised"]:
        return f"an optimised build ({build['by']}, {build['compiler']})"
    return f"**not an optimised build** ({build['compiler']}): for comparison only"


# Within this of 1, two medians of noisy processes are the same.
LEVEL = 0.05


def _no_gain(rows: list[dict[str, Any]]) -> list[str]:
    """Names what is not faster than the standard library, so that nobody has to look."""
    ratios = {
        row["says"]: row["ratios"]["threeply"]
        for row in rows
        if "threeply" in row["ratios"] and "threeply" not in row["same"]
    }
    level = [says for says, ratio in ratios.items() if abs(ratio - 1) <= LEVEL]
    behind = [
        f"{says} (x{ratio:.3g})" for says, ratio in ratios.items() if ratio < 1 - LEVEL
    ]
    lines = []
    if level:
        lines += ["", f"Level with the standard library: {'; '.join(level)}."]
    if behind:
        lines += ["", f"Behind the standard library: {'; '.join(behind)}."]
    return lines


def _line(row: dict[str, Any], sides: list[str]) -> str:
    cells = [_cell(row, side) for side in sides]
    return (
        f"| {row['says']} (`{row['name']}`) | {row['unit']}, {row['clock']} "
        f"| {' | '.join(cells)} | {_aim(row)} |"
    )


def _cell(row: dict[str, Any], side: str) -> str:
    if side not in row["sides"]:
        return ""
    figure = f"{row['sides'][side]['median']:.4g}"
    if side in row["same"]:
        return f"{figure} (same)"
    ratio = row["ratios"].get(side)
    return figure if ratio is None else f"{figure} (x{ratio:.3g})"


def _aim(row: dict[str, Any]) -> str:
    """What is promised, and whether it is kept; one object is as fast as itself."""
    if row["most"] is not None:
        promise = f"at most {row['most']:g}"
        reached = row["sides"].get("threeply", {}).get("median", 0) <= row["most"]
    elif row["aim"] is not None:
        promise = f"x{row['aim']:g}"
        ratio = 1 if "threeply" in row["same"] else row["ratios"].get("threeply", 0)
        reached = ratio >= row["aim"]
    else:
        return ""
    return promise + ("" if reached else " **missed**")


def _order(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
