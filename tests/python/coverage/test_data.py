"""The data is what CPython has: held against the interpreter that runs the tests."""

import importlib
import importlib.metadata
import json
import sys
import warnings
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pytest

from threeply._coverage import api, judge
from threeply._coverage.judge import Verdict

TOOLS = Path(__file__).parents[3] / "tools"

# Public in an older Python than the newest, and gone.
REMOVED = {
    "asyncio": {
        "AbstractChildWatcher",
        "FastChildWatcher",
        "MultiLoopChildWatcher",
        "PidfdChildWatcher",
        "SafeChildWatcher",
        "ThreadedChildWatcher",
        "get_child_watcher",
        "set_child_watcher",
    },
    # Not defined there: the module has no `__all__` to say so.
    "concurrent.futures.process": {"Queue", "format_exception", "partial"},
}
# New in a patch release of the minor version that typeshed says has it.
BACKPORTED = ("(eager_start=)",)


def modules():
    return [name for room in api.load().rooms.values() for name in room]


def standard_module(name):
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        pytest.skip(f"this Python has no {name}")


@pytest.mark.parametrize("name", modules())
def test_every_public_name_of_this_python_is_in_the_data(name):
    standard = standard_module(name)
    listed = getattr(standard, "__all__", None)
    if listed is None:
        listed = [
            public
            for public, value in vars(standard).items()
            if not public.startswith("_") and not isinstance(value, ModuleType)
        ]
    (room,) = (room for room in api.load().rooms.values() if name in room)
    assert set(listed) - room[name].keys() <= REMOVED.get(name, set())


def test_every_shared_name_is_a_public_name_with_a_reason():
    known = {
        full
        for room in api.load().rooms.values()
        for module, names in room.items()
        for name, entry in names.items()
        for full in (
            f"{module}.{name}",
            *(f"{module}.{name}.{member}" for member in entry.members),
        )
    }
    assert api.shared().keys() <= known
    assert all(api.shared().values())


def test_the_data_says_which_typeshed_it_is_from():
    source = api.load().source
    assert source["python"] == "3.15"
    assert source["typeshed"].startswith("bundled with mypy ")


@pytest.fixture
def tool(monkeypatch):
    pytest.importorskip("mypy", reason="typeshed comes with mypy")
    monkeypatch.syspath_prepend(TOOLS)
    return importlib.import_module("typeshed_api")


def test_the_data_is_what_the_tool_makes(tool):
    root, version = tool.bundled()
    if api.load().source["typeshed"] != f"bundled with mypy {version}":
        pytest.skip("another mypy than the data is from")
    kept = files("threeply._coverage").joinpath("api.json").read_text("utf-8")
    assert tool.text(root, version) == kept


def test_what_the_tool_makes_for_this_python_is_what_this_python_has(tool):
    root, _ = tool.bundled()
    rooms = json.loads(json.dumps(tool.api(root, sys.version_info[:2])))
    absent = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for name, names in ((n, m[n]) for m in rooms.values() for n in m):
            if name == "concurrent.futures.interpreter" and sys.version_info < (3, 14):
                continue
            standard = importlib.import_module(name)
            entries = {public: api._name(entry) for public, entry in names.items()}
            absent += [
                item.name
                for item in judge.module(name, entries, standard, standard)
                if item.ruling.verdict is Verdict.MISSING
            ]
    assert [name for name in absent if not name.endswith(BACKPORTED)] == []
