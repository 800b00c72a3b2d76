"""The public API of the newest CPython, and what is said of it by hand.

`api.json` is made by `tools/typeshed_api.py`; `shared.toml` and `slow.toml` are written.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


@dataclass(frozen=True)
class Member:
    """A method or an attribute of a class."""

    kind: str
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class Name:
    """A public name of a module."""

    kind: str
    keywords: tuple[str, ...] = ()
    members: Mapping[str, Member] = field(default_factory=dict)


@dataclass(frozen=True)
class Api:
    """The public API of every room.

    Attributes:
        source: Where it is from: `python`, `platform` and `typeshed`.
        rooms: For each room its modules, and for each module its names.
    """

    source: Mapping[str, str]
    rooms: Mapping[str, Mapping[str, Mapping[str, Name]]]


@dataclass(frozen=True)
class Slow:
    """What some native names leave to Python.

    Attributes:
        of: The names; a class stands for all its members, `*` for every name.
        runs: Patterns of the functions that run, by module and name.
        when: What has to be so.
        always: Members of which even the ordinary reading is such a call.
    """

    of: tuple[str, ...]
    runs: tuple[str, ...]
    when: str
    always: tuple[str, ...] = ()

    def owner(self, name: str) -> str | None:
        """Returns which of its names stands for one, if any does."""
        for owner in self.of:
            if owner in ("*", name) or name.startswith(f"{owner}."):
                return owner
        return None

    def pattern(self, function: str) -> str | None:
        """Returns which of its patterns stands for a function, if any does."""
        return next((p for p in self.runs if fnmatchcase(function, p)), None)


@cache
def load() -> Api:
    """Reads `api.json`."""
    data = json.loads(_text("api.json"))
    rooms = {
        room: {
            module: {name: _name(entry) for name, entry in names.items()}
            for module, names in modules.items()
        }
        for room, modules in data["rooms"].items()
    }
    return Api(data["source"], rooms)


@cache
def shared() -> Mapping[str, str]:
    """Reads `shared.toml`: for each full name that is shared on purpose, the reason.

    Raises:
        ValueError: A name is listed twice.
    """
    reasons: dict[str, str] = {}
    for group in tomllib.loads(_text("shared.toml"))["shared"]:
        for name in group["names"]:
            full = f"{group['module']}.{name}"
            if full in reasons:
                message = f"shared.toml lists {full} twice"
                raise ValueError(message)
            reasons[full] = group["reason"]
    return reasons


@cache
def since() -> Mapping[str, str]:
    """Reads `shared.toml`: the first Python that has a shared name, where others lack it."""
    return {
        f"{group['module']}.{name}": group["since"]
        for group in tomllib.loads(_text("shared.toml"))["shared"]
        if "since" in group
        for name in group["names"]
    }


@cache
def slow() -> tuple[Slow, ...]:
    """Reads `slow.toml`."""
    return tuple(
        Slow(
            tuple(group["of"]),
            tuple(group["runs"]),
            group["when"],
            tuple(group.get("always", ())),
        )
        for group in tomllib.loads(_text("slow.toml"))["slow"]
    )


def _name(entry: Mapping[str, Any]) -> Name:
    members = {
        member: Member(found["kind"], tuple(found.get("keywords", ())))
        for member, found in entry.get("members", {}).items()
    }
    return Name(entry["kind"], tuple(entry.get("keywords", ())), members)


def _text(name: str) -> str:
    return files("threeply._coverage").joinpath(name).read_text(encoding="utf-8")
