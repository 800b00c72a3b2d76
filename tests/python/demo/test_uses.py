"""The demo says of each stage what it uses; its own text must bear that out."""

import ast
import importlib

import pytest
from demo.conftest import INDEX

MODULES = (
    "asyncio",
    "concurrent.futures",
    "multiprocessing",
    "multiprocessing.connection",
    "queue",
    "signal",
    "subprocess",
    "threading",
)

TREE = ast.parse(INDEX.read_text())


def _stages():
    """Evaluates the declarations, without running anything else of the program."""
    wanted = {"STAGES", "THROUGHOUT"}
    for node in TREE.body:
        if isinstance(node, ast.Assign) and node.targets[0].id in wanted:
            calls = (
                node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            )
            for call in calls:
                yield tuple(ast.literal_eval(argument) for argument in call.args)


STAGES = list(_stages())


def _code(name):
    """Finds a class, a function or a method of the program."""
    body = TREE.body
    for part in name.split("."):
        (node,) = (n for n in body if getattr(n, "name", None) == part)
        body = node.body
    return node


class _Names(ast.NodeVisitor):
    """Collects what code uses of the modules. What is only an annotation is no use."""

    def __init__(self):
        self.found = set()

    def visit_Attribute(self, node):
        path = ast.unparse(node)
        # A context has the names of multiprocessing, for one start method.
        path = path.replace("context.", "multiprocessing.", path.startswith("context."))
        module, _, name = path.rpartition(".")
        if module in MODULES and path not in MODULES:
            self.found.add(f"{module}.{name}")
        else:
            self.generic_visit(node)

    def visit_arg(self, node):
        pass

    def visit_AnnAssign(self, node):
        if node.value:
            self.visit(node.value)

    def visit_FunctionDef(self, node):
        for part in [*node.decorator_list, *node.args.defaults, *node.body]:
            self.visit(part)

    visit_AsyncFunctionDef = visit_FunctionDef


def _used(*nodes):
    names = _Names()
    for node in nodes:
        names.visit(node)
    return names.found


@pytest.mark.parametrize(("name", "code", "uses"), STAGES, ids=[s[0] for s in STAGES])
def test_a_stage_declares_what_its_code_uses(name, code, uses):
    assert set(uses) == _used(*map(_code, code))
    assert list(uses) == sorted(uses)


def test_all_code_that_uses_the_modules_belongs_to_a_stage():
    owned = {part.partition(".")[0] for _, code, _ in STAGES for part in code}
    homeless = [
        node.name
        for node in TREE.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name not in owned
        and _used(node)
    ]
    assert homeless == []


def test_every_declared_name_exists_and_is_public():
    for _, _, uses in STAGES:
        for path in uses:
            module, _, name = path.rpartition(".")
            assert hasattr(importlib.import_module(module), name)
            assert not name.startswith("_")


def test_the_demo_uses_all_six_modules_and_knows_nothing_of_threeply():
    roots = {path.partition(".")[0] for _, _, uses in STAGES for path in uses}
    assert roots == {module.partition(".")[0] for module in MODULES}
    assert "threeply" not in INDEX.read_text()
