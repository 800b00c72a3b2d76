"""Coverage as text and as JSON."""

from __future__ import annotations

from collections import Counter

from threeply._coverage.judge import Item, Kind, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_KINDS = {Kind.NAME: "names", Kind.MEMBER: "members", Kind.KEYWORD: "keywords"}


def totals(items: Iterable[Item]) -> dict[str, int]:
    """Counts items by verdict, every verdict named."""
    counts = Counter(item.ruling.verdict for item in items)
    return {str(verdict): counts[verdict] for verdict in Verdict}


def by_room(rooms: Mapping[str, Sequence[Item]]) -> Iterator[str]:
    """Yields a table of the totals of every room."""
    rows = [(room, items) for room, items in rooms.items()]
    if len(rooms) > 1:
        rows.append(("all rooms", [item for items in rooms.values() for item in items]))
    yield from _table("room", rows)


def by_kind(items: Sequence[Item]) -> Iterator[str]:
    """Yields a table of the totals of one room's names, members and keywords."""
    rows = [
        (title, [item for item in items if item.kind is kind])
        for kind, title in _KINDS.items()
    ]
    yield from _table("", rows)


def listing(items: Sequence[Item]) -> Iterator[str]:
    """Yields a line for every item."""
    width = max(len(item.name) for item in items)
    for item in items:
        line = f"{item.name:{width}}  {item.ruling.verdict:7}"
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


def _table(title: str, rows: Sequence[tuple[str, Sequence[Item]]]) -> Iterator[str]:
    heads = [*map(str, Verdict), "total"]
    width = max(len(title), *(len(name) for name, _ in rows))
    yield f"{title:{width}}" + "".join(f"{head:>9}" for head in heads)
    for name, items in rows:
        counts = [*totals(items).values(), len(items)]
        yield f"{name:{width}}" + "".join(f"{count:>9}" for count in counts)
