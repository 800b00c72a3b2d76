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
Written by `make bench ROOM={room}`. Medians of interleaved processes; behind each
figure its ratio to the standard library's (above 1 is better than it), or that it is
the same object. `cpu` is the thread's own time, `wall` the clock's. "aim" is the ratio
that threeply promises, or the most."""


def table(result: dict[str, Any]) -> str:
    """One Python's results as a Markdown section."""
    machine, versions = result["machine"], result["versions"]
    sides = list(versions)
    others = ", ".join(
        f"{side} {version}" for side, version in versions.items() if side != STANDARD
    )
    lines = [
        f"## Python {result['python']}",
        "",
        f"{result['date']}; {machine['processor']}, {machine['cores']} cores, Linux "
        f"{machine['kernel']}; load {result['load'][0]:.1f} before and "
        f"{result['load'][1]:.1f} after; {result['rounds']} rounds; {others}.",
        "",
        f"| what | unit | {' | '.join(sides)} | aim |",
        f"|---|---|{'---:|' * (len(sides) + 1)}",
    ]
    lines += [_line(row, sides) for row in result["benches"]]
    return "\n".join(lines)


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
