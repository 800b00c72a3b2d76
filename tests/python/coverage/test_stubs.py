"""The reader of stub files."""

import importlib
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[3] / "tools"


@pytest.fixture
def describe(monkeypatch, tmp_path):
    """Writes stub files, and describes the module `threading` of them."""
    monkeypatch.syspath_prepend(TOOLS)
    stubs = importlib.import_module("stubs")
    tool = importlib.import_module("typeshed_api")

    def describe(text, **others):
        for name, body in {"threading": text, **others}.items():
            (tmp_path / f"{name}.pyi").write_text(body)
        read = stubs.Stubs(tmp_path, stubs.Branches((3, 15), "linux"))
        return tool.describe_module(read, "threading")

    return describe


def test_branches_are_decided_for_one_python_on_linux(describe):
    found = describe(
        "import sys\n"
        "if sys.version_info >= (3, 15) and sys.platform != 'win32':\n"
        "    def newest(): ...\n"
        "elif sys.version_info >= (3, 11):\n"
        "    def older(): ...\n"
        "if sys.platform == 'win32':\n"
        "    def windows(): ...\n"
    )
    assert list(found) == ["newest"]


def test_a_condition_on_anything_else_is_refused(describe):
    with pytest.raises(Exception, match="TYPE_CHECKING"):
        describe("if TYPE_CHECKING:\n    x: int\n")


def test_overloads_give_their_keywords_together(describe):
    found = describe(
        "from typing import overload\n"
        "@overload\ndef run(a, /, b): ...\n"
        "@overload\ndef run(a, /, *args, c, **rest): ...\n"
    )
    assert found["run"] == {"kind": "function", "keywords": ["b", "c"]}


def test_members_of_bases_count_and_self_is_no_keyword(describe):
    found = describe(
        "from _thread import Base\n"
        "class Thing(Base):\n"
        "    def __init__(self, size: int): ...\n"
        "    def own(self, x): ...\n"
        "    @staticmethod\n    def free(y): ...\n"
        "    def __exit__(self, kind, value, trace): ...\n",
        _thread=(
            "class Base:\n"
            "    def __init__(self, other): ...\n"
            "    def own(self, hidden): ...\n"
            "    @property\n    def state(self): ...\n"
            "    def _private(self): ...\n"
        ),
    )
    assert found["Thing"] == {
        "kind": "class",
        "keywords": ["size"],
        "members": {
            "__exit__": {"kind": "method", "keywords": []},
            "free": {"kind": "method", "keywords": ["y"]},
            "own": {"kind": "method", "keywords": ["x"]},
            "state": {"kind": "attribute"},
        },
    }


def test_aliases_are_followed_through_other_modules(describe):
    found = describe(
        "import _thread\nLock = _thread.LockType\nstart = _thread.only.begin\n",
        _thread=(
            "class lock:\n    def begin(self, how): ...\nLockType = lock\nonly: lock\n"
        ),
    )
    assert found["Lock"]["members"] == {
        "begin": {"kind": "method", "keywords": ["how"]}
    }
    assert found["start"] == {"kind": "function", "keywords": ["how"]}


def test_what_only_type_checkers_see_is_left_out(describe):
    found = describe(
        "from typing import Any, Protocol, TypeAlias, TypeVar, type_check_only\n"
        "T = TypeVar('T')\n"
        "Name: TypeAlias = str\n"
        "@type_check_only\nclass Shape(Protocol): ...\n"
        "limit: float\n"
    )
    assert found == {"limit": {"kind": "value"}}
