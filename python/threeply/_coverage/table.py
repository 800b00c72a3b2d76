"""Coverage as text and as JSON."""

from __future__ import annotations

from collections import Counter

from threeply._coverage.judge import Item, Kind, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


def totals(items: Iterable[Item]) -> dict[str, int]:
    """Counts items by verdict, every verdict named."""
    counts = Counter(item.ruling.verdict for item in items)
    return {str(verdict): counts[verdict] for verdict in Verdict}


def parts(items: Iterable[Item]) -> dict[str, dict[str, int]]:
    """Counts the names alone, and the names with their members and keywords."""
    items = list(items)
    names = [item for item in items if item.kind is Kind.NAME]
    return {"names": _counted(names), "with members": _counted(items)}


def by_room(rooms: Mapping[str, Sequence[Item]]) -> Iterator[str]:
    """Yields the totals of every room: its names alone, then with all that they have."""
    rows = [(room, items) for room, items in rooms.items()]
    if len(rooms) > 1:
        rows.append(("all rooms", [item for items in rooms.values() for item in items]))
    for part in ("names", "with members"):
        yield from _table(part, [(name, parts(items)[part]) for name, items in rows])
        yield ""
    for name, items in rows:
        names, everything = parts(items).values()
        yield (
            f"{name}: {names['native']} of {names['total']} names native, "
            f"{everything['native']} of {everything['total']} with members and keywords"
        )


def listing(items: Sequence[Item]) -> Iterator[str]:
    """Yields a line for every item."""
    width = max(len(item.name) for item in items)
    verdicts = max(len(item.ruling.verdict) for item in items)
    for item in items:
        line = f"{item.name:{width}}  {item.ruling.verdict:{verdicts}}"
        yield f"{line}  {item.ruling.reason}" if item.ruling.reason else line.rstrip()


def as_json(items: Iterable[Item]) -> list[dict[str, str]]:
    """Returns items as JSON has them."""
    out = []
    for item in items:
        entry = {
            "name": item.name,
            "kind": str(item.kind),
            "verdict": str(item.ruling.verdict),
        }
        if item.ruling.reason:
            entry["reason"] = item.ruling.reason
        out.append(entry)
    return out


def _counted(items: Sequence[Item]) -> dict[str, int]:
    return {**totals(items), "total": len(items)}


def _table(title: str, rows: Sequence[tuple[str, Mapping[str, int]]]) -> Iterator[str]:
    heads = [*map(str, Verdict), "total"]
    widths = [max(len(head) + 2, 9) for head in heads]
    first = max(len(title), *(len(name) for name, _ in rows))
    spans = list(zip(heads, widths, strict=True))
    yield f"{title:{first}}" + "".join(f"{head:>{width}}" for head, width in spans)
    for name, counts in rows:
        yield f"{name:{first}}" + "".join(
            f"{counts[head]:>{width}}" for head, width in spans
        )
