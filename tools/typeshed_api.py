#!/usr/bin/env python3
"""Writes the public API of the newest CPython for `threeply.coverage`.

    .venv/bin/python tools/typeshed_api.py           writes the file
    .venv/bin/python tools/typeshed_api.py --check   exits 1 where it would change

The source is typeshed as bundled with mypy's wheel, read by `stubs.py` with its
branches decided for CPython 3.15 on Linux. Which mypy it was stands in the file.

A module's public names are those in its `__all__`, and every other top-level name
without a leading underscore: documented names that `__all__` leaves out (such as
`asyncio.subprocess.Process`) are then in, and nothing can be left out by hand.
A class has the methods and attributes of its bases too, as far as these are the
rooms' own. Keywords are the parameters that can be passed by name. Those of
double-underscore methods are left out, `__init__` and `__call__` excepted: the
interpreter passes them by position.
"""

import argparse
import ast
import importlib.metadata
import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

from stubs import (
    Branches,
    Found,
    Function,
    Module,
    Scope,
    Stubs,
    Surprise,
    public_names,
)

PYTHON = (3, 15)
PLATFORM = "linux"
TARGET = Path(__file__).parents[1] / "python/threeply/_coverage/api.json"

ROOMS = {
    "threading": ["threading"],
    "queue": ["queue"],
    "signal": ["signal"],
    "subprocess": ["subprocess"],
    "multiprocessing": [
        "multiprocessing",
        "multiprocessing.connection",
        "multiprocessing.context",
        "multiprocessing.dummy",
        "multiprocessing.managers",
        "multiprocessing.pool",
        "multiprocessing.process",
        "multiprocessing.queues",
        "multiprocessing.reduction",
        "multiprocessing.shared_memory",
        "multiprocessing.sharedctypes",
        "multiprocessing.synchronize",
        "multiprocessing.util",
    ],
    "asyncio": ["asyncio", "asyncio.subprocess"],
    "concurrent.futures": [
        "concurrent.futures",
        "concurrent.futures.interpreter",
        "concurrent.futures.process",
        "concurrent.futures.thread",
    ],
}
CLASS_FURNITURE = {"__slots__", "__match_args__", "__doc__", "__module__"}
CLASS_FURNITURE |= {"__builtins__"}
# What the stubs declare for type checkers and no CPython has: members, and keywords.
STUB_ONLY = {
    ("multiprocessing.dummy", "Namespace"): {"__getattr__"},
    ("multiprocessing.managers", "Namespace"): {"__getattr__"},
    ("asyncio", "AbstractEventLoop"): {"slow_callback_duration"},
}
STUB_ONLY_KEYWORDS = {
    ("threading", "serialize_iterator"): {"throw": {"typ", "val", "tb"}},
    ("asyncio", "AbstractEventLoop"): {"create_unix_server": {"cleanup_socket"}},
    ("asyncio", "BaseEventLoop"): {"create_unix_server": {"cleanup_socket"}},
}
CONSTRUCTORS = ("__init__", "__new__")
# Names without members, and members, stand on one line each in the data file.
LEAF = re.compile(r'\{\s*"kind"[^{}]*\}|\[[^\[\]{}]*\]')

Entry = dict[str, Any]


def keywords(functions: list[Function], *, bound: bool) -> list[str]:
    """Returns the parameters that can be passed by name, overloads together."""
    names: dict[str, None] = {}
    for function in functions:
        arguments = function.args
        positional = arguments.args
        if bound and not arguments.posonlyargs:
            positional = positional[1:]
        for argument in positional + arguments.kwonlyargs:
            if not argument.arg.startswith("__"):
                names[argument.arg] = None
    return list(names)


def describe(stubs: Stubs, found: Found | None) -> Entry:
    """Describes what a public name of a module is."""
    match found.nodes[0] if found else None:
        case ast.ClassDef() as node if found:
            return describe_class(stubs, found.module, node)
        case ast.FunctionDef() | ast.AsyncFunctionDef() if found:
            functions = [n for n in found.nodes if isinstance(n, Function)]
            if _is_property(functions[0]):
                return {"kind": "value"}
            first = functions[0].args.posonlyargs + functions[0].args.args
            bound = bool(first) and first[0].arg in ("self", "cls")
            return {"kind": "function", "keywords": keywords(functions, bound=bound)}
    return {"kind": "value"}


def describe_class(stubs: Stubs, module: Module, node: ast.ClassDef) -> Entry:
    """Describes a class: how it is called, and its members, inherited ones too."""
    constructor: list[str] | None = None
    members: dict[str, Entry] = {}
    for _, scope in stubs.bases(module, node):
        for name, nodes in scope.bindings.items():
            if name in CONSTRUCTORS:
                functions = [n for n in nodes if isinstance(n, Function)]
                if constructor is None:
                    constructor = keywords(functions, bound=True)
            elif _is_public_member(name) and name not in members:
                members[name] = describe_member(scope, name)
    return {
        "kind": "class",
        "keywords": constructor or [],
        "members": dict(sorted(members.items())),
    }


def _is_public_member(name: str) -> bool:
    dunder = name.startswith("__") and name.endswith("__")
    return (dunder and name not in CLASS_FURNITURE) or not name.startswith("_")


def describe_member(scope: Scope, name: str) -> Entry:
    """Describes a method or an attribute of a class."""
    nodes = scope.bindings[name]
    if isinstance(nodes[0], ast.Assign) and isinstance(nodes[0].value, ast.Name):
        nodes = scope.bindings.get(nodes[0].value.id, nodes)
    functions = [n for n in nodes if isinstance(n, Function)]
    if not functions or _is_property(functions[0]):
        return {"kind": "attribute"}
    static = "staticmethod" in map(ast.unparse, functions[0].decorator_list)
    positional = name.startswith("__") and name != "__call__"
    passed = [] if positional else keywords(functions, bound=not static)
    return {"kind": "method", "keywords": passed}


def _is_property(function: Function) -> bool:
    return any(
        ast.unparse(decorator).endswith("property")
        for decorator in function.decorator_list
    )


def describe_module(stubs: Stubs, name: str) -> Entry:
    """Describes every public name of a module."""
    module = stubs.module(name)
    if module is None:
        raise Surprise(f"no stub for {name}")
    names: dict[str, Entry] = {}
    for public in public_names(module):
        found = stubs.find(module, public)
        if name == "multiprocessing":
            found = _method_of_default_context(stubs, public) or found
        names[public] = entry = describe(stubs, found)
        _remove_stub_only(entry, (name, public))
    return dict(sorted(names.items()))


def _remove_stub_only(entry: Entry, where: tuple[str, str]) -> None:
    for member in STUB_ONLY.get(where, ()):
        del entry["members"][member]
    for method, unknown in STUB_ONLY_KEYWORDS.get(where, {}).items():
        kept = entry["members"][method]["keywords"]
        entry["members"][method]["keywords"] = [k for k in kept if k not in unknown]


def _method_of_default_context(stubs: Stubs, name: str) -> Found | None:
    # The stub says that `multiprocessing.Queue` is a class, and in a comment that
    # it is really this method.
    context = stubs.module("multiprocessing.context")
    found = context and stubs.evaluate(
        context, ast.parse(f"_default_context.{name}", mode="eval").body
    )
    return found if found and isinstance(found.nodes[0], Function) else None


def api(root: Path, python: tuple[int, int] = PYTHON) -> dict[str, object]:
    """Returns the API of every room, from the stubs under a folder."""
    stubs = Stubs(root, Branches(python, PLATFORM))
    return {
        room: {
            name: describe_module(stubs, name) for name in modules if stubs.module(name)
        }
        for room, modules in ROOMS.items()
    }


def bundled() -> tuple[Path, str]:
    """Returns the folder of mypy's typeshed, and mypy's version."""
    spec = importlib.util.find_spec("mypy")
    if spec is None or spec.origin is None:
        sys.exit("tools/typeshed_api.py: mypy is not installed in this environment")
    root = Path(spec.origin).parent / "typeshed/stdlib"
    return root, importlib.metadata.version("mypy")


def text(root: Path, version: str) -> str:
    """Returns the text of the data file."""
    source = {
        "python": ".".join(map(str, PYTHON)),
        "platform": PLATFORM,
        "typeshed": f"bundled with mypy {version}",
    }
    lines = json.dumps({"source": source, "rooms": api(root)}, indent=1)
    return LEAF.sub(lambda leaf: _one_line(leaf[0]), lines) + "\n"


def _one_line(leaf: str) -> str:
    return json.dumps(json.loads(leaf))


def main() -> int:
    """Writes the data file, or with `--check` compares it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only compare")
    options = parser.parse_args()
    new = text(*bundled())
    if not options.check:
        TARGET.write_text(new, encoding="utf-8")
        return 0
    if TARGET.read_text(encoding="utf-8") == new:
        return 0
    print(f"{TARGET} is not what this typeshed gives", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
