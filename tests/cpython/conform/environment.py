"""The virtual environments that the suites run in.

One of the plain standard library, one of the rooms. The rooms' has a `.pth` file,
which `site` reads in every interpreter that starts from there (with `-I`, `-E` or
`-c`, and multiprocessing's children too; `-S` skips `site`, so such a child has the
standard modules), and which calls `threeply.install()`. Nothing else is installed.
"""

import json
import shutil
import subprocess
from pathlib import Path

# What runs in there, and must not need anything of ours.
INSIDE = Path(__file__).parents[1] / "inside"

# What a started interpreter has in place of the six, and whether ours can be native.
_PROBE = """
import importlib, json, sys
names = ["threading", "queue", "subprocess", "signal", "multiprocessing", "asyncio",
         "concurrent.futures"]
standard = [n for n in names
            if importlib.import_module(n) is not sys.modules.get("threeply." + n)]
from threeply import _native
print(json.dumps([standard, _native.reason]))
"""


class NotInstalledError(RuntimeError):
    """The rooms are not in place in the environment made for them."""


class Environment:
    """A virtual environment that suites run in.

    Attributes:
        python: Its interpreter.
    """

    def __init__(self, interpreter, folder):
        """Makes the environment in `folder`, unless it is there already."""
        self.interpreter = interpreter
        self.folder = folder
        self.python = folder / "bin" / "python"
        if self._made_from() != interpreter.version:
            subprocess.check_call(
                [interpreter.path, "-m", "venv", "--clear", "--without-pip", folder]
            )
        for file in INSIDE.glob("*.py"):
            shutil.copy(file, self.site)

    @property
    def site(self):
        """The folder of its `.pth` files."""
        return self.folder / "lib" / f"python{self.interpreter.minor}" / "site-packages"

    def add_tests(self, folder):
        """Lets suites also be found in `folder`."""
        self.site.joinpath("01_conform_tests.pth").write_text(
            f"import _conform_tests; _conform_tests.add({str(folder)!r})\n"
        )

    def install_rooms(self, package):
        """Puts the rooms of `package` in place in every interpreter started here.

        Args:
            package: The folder that holds the `threeply` package.

        Raises:
            NotInstalledError: They are not in place, or the extension does not load.
        """
        self.site.joinpath("00_threeply.pth").write_text(
            f"{package}\nimport threeply; threeply.install()\n"
        )
        for options in ([], ["-I"], ["-E"]):
            told = subprocess.check_output(
                [self.python, *options, "-c", _PROBE], text=True, cwd=self.folder
            )
            standard, reason = json.loads(told)
            if standard:
                msg = f"still standard with {options or 'no options'}: {standard}"
                raise NotInstalledError(msg)
            if reason:
                msg = f"the extension does not load (make build?): {reason}"
                raise NotInstalledError(msg)

    def _made_from(self):
        config = self.folder / "pyvenv.cfg"
        if not config.is_file() or not self.python.exists():
            return None
        pairs = (line.partition("=") for line in config.read_text().splitlines())
        settings = {key.strip(): value.strip() for key, _, value in pairs}
        return settings.get("version")


def of_rooms(interpreter, checkout, package):
    """Returns the environment of the rooms."""
    environment = Environment(
        interpreter, Path(checkout, f".venv-conform-{interpreter.minor}")
    )
    environment.install_rooms(package)
    return environment


def of_standard_library(interpreter, checkout):
    """Returns the environment of the plain standard library."""
    return Environment(
        interpreter, Path(checkout, f".venv-conform-{interpreter.minor}-stdlib")
    )
