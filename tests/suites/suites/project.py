"""What `projects.toml` says of a project."""

import json
import tomllib
from dataclasses import dataclass, field
from hashlib import sha256

ROOMS = (
    "threading",
    "queue",
    "signal",
    "subprocess",
    "multiprocessing",
    "asyncio",
    "concurrent",
)


class UnknownError(ValueError):
    """A project, a room or a key that is none."""


@dataclass(frozen=True)
class Project:
    """A project and how its tests are run.

    Attributes:
        name: Its name on PyPI.
        version: The version whose tests are run.
        sha256: Of its source distribution.
        rooms: The rooms that it leans on.
        extras: The extras that are installed with it.
        requires: What its tests need besides; pinned in `pins/<name>.txt`.
        run: Arguments of pytest.
        folder: Where in the source distribution pytest is started.
        without: What of the source distribution is taken away first, such as the
            package itself where the installed one has compiled parts.
        not_run: Patterns of tests that are not run, and why.
        environment: Variables that the tests need.
        seconds: How long one side may take.
        test_seconds: How long one test may take.
        no_tests: Why there is nothing to run, where that is so.
    """

    name: str
    version: str
    sha256: str
    rooms: tuple
    extras: tuple = ()
    requires: tuple = ()
    run: tuple = ()
    folder: str = "."
    without: tuple = ()
    not_run: dict = field(default_factory=dict)
    environment: dict = field(default_factory=dict)
    seconds: int = 420
    test_seconds: int = 90
    no_tests: str = ""

    @property
    def requirement(self):
        """The project itself, for pip."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        return f"{self.name}{extras}=={self.version}"

    @property
    def fingerprint(self):
        """Changes with what is installed."""
        facts = [self.requirement, self.sha256, self.requires]
        return sha256(json.dumps(facts).encode()).hexdigest()


def read(text):
    """Returns the projects by name, in the order of the file."""
    return {name: _project(name, table) for name, table in tomllib.loads(text).items()}


def chosen(projects, names, rooms):
    """Returns the projects that are named and lean on one of the rooms; all by default."""
    for name in names:
        if name not in projects:
            msg = f"no project {name!r}: {', '.join(projects)}"
            raise UnknownError(msg)
    for room in rooms:
        if room not in ROOMS:
            msg = f"no room {room!r}: {', '.join(ROOMS)}"
            raise UnknownError(msg)
    return [
        project
        for project in projects.values()
        if (not names or project.name in names)
        and (not rooms or set(rooms) & set(project.rooms))
    ]


def _project(name, table):
    lists = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in table.items()
        if key != "not_run"
    }
    not_run = {
        pattern: entry["why"]
        for entry in table.get("not_run", [])
        for pattern in entry["tests"]
    }
    try:
        project = Project(name=name, not_run=not_run, **lists)
    except TypeError as error:
        msg = f"{name}: {error}"
        raise UnknownError(msg) from None
    wrong = set(project.rooms) - set(ROOMS)
    if wrong:
        msg = f"{name}: no rooms: {', '.join(sorted(wrong))}"
        raise UnknownError(msg)
    return project
