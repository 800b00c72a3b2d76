"""`install()` refuses to stand beside the monkey-patching of green threads."""

import pytest

LIBRARIES = pytest.mark.parametrize(
    ("library", "patch"),
    [
        ("gevent", "from gevent import monkey; monkey.patch_all()"),
        ("gevent", "from gevent import monkey; monkey.patch_socket()"),
        ("eventlet", "import eventlet; eventlet.monkey_patch()"),
        ("eventlet", "import eventlet; eventlet.monkey_patch(socket=True)"),
    ],
)
# eventlet warns that it is at the end of its life.
QUIET = ["-W", "ignore"]


@LIBRARIES
def test_monkey_patching_is_refused_in_clear_words(programs, library, patch):
    programs.run(
        f"""
        import sys
        {patch}
        import threading, threeply
        before, finders = dict(sys.modules), list(sys.meta_path)
        try:
            threeply.install()
        except RuntimeError as error:
            assert "{library}" in str(error) and "socket" in str(error), error
        else:
            raise AssertionError("installed beside {library}")
        assert not threeply.installed()
        assert sys.modules["threading"] is threading
        assert sys.meta_path == finders
        """,
        on=False,
        options=QUIET,
    )


@pytest.mark.parametrize(
    ("library", "patch"),
    [
        ("gevent", "from gevent import monkey; monkey.patch_all()"),
        ("gevent", "from gevent import monkey; monkey.patch_thread()"),
        ("gevent", "from gevent import monkey; monkey.patch_subprocess()"),
        ("eventlet", "import eventlet; eventlet.monkey_patch()"),
        ("eventlet", "import eventlet; eventlet.monkey_patch(thread=True)"),
    ],
)
def test_monkey_patching_after_install_is_refused_too(programs, library, patch):
    done = programs.attempt(patch, options=QUIET)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("RuntimeError: threeply cannot stand beside " + library)


@pytest.mark.parametrize(
    ("library", "patch"),
    [
        ("gevent", "from gevent import monkey; {}; monkey.patch_all()"),
        ("eventlet", "import eventlet; {}; eventlet.monkey_patch()"),
    ],
)
def test_it_is_refused_where_the_library_was_imported_before(programs, library, patch):
    done = programs.attempt(
        patch.format("import threeply; threeply.install()"), on=False, options=QUIET
    )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("RuntimeError: threeply cannot stand beside " + library)


def test_eventlets_green_copies_are_the_standard_modules(programs):
    programs.run(
        """
        import threading, eventlet
        from eventlet.green import threading as green
        from eventlet.green import subprocess
        patched = eventlet.import_patched("queue")
        for copy in green, subprocess, patched:
            assert not copy.__name__.startswith("threeply"), copy
        assert not issubclass(green.Event, threading.Event)
        assert type(threading).__name__ == "Room"
        # Green threads switch in them, or this would never end.
        items = patched.Queue()
        def work():
            items.put(1)
        eventlet.spawn(work)
        assert items.get() == 1
        """,
        options=QUIET,
    )


@pytest.mark.parametrize("library", ["gevent", "eventlet"])
def test_the_library_without_its_monkey_patching_is_no_obstacle(programs, library):
    programs.run(
        f"""
        import {library}, threeply
        threeply.install()
        import threading
        assert type(threading).__name__ == "Room"
        """,
        on=False,
        options=QUIET,
    )
