"""A room in front of its standard module: what is read, written and deleted where."""

import dis
import importlib.util
import textwrap
import types

import pytest

from threeply import _room
from threeply._install import ROOMS

BOTH = pytest.mark.parametrize("on", [True, False], ids=["installed", "imported"])

START = """
from threeply import threading, queue
from threeply import _room
standard = _room.state_of(threading).standard
standard_queue = _room.state_of(queue).standard
missing = object()
def anywhere(module, name):
    return vars(module).get(name, missing)
"""


@pytest.fixture
def run(programs):
    def run(text, on):
        return programs.run(START + textwrap.dedent(text), on=on)

    return run


@BOTH
def test_a_write_reaches_the_code_that_reads_it(run, on):
    run(
        """
        seen = []
        threading.excepthook = lambda args: seen.append(args.exc_type)
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        assert seen == [ZeroDivisionError]
        assert standard.excepthook is threading.excepthook
        """,
        on,
    )


@BOTH
def test_a_hook_set_on_the_standard_module_is_read_through_the_room(run, on):
    run(
        """
        hook = standard.excepthook = lambda args: None
        assert threading.excepthook is hook
        """,
        on,
    )


@BOTH
@pytest.mark.parametrize(
    "name", ["current_thread", "_active", "excepthook", "brand_new"]
)
def test_a_name_that_is_not_ours_is_written_to_both_and_deleted_from_both(
    run, name, on
):
    run(
        f"""
        value = object()
        threading.{name} = value
        assert threading.{name} is value and standard.{name} is value
        del threading.{name}
        assert not hasattr(threading, "{name}") and not hasattr(standard, "{name}")
        try:
            del threading.{name}
        except AttributeError:
            pass
        else:
            raise AssertionError("there was nothing to delete")
        threading.{name} = value
        assert threading.{name} is value and standard.{name} is value
        """,
        on,
    )


@BOTH
@pytest.mark.parametrize(
    "name", ["current_thread", "_active", "excepthook", "TIMEOUT_MAX"]
)
def test_mock_patch_of_a_standard_name_is_taken_back(run, name, on):
    run(
        f"""
        from unittest import mock
        before = standard.{name}
        with mock.patch.object(threading, "{name}") as fake:
            assert threading.{name} is fake and standard.{name} is fake
        assert threading.{name} is before and standard.{name} is before
        """,
        on,
    )


def test_a_patch_of_our_name_is_seen_by_delegated_code_while_installed(run):
    run(
        """
        from unittest import mock
        room = __import__("multiprocessing.util").util
        beneath = _room.state_of(room).standard
        ours = room.spawnv_passfds
        with mock.patch("multiprocessing.util.spawnv_passfds") as fake:
            assert room.spawnv_passfds is fake and beneath.spawnv_passfds is fake
        assert room.spawnv_passfds is ours and beneath.spawnv_passfds is ours
        """,
        on=True,
    )


def test_a_patch_of_our_name_stays_in_an_imported_room(run):
    run(
        """
        from unittest import mock
        import multiprocessing.util as beneath
        from threeply.multiprocessing import util as room
        ours, before = room.spawnv_passfds, beneath.spawnv_passfds
        assert ours is not before
        with mock.patch.object(room, "spawnv_passfds") as fake:
            assert room.spawnv_passfds is fake and beneath.spawnv_passfds is before
        assert room.spawnv_passfds is ours and beneath.spawnv_passfds is before
        """,
        on=False,
    )


def test_an_imported_room_leaves_the_standard_module_as_it_was(programs):
    programs.run(
        """
        import importlib, sys
        from threeply._install import ROOMS
        standard = [importlib.import_module(name) for name in ROOMS]
        before = [dict(vars(module)) for module in standard]
        for name in ROOMS:
            importlib.import_module("threeply." + name)
        for module, names in zip(standard, before):
            assert vars(module) == names, module
            assert sys.modules[module.__name__] is module
        """,
        on=False,
    )


def test_what_no_program_touches_stays_in_the_standard_module_when_installed(programs):
    programs.run(
        """
        import importlib, sys
        from threeply._install import ROOMS
        standard = [importlib.import_module(name) for name in ROOMS]
        before = [dict(vars(module)) for module in standard]
        import threeply
        threeply.install()
        changed = {
            (module.__name__, name)
            for module, names in zip(standard, before)
            for name in names.keys() | vars(module).keys()
            if names.get(name) is not vars(module).get(name)
        }
        assert changed == {
            ("multiprocessing.util", "spawnv_passfds"), ("multiprocessing", "util"),
            ("concurrent.futures", "_base"), ("concurrent.futures", "thread"),
            ("threading", "_MainThread"), ("threading", "_DummyThread"),
        }, changed
        """,
        on=False,
    )


def test_a_room_is_of_a_subclass_of_the_module_type(programs):
    programs.run(
        """
        import threading, types
        assert isinstance(threading, types.ModuleType)
        assert type(threading) is not types.ModuleType
        """
    )


def test_a_write_into_a_module_held_before_does_not_show_in_the_room(programs):
    programs.run(
        """
        import threading as held, threeply
        threeply.install()
        import threading
        before = threading.stack_size
        held.stack_size = None
        assert threading.stack_size is before
        held.Thread.run = None
        assert threading.Thread.run is None
        """,
        on=False,
    )


@pytest.mark.parametrize("name", ROOMS)
def test_no_room_copies_a_name_that_the_standard_module_assigns(name):
    spec = importlib.util.find_spec(name)
    assert _assigned(spec.loader.get_code(name)) <= _room._LIVE


def test_names_that_change_are_read_from_the_standard_module(programs):
    programs.run(
        """
        import os, threading
        from multiprocessing import util
        assert util._logger is None
        assert util.get_logger() is util._logger
        hook = lambda *args: None
        threading.setprofile(hook)
        assert threading._profile_hook is hook
        threading.setprofile(None)
        def fork():
            pid = os.fork()
            if pid == 0:
                os._exit(threading._main_thread is not threading.current_thread())
            statuses.append(os.waitpid(pid, 0)[1])
        statuses = []
        thread = threading.Thread(target=fork)
        thread.start()
        thread.join()
        assert statuses == [0]
        """,
        options=["-W", "ignore::DeprecationWarning"],
    )


def _assigned(code):
    """Lists the globals that functions of a module assign."""
    found = set()
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            found |= _assigned(inner) | {
                step.argval
                for step in dis.get_instructions(inner)
                if step.opname in ("STORE_GLOBAL", "DELETE_GLOBAL")
            }
    return found


@BOTH
def test_star_import_gives_what_the_standard_module_gives(run, on):
    run(
        """
        import importlib
        from threeply._install import ROOMS
        for name in ROOMS:
            room = importlib.import_module("threeply." + name)
            beneath = _room.state_of(room).standard
            ours, plain = {}, {}
            exec("from threeply." + name + " import *", ours)
            listed = getattr(beneath, "__all__", None)
            if listed is None:
                listed = [key for key in vars(beneath) if not key.startswith("_")]
            assert set(listed) <= set(ours), set(listed) - set(ours)
            assert type(getattr(room, "__all__", None)) is type(getattr(beneath, "__all__", None))
        """,
        on,
    )
