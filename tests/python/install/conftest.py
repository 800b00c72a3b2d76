"""What the tests of `install()` share: they run programs in interpreters of their own."""

import os
import subprocess
import sys
import textwrap

import pytest

ON = "import threeply; threeply.install()\n"


class Programs:
    """Runs program texts from one folder."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, text, *, on=True, python=sys.executable, options=(), **variables):
        """Runs a text as the script `prog.py`; it must end with status 0.

        `on` puts `threeply.install()` in its first line.
        """
        done = self.attempt(text, on=on, python=python, options=options, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def attempt(
        self,
        text,
        *,
        on=True,
        python=sys.executable,
        options=(),
        typed="",
        **variables,
    ):
        """Runs a text as the script `prog.py`, and returns how it ended."""
        script = self.folder / "prog.py"
        script.write_text((ON if on else "\n") + textwrap.dedent(text))
        return subprocess.run(
            [python, *options, str(script)],
            env=environment(**variables),
            cwd=self.folder,
            input=typed,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )


def environment(**variables):
    """Returns the environment without what would steer threeply or the interpreter."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("THREEPLY", "PYTHON"))
    }
    return {**kept, **variables}


@pytest.fixture
def programs(tmp_path):
    return Programs(tmp_path)
