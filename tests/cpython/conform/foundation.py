"""What a suite's results stood on: the sources of the rooms beneath it.

A suite runs its room, the rooms that its room's standard modules import, and those that
its tests import: a change in any of them may change what it gives. The sources of all rooms
stand on what they share. A record notes a digest of each; it is stale where one differs.
"""

import hashlib
import subprocess

from conform import suites

# Room to the rooms beneath it. A test reads the modules and the suites for what is missing.
BENEATH = {
    "threading": ["signal", "subprocess"],
    "queue": ["threading"],
    "signal": ["subprocess", "threading"],
    "subprocess": ["signal", "threading"],
    "multiprocessing": ["queue", "signal", "subprocess", "threading"],
    "concurrent": [
        "asyncio",
        "multiprocessing",
        "queue",
        "signal",
        "subprocess",
        "threading",
    ],
    "asyncio": [
        "concurrent",
        "multiprocessing",
        "queue",
        "signal",
        "subprocess",
        "threading",
    ],
}

# What belongs to no room: the engine's lower floors, the binding's `ffi`, the overlay.
SHARED = "shared"

# The floors; what lies below a room's name on one of them is that room's.
FLOORS = ["python/threeply", "crates/threeply/src", "crates/threeply-python/src"]
BUILD = [
    "Cargo.toml",
    "Cargo.lock",
    "crates/threeply/Cargo.toml",
    "crates/threeply-python/Cargo.toml",
    "crates/threeply-python/build.rs",
]
# These only tell of the rooms.
BESIDE = {"coverage", "_coverage"}


class Foundation:
    """The sources of a checkout, as they are now.

    Attributes:
        commit: The commit that is checked out, with `+` where the sources differ from it.
        digests: Room, or `shared`, to the digest of its sources.
    """

    def __init__(self, commit, digests):
        self.commit = commit
        self.digests = digests

    @classmethod
    def of(cls, checkout):
        """Returns the foundation that a checkout gives."""
        return cls(_commit(checkout), _digests(checkout))

    def note(self, suite):
        """Returns what a record of `suite` notes of it, in a line."""
        return " ".join(f"{part}={self.digests[part]}" for part in beneath(suite))

    def changed(self, suite, note):
        """Returns what differs now from what a record of `suite` noted.

        Args:
            suite: The suite.
            note: What `note` gave when the record was made; None where nobody asked.

        Returns:
            Rooms, or `shared`; none if the record is fresh.
        """
        noted = dict(part.split("=") for part in (note or "").split())
        return [
            part for part in beneath(suite) if noted.get(part) != self.digests[part]
        ]


def beneath(suite):
    """Returns what a suite stands on: `shared`, and the names of rooms."""
    room = suites.room_of(suite)
    rooms = {room, *BENEATH[room]} if room in BENEATH else BENEATH
    return [SHARED, *sorted(rooms)]


def _digests(checkout):
    digests = {part: hashlib.sha256() for part in (SHARED, *BENEATH)}
    for path in _sources(checkout):
        text = path.read_bytes()
        digest = digests[_owner(path.relative_to(checkout))]
        digest.update(f"{path.relative_to(checkout)} {len(text)}\n".encode() + text)
    return {part: digest.hexdigest()[:12] for part, digest in digests.items()}


def _sources(checkout):
    """Returns the paths of the sources, in an order that depends on their names alone."""
    found = [checkout / name for name in BUILD]
    for floor in FLOORS:
        for path in checkout.joinpath(floor).rglob("*.*"):
            beside = path.relative_to(checkout / floor).parts[0].partition(".")[0]
            if path.suffix in {".py", ".rs"} and beside not in BESIDE:
                found.append(path)
    return sorted(path for path in found if path.is_file())


def _owner(path):
    """Returns the room that a source belongs to, or `shared`."""
    for floor in FLOORS:
        if path.is_relative_to(floor):
            subject = path.relative_to(floor).parts[0].partition(".")[0]
            return subject if subject in BENEATH else SHARED
    return SHARED


def _commit(checkout):
    commit = _git(checkout, "rev-parse", "--short=12", "HEAD")
    changes = _git(checkout, "status", "--porcelain", "--", *FLOORS, *BUILD)
    return f"{commit or 'unknown'}{'+' if changes else ''}"


def _git(checkout, *arguments):
    told = subprocess.run(
        ["git", "-C", checkout, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return told.stdout.strip()
