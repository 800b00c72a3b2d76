"""What of the six rooms (and `queue`) is native, python, shared, not yet, missing.

    python -m threeply.coverage [room] [--check] [--json | --totals]

Every public name of the newest CPython, every method and attribute of its classes
and every keyword argument gets one verdict:

- native: it comes from the extension; the engine does the work, and no Python of
  threeply's or of the standard class runs in the ordinary call;
- python: it is code of threeply's own, in Python;
- shared: it is the interpreter's own object on purpose, for the reason shown;
- not on this Python: this interpreter cannot have it, for the reason shown;
- not yet: it is handed on to the standard module for now;
- missing: neither threeply nor this interpreter's standard module has it.

With `--check` the exit status is 1 while anything is missing or not yet. `--totals`
writes the totals alone, as JSON: names alone, and names with members and keywords.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import warnings
from importlib import import_module

from threeply import _native, _stdlib
from threeply._coverage import judge, table
from threeply._coverage.api import load
from threeply._coverage.judge import Item, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

__all__ = ["ROOMS", "main", "measure"]

ROOMS = tuple(load().rooms)
"""The rooms, by the names of their standard modules."""


def measure(room: str) -> list[Item]:
    """Judges every public name, member and keyword argument of a room.

    Args:
        room: The name of the room's standard module, such as `"threading"`.

    Raises:
        ValueError: There is no room of that name.
    """
    if room not in ROOMS:
        message = f"room: {room!r} is none of {', '.join(ROOMS)}"
        raise ValueError(message)
    items: list[Item] = []
    with warnings.catch_warnings():
        # Merely looking at a deprecated name warns.
        warnings.simplefilter("ignore", DeprecationWarning)
        for name, names in load().rooms[room].items():
            items += judge.module(name, names, *_modules(name))
    return items


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command, and returns its exit status."""
    options = _parser().parse_args(arguments)
    chosen = [options.room] if options.room else ROOMS
    rooms = {room: measure(room) for room in chosen}
    text = _lines(rooms)
    if options.json:
        text = iter([json.dumps(_document(rooms), indent=1)])
    elif options.totals:
        text = iter([json.dumps(_totals(rooms), indent=1)])
    try:
        sys.stdout.writelines(f"{line}\n" for line in text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever was reading has enough. The interpreter flushes once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1 if options.check and _open(rooms) else 0


def _modules(name: str) -> tuple[ModuleType | None, ModuleType | None]:
    """Returns threeply's and the standard module, `None` where this Python has none."""
    try:
        room = import_module(f"threeply.{name}")
    except ModuleNotFoundError:
        return None, None
    return room, _stdlib.module(name)


def _open(rooms: dict[str, list[Item]]) -> int:
    """Counts what is missing or not yet."""
    unfinished = (Verdict.NOT_YET, Verdict.MISSING)
    items = [item for found in rooms.values() for item in found]
    return sum(item.ruling.verdict in unfinished for item in items)


def _head() -> dict[str, str]:
    source = load().source
    loaded = _native.extension is not None
    return {
        "python": platform.python_version(),
        "api": f"CPython {source['python']} on {source['platform']}",
        "typeshed": source["typeshed"],
        "extension": "loaded" if loaded else f"not loaded: {_native.reason}",
    }


def _lines(rooms: dict[str, list[Item]]) -> Iterator[str]:
    head = _head()
    yield f"Python {head['python']}, against {head['api']} (typeshed {head['typeshed']})"
    yield f"extension {head['extension']}"
    if _native.extension is None:
        yield "Without the extension nothing is native, and every room is the standard one."
    yield ""
    if len(rooms) == 1:
        items = next(iter(rooms.values()))
        yield from table.listing(items)
        yield ""
    yield from table.by_room(rooms)
    if unfinished := _open(rooms):
        yield ""
        yield f"{unfinished} are missing or not yet."


def _document(rooms: dict[str, list[Item]]) -> dict[str, object]:
    return {
        **_head(),
        "rooms": {
            room: {"totals": table.totals(items), "items": table.as_json(items)}
            for room, items in rooms.items()
        },
    }


def _totals(rooms: dict[str, list[Item]]) -> dict[str, object]:
    return {
        **_head(),
        "rooms": {room: table.parts(items) for room, items in rooms.items()},
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m threeply.coverage",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("room", nargs="?", choices=ROOMS, help="one room, item by item")
    parser.add_argument(
        "--check",
        action="store_true",
        help="exit 1 while anything is missing or not yet",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="write every item as JSON")
    form.add_argument("--totals", action="store_true", help="write the totals as JSON")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
