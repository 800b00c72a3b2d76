"""What a suite runs in: its source distribution, and a virtual environment of its own."""

import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

HERE = Path(__file__).parents[1]
CHECKOUT = HERE.parents[1]
# What runs in there, and must not need anything of ours.
PLUGIN = HERE / "inside" / "_suites_record.py"


class UnavailableError(RuntimeError):
    """A source distribution or an environment cannot be had here."""


class Environment:
    """A project's files and virtual environment for one version of Python.

    Attributes:
        project: The Project.
        python: The interpreter of the virtual environment.
        work: The folder of the source distribution, unpacked.
        records: Where records and logs are kept.
    """

    def __init__(self, project, interpreter, version, cache):
        """Makes nothing yet.

        Args:
            project: The Project.
            interpreter: The Python that it is run with.
            version: Its version, as `3.11.7`.
            cache: The folder that all is made in.
        """
        self.project = project
        self.interpreter = interpreter
        self.sdists = cache / "sdists"
        self.folder = cache / version / project.name
        self.venv = self.folder / "venv"
        self.python = self.venv / "bin" / "python"
        self.work = self.folder / "work"
        self.records = self.folder / "records"
        self.log = self.folder / "install.log"

    @property
    def pins(self):
        """The file of the versions of all that the tests stand on."""
        return HERE / "pins" / f"{self.project.name}.txt"

    def prepare(self, wheel):
        """Makes the virtual environment, unless it is there as it must be.

        Raises:
            UnavailableError: pip could not do it; the log says why.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.records.mkdir(exist_ok=True)
        if not self._stamp.is_file() or self._stamp.read_text() != self._facts():
            self.make(["-c", str(self.pins)])
            self._stamp.write_text(self._facts())
        self._install_wheel(wheel)
        site = next(self.venv.glob("lib/python*/site-packages"))
        shutil.copy(PLUGIN, site)

    def make(self, options=()):
        """Makes the virtual environment with all but threeply.

        Args:
            options: For pip.
        """
        shutil.rmtree(self.venv, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        venv = [CHECKOUT / "tools" / "venv", self.interpreter, self.venv]
        self._run("make a virtual environment", venv)
        wanted = [self.project.requirement, *self.project.requires]
        self._pip("install the packages", "install", *options, *wanted)

    def pin(self):
        """Makes the virtual environment of what pip finds today, and writes that down."""
        self.make()
        told = subprocess.check_output(
            [self.python, "-m", "pip", "freeze", "--all"], text=True
        )
        lines = [line for line in told.splitlines() if not line.startswith("pip==")]
        self.pins.write_text("".join(f"{line}\n" for line in lines))
        self._stamp.write_text(self._facts())

    @property
    def _stamp(self):
        return self.venv / "suites-stamp"

    def _facts(self):
        """Returns what the virtual environment is made from."""
        return f"{self.project.fingerprint} {_hash(self.pins)}"

    def unpack(self):
        """Unpacks the source distribution afresh and returns the folder to run in.

        Both sides are run in the same folder, one after the other, so that paths in the
        ids of tests are the same.
        """
        archive = self._sdist()
        shutil.rmtree(self.work, ignore_errors=True)
        with tarfile.open(archive) as tar:
            tar.extractall(self.work, filter="data")
        (root,) = self.work.iterdir()
        # Where a suite has no settings for pytest, it is not to find those of the checkout.
        self.work.joinpath("pytest.ini").write_text("[pytest]\n")
        for name in self.project.without:
            path = root / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        return root / self.project.folder

    def _sdist(self):
        """Returns the source distribution, of the declared hash, from PyPI if need be."""
        self.sdists.mkdir(parents=True, exist_ok=True)
        if self._kept() is None:
            self._download()
        return self._kept()

    def _kept(self):
        wanted = self.project.sha256
        archives = self.sdists.glob("*.tar.gz")
        return next((path for path in archives if _hash(path) == wanted), None)

    def _download(self):
        listed = self.folder / "sdist.txt"
        name, wanted = self.project.name, self.project.sha256
        listed.write_text(f"{name}=={self.project.version} --hash=sha256:{wanted}\n")
        # Not :all:, which would hold for what its metadata is built with, too.
        only = ["--no-deps", "--no-binary", name]
        place = ["--dest", str(self.sdists), "--require-hashes", "-r", str(listed)]
        self._pip("download the source distribution", "download", *only, *place)

    def _install_wheel(self, wheel):
        stamp = self.venv / "threeply-stamp"
        if not stamp.is_file() or stamp.read_text() != _hash(wheel):
            options = ["--no-deps", "--no-index", "--force-reinstall"]
            self._pip("install threeply", "install", *options, str(wheel))
            stamp.write_text(_hash(wheel))

    def _pip(self, what, verb, *words):
        pip = [self.python, "-m", "pip", "--disable-pip-version-check"]
        self._run(what, [*pip, verb, "-q", *words])

    def _run(self, what, command):
        with open(self.log, "w") as output:
            status = subprocess.call(
                [*map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        if status:
            lines = self.log.read_text(errors="replace").strip().splitlines()
            msg = f"could not {what}: {lines[-1] if lines else f'status {status}'}"
            raise UnavailableError(msg)


def _hash(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if path.exists() else ""
