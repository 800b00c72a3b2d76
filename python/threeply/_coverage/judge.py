"""Verdicts: what threeply has of each public name, method and keyword argument.

A verdict goes by where the object comes from and never by a list of what is done.
Two lists are kept by hand. That of what is shared on purpose counts only while the room
really has the standard module's own object under that name. That of what native names
leave to Python (`slow.toml`) can only make less of them, and the proof holds it to be
complete.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from types import MethodType

from threeply import _room, _stdlib
from threeply._coverage import lookup, origin
from threeply._coverage.api import Name, load, shared, since, slow
from threeply._coverage.lookup import ABSENT
from threeply._coverage.origin import Origin
from threeply._coverage.signature import Parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType


class Verdict(StrEnum):
    """What threeply has of a name."""

    NATIVE = "native"
    PYTHON = "python"
    SHARED = "shared"
    NOT_HERE = "not on this Python"
    NOT_YET = "not yet"
    MISSING = "missing"


class Kind(StrEnum):
    """What an item is."""

    NAME = "name"
    MEMBER = "member"
    KEYWORD = "keyword"


@dataclass(frozen=True)
class Ruling:
    """A verdict and, where it is not plain, the reason."""

    verdict: Verdict
    reason: str | None = None


@dataclass(frozen=True)
class Item:
    """One public name, member or keyword argument, and what was found."""

    name: str
    kind: Kind
    ruling: Ruling


@dataclass(frozen=True)
class _Class:
    """A class of a room beside the standard one of the same name."""

    path: str
    ours: type
    standard: type | None
    ruling: Ruling


_ALL_MODULES = frozenset(
    module for modules in load().rooms.values() for module in modules
)

_FROM = {Origin.NATIVE: Verdict.NATIVE, Origin.OURS: Verdict.PYTHON}


def module(
    path: str,
    names: Mapping[str, Name],
    room: ModuleType | None,
    standard: ModuleType | None,
) -> Iterator[Item]:
    """Judges every name of one module.

    Args:
        path: The module's name.
        names: What the newest CPython has in it.
        room: threeply's module, or `None` where this interpreter has none.
        standard: The standard module, or `None`.
    """
    for name, entry in names.items():
        ours = getattr(room, name, ABSENT)
        beneath = _beneath(getattr(standard, name, ABSENT))
        yield from _name(f"{path}.{name}", entry, ours, beneath)


def _beneath(standard: object) -> object:
    """Returns the standard object, where a package has ours from the room of a submodule."""
    if origin.of(standard) is Origin.OTHER or not isinstance(standard, type):
        return standard
    room = sys.modules.get(standard.__module__)
    if not isinstance(room, _room.Room):
        return standard
    return getattr(_room.state_of(room).standard, standard.__name__, standard)


def _name(path: str, entry: Name, ours: object, standard: object) -> Iterator[Item]:
    if ours is ABSENT:
        yield from _absent(path, entry)
        return
    ruling = _object(path, ours, standard)
    yield Item(path, Kind.NAME, ruling)
    yield from _keywords(path, entry.keywords, ours, standard, ruling)
    if entry.kind != "class":
        return
    if (made := lookup.class_of(ours)) is None:
        ruling = Ruling(Verdict.MISSING, f"{path} is not a class here")
        yield from _all(f"{path}.", entry, ruling)
        return
    beside = _Class(path, made, lookup.class_of(standard), ruling)
    for member, described in entry.members.items():
        yield from _member(beside, member, described.keywords)


def _absent(path: str, entry: Name) -> Iterator[Item]:
    ruling = Ruling(Verdict.MISSING)
    first = since().get(path)
    if first and sys.version_info < tuple(map(int, first.split("."))):
        reason = f"only from CPython {first} on; {shared()[path]}"
        ruling = Ruling(Verdict.NOT_HERE, reason)
    yield Item(path, Kind.NAME, ruling)
    for keyword in entry.keywords:
        yield Item(f"{path}({keyword}=)", Kind.KEYWORD, ruling)
    yield from _all(f"{path}.", entry, ruling)


def _all(prefix: str, entry: Name, ruling: Ruling) -> Iterator[Item]:
    for member, described in entry.members.items():
        yield Item(prefix + member, Kind.MEMBER, ruling)
        for keyword in described.keywords:
            yield Item(f"{prefix}{member}({keyword}=)", Kind.KEYWORD, ruling)


def _object(path: str, ours: object, standard: object) -> Ruling:
    made_by = origin.of(ours)
    if made_by is not Origin.OTHER:
        return _constructed(path, ours, _FROM[made_by])
    if ours is not standard:
        return _value(path, ours, standard)
    if path in shared():
        return Ruling(Verdict.SHARED, shared()[path])
    return Ruling(Verdict.NOT_YET)


def _value(path: str, ours: object, standard: object) -> Ruling:
    """Judges an object that is neither the standard one nor carries code of ours."""
    if callable(ours) or standard is ABSENT:
        return Ruling(Verdict.NOT_YET, f"nobody can tell where {path} comes from")
    return Ruling(Verdict.PYTHON)


def _constructed(path: str, ours: object, verdict: Verdict) -> Ruling:
    """Judges a class by its constructor too: an inherited one is not ours."""
    if not isinstance(ours, type):
        return _ours(path, verdict)
    for name in ("__new__", "__init__"):
        owner, raw = lookup.member(ours, name)
        if (
            owner is not None
            and not lookup.is_builtin(owner)
            and not lookup.is_made(owner, raw)
        ):
            reason = f"{name} is inherited from {lookup.title(owner)}"
            return Ruling(Verdict.NOT_YET, reason)
    return _ours(path, verdict)


def _ours(path: str, verdict: Verdict) -> Ruling:
    """Judges what is native or Python of ours, and says when a native name is in Python."""
    if verdict is not Verdict.NATIVE:
        return Ruling(verdict)
    owner, _, name = path.rpartition(".")
    if any(owner in part.of and name in part.always for part in slow()):
        return Ruling(Verdict.PYTHON, "made in Python when it is asked for")
    # What a class leaves to Python is said of the class, and not again of its members.
    when = "; ".join(part.when for part in slow() if path in part.of)
    return Ruling(verdict, f"in Python when {when}" if when else None)


def _member(beside: _Class, name: str, keywords: Iterable[str]) -> Iterator[Item]:
    path = f"{beside.path}.{name}"
    owner, raw = lookup.member(beside.ours, name)
    if owner is None:
        ruling = _instance_attribute(beside, name)
    else:
        ruling = _found(beside, name, owner, raw)
    yield Item(path, Kind.MEMBER, ruling)
    callee = getattr(beside.ours, name, ABSENT)
    reference = getattr(beside.standard, name, ABSENT)
    yield from _keywords(path, keywords, callee, reference, ruling)


def _found(beside: _Class, name: str, owner: type, raw: object) -> Ruling:
    """Judges a member by the class in which looking it up ends."""
    if beside.ours is beside.standard:
        return beside.ruling
    if lookup.is_made(owner, raw):
        return _made(beside, name, owner, raw)
    if beside.standard is not None:
        standard_owner, standard_raw = lookup.member(beside.standard, name)
        path = f"{beside.path}.{name}"
        if path in shared() and (raw is standard_raw or _is_the_standards(raw)):
            return Ruling(Verdict.SHARED, shared()[path])
        if lookup.is_builtin(owner) and owner is standard_owner:
            return beside.ruling
    if lookup.is_builtin(owner):
        reason = f"looking it up ends in {lookup.title(owner)}"
        return Ruling(Verdict.MISSING, reason)
    return Ruling(Verdict.NOT_YET, f"inherited from {lookup.title(owner)}")


def _is_the_standards(value: object) -> bool:
    """Tells whether a value is what a standard module has under the value's own name."""
    if not isinstance(value, type) or value.__module__ not in _ALL_MODULES:
        return False
    standard = _stdlib.module(value.__module__)
    return vars(standard).get(value.__name__) is value


def _made(beside: _Class, name: str, owner: type, raw: object) -> Ruling:
    """Judges a member that is native or ours by what it is: native work only."""
    verdict = _FROM[origin.of(raw)]
    if verdict is Verdict.NATIVE and (hooks := lookup.hooks(beside.ours, owner)):
        reason = f"{beside.ours.__name__} overrides {', '.join(hooks)}"
        return Ruling(Verdict.PYTHON, reason)
    return _ours(f"{beside.path}.{name}", verdict)


def _instance_attribute(beside: _Class, name: str) -> Ruling:
    """Judges an attribute that no class has: the code that assigns it decides."""
    for owner in beside.ours.__mro__:
        if lookup.assigns(owner, name):
            if beside.ours is beside.standard:
                return beside.ruling
            if origin.of(owner) is Origin.OURS:
                return Ruling(Verdict.PYTHON)
            if beside.ruling.verdict is Verdict.NOT_YET:
                return Ruling(Verdict.NOT_YET, f"assigned by {lookup.title(owner)}")
    return Ruling(Verdict.MISSING)


def _keywords(
    path: str,
    keywords: Iterable[str],
    callee: object,
    standard: object,
    ruling: Ruling,
) -> Iterator[Item]:
    wanted = list(keywords)
    if not wanted or ruling.verdict is Verdict.MISSING:
        verdicts = dict.fromkeys(wanted, ruling)
    else:
        accepted = Parameters.of(callee)
        reference = Parameters.of(standard)
        same = callee is standard or (
            isinstance(callee, MethodType) and callee == standard
        )
        is_native = ruling.verdict is Verdict.NATIVE
        # When a native name is in Python is said of the name alone.
        bare = Ruling(Verdict.NATIVE) if is_native else ruling
        verdicts = {
            keyword: bare
            if accepted.take(keyword, reference, is_standard=same)
            else Ruling(Verdict.MISSING, "not in the signature")
            for keyword in wanted
        }
    for keyword, judged in verdicts.items():
        yield Item(f"{path}({keyword}=)", Kind.KEYWORD, judged)
