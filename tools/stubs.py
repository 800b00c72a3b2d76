"""Reads stub files, for `typeshed_api.py`.

Every branch on `sys.version_info` and `sys.platform` is decided for one Python on
one platform; what is left is a plain list of bindings, and `Stubs` follows names
from one file to the next.
"""

import ast
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# The modules whose classes give their members to a class of a room.
OURS = {"threading", "queue", "signal", "subprocess", "multiprocessing", "asyncio"}
OURS |= {"concurrent", "_thread", "_threading_local", "_queue", "_asyncio"}

TYPING_ONLY = {"TypeVar", "TypeVarTuple", "ParamSpec", "NewType", "TypeAliasType"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Surprise(Exception):
    """Raised where a stub holds something that this walker cannot read."""


@dataclass
class Import:
    """A name that an import statement binds."""

    module: str
    name: str | None
    explicit: bool = False


@dataclass
class Scope:
    """What the statements of one module or class bind, branches decided."""

    bindings: dict[str, list[ast.stmt | Import]] = field(default_factory=dict)
    exported: list[str] | None = None
    stars: list[str] = field(default_factory=list)


@dataclass
class Module:
    """One stub file."""

    name: str
    package: str
    scope: Scope


@dataclass
class Found:
    """A binding, with the module in which its own names are to be looked up."""

    module: Module
    nodes: list[ast.stmt | Import]


class Branches:
    """Decides `if` statements for one Python version on one platform."""

    def __init__(self, python: tuple[int, int], platform: str) -> None:
        self.python = python
        self.platform = platform

    def statements(self, body: list[ast.stmt]) -> Iterator[ast.stmt]:
        """Yields the statements that hold."""
        for statement in body:
            if isinstance(statement, ast.If):
                holds = self._holds(statement.test)
                yield from self.statements(
                    statement.body if holds else statement.orelse
                )
            else:
                yield statement

    def _holds(self, test: ast.expr) -> bool:
        if isinstance(test, ast.BoolOp):
            combine = all if isinstance(test.op, ast.And) else any
            return combine([self._holds(value) for value in test.values])
        text = ast.unparse(test)
        if "sys.version_info" not in text and "sys.platform" not in text:
            raise Surprise(f"condition {text!r}")
        expression = compile(ast.Expression(test), "<stub>", "eval")
        return bool(eval(expression, {"__builtins__": {}, "sys": self._sys()}))

    def _sys(self) -> object:
        return type("sys", (), {"version_info": self.python, "platform": self.platform})


class Stubs:
    """The stub files under one folder."""

    def __init__(self, root: Path, branches: Branches) -> None:
        self.root = root
        self.branches = branches
        self._modules: dict[str, Module | None] = {}

    def module(self, name: str) -> Module | None:
        """Returns the stub of a module, or `None` where there is none."""
        if name not in self._modules:
            self._modules[name] = self._read(name)
        return self._modules[name]

    def _read(self, name: str) -> Module | None:
        folder = self.root.joinpath(*name.split("."))
        for path, package in (
            (folder / "__init__.pyi", name),
            (folder.with_suffix(".pyi"), name.rpartition(".")[0]),
        ):
            if path.is_file():
                tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
                return Module(name, package, self.scope(tree.body, package))
        return None

    def scope(self, body: list[ast.stmt], package: str = "") -> Scope:
        """Collects what the statements of a module or class bind."""
        scope = Scope()
        for statement in self.branches.statements(body):
            match statement:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    _bind_function(scope, statement)
                case ast.ClassDef():
                    scope.bindings[statement.name] = [statement]
                case ast.Import() | ast.ImportFrom():
                    _bind_import(scope, statement, package)
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                    _bind_assignment(scope, statement)
                case ast.Expr() | ast.Pass():
                    pass
                case _:
                    raise Surprise(ast.unparse(statement))
        return scope

    def find(self, module: Module, name: str) -> Found | None:
        """Follows a name of a module to the statements that define it."""
        nodes = module.scope.bindings.get(name)
        if nodes is None:
            return self._find_starred(module, name)
        if isinstance(node := nodes[0], Import):
            return self._follow(node) or Found(module, nodes)
        if isinstance(node, ast.Assign) and (
            found := self.evaluate(module, node.value)
        ):
            return found
        return Found(module, nodes)

    def _find_starred(self, module: Module, name: str) -> Found | None:
        for starred in module.scope.stars:
            source = self.module(starred)
            if source and name in public_names(source):
                return self.find(source, name)
        return None

    def _follow(self, node: Import) -> Found | None:
        source = self.module(node.module)
        if source is None or node.name is None:
            return None
        # A package that imports its own submodule binds the name to that import.
        itself = node in source.scope.bindings.get(node.name, ())
        found = None if itself else self.find(source, node.name)
        if found is None and self.module(f"{node.module}.{node.name}"):
            return Found(source, [Import(f"{node.module}.{node.name}", None)])
        return found

    def evaluate(self, module: Module, expression: ast.expr) -> Found | None:
        """Follows `name`, `module.name`, `Class[...]` and `instance.method`."""
        match expression:
            case ast.Name(id=name):
                return self.find(module, name)
            case ast.Subscript(value=value):
                return self.evaluate(module, value)
            case ast.Attribute(value=value, attr=name):
                owner = self.evaluate(module, value)
                return self._attribute(owner, name) if owner else None
        return None

    def _attribute(self, owner: Found, name: str) -> Found | None:
        match owner.nodes[0]:
            case Import(module=imported, name=None):
                source = self.module(imported)
                return self.find(source, name) if source else None
            case ast.ClassDef() as node:
                for base, scope in self.bases(owner.module, node):
                    if name in scope.bindings:
                        return Found(base, scope.bindings[name])
            case ast.AnnAssign(annotation=annotation):
                declared = self.evaluate(owner.module, annotation)
                return self._attribute(declared, name) if declared else None
        return None

    def bases(
        self, module: Module, node: ast.ClassDef
    ) -> Iterator[tuple[Module, Scope]]:
        """Yields the scopes of a class and, depth first, of its bases."""
        yield module, self.scope(node.body, module.package)
        for expression in node.bases:
            base = self.evaluate(module, expression)
            if base is None or base.module.name.partition(".")[0] not in OURS:
                continue
            if isinstance(base.nodes[0], ast.ClassDef):
                yield from self.bases(base.module, base.nodes[0])


def _bind_function(scope: Scope, node: Function) -> None:
    decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
    if any(name.endswith((".setter", ".deleter")) for name in decorators):
        return
    if "overload" in decorators and node.name in scope.bindings:
        scope.bindings[node.name].append(node)
    else:
        scope.bindings[node.name] = [node]


def _bind_import(scope: Scope, node: ast.Import | ast.ImportFrom, package: str) -> None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            target = alias.name if alias.asname else name
            scope.bindings[name] = [Import(target, None)]
        return
    source = importlib.util.resolve_name(
        "." * node.level + (node.module or ""), package
    )
    for alias in node.names:
        if alias.name == "*":
            scope.stars.append(source)
        else:
            explicit = alias.asname == alias.name
            bound = Import(source, alias.name, explicit)
            scope.bindings[alias.asname or alias.name] = [bound]


def _bind_assignment(
    scope: Scope, node: ast.Assign | ast.AnnAssign | ast.AugAssign
) -> None:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        if not isinstance(target, ast.Name):
            raise Surprise(ast.unparse(node))
        if target.id != "__all__":
            scope.bindings[target.id] = [node]
        elif node.value is not None:
            names = list(ast.literal_eval(node.value))
            before = scope.exported if isinstance(node, ast.AugAssign) else None
            scope.exported = (before or []) + names


def public_names(module: Module) -> list[str]:
    """Returns a module's public names: `__all__`, then its other definitions."""
    names = dict.fromkeys(module.scope.exported or ())
    for name, nodes in module.scope.bindings.items():
        dunder = name.startswith("__") and name.endswith("__")
        if name.startswith("_") and not (
            dunder and isinstance(nodes[0], ast.AnnAssign)
        ):
            continue
        if _is_definition(nodes[0]):
            names[name] = None
    return list(names)


def _is_definition(node: ast.stmt | Import) -> bool:
    match node:
        case Import(explicit=explicit):
            return explicit
        case ast.ClassDef(decorator_list=decorators):
            return "type_check_only" not in map(ast.unparse, decorators)
        case ast.Assign(value=ast.Call(func=function)):
            return ast.unparse(function) not in TYPING_ONLY
        case ast.AnnAssign(annotation=annotation):
            return ast.unparse(annotation) != "TypeAlias"
    return True
