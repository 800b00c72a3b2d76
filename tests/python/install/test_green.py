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
