"""Arguments, variables and descriptors arrive as they were given, whatever they are."""

import fcntl
import os
import tempfile

import pytest
from hypothesis import given, settings, strategies as st

# Anything that a C string can hold.
STRINGS = st.binary(max_size=60).map(lambda text: text.replace(b"\0", b"\1"))
NAMES = STRINGS.map(lambda name: name.replace(b"=", b"-")).filter(bool)
MANY = settings(deadline=None, max_examples=50)


@pytest.fixture(scope="module", params=["subprocess", "threeply.subprocess"])
def subprocess(request):
    """The module, for the many examples of one test."""
    return __import__(request.param, fromlist=["run"])


@MANY
@given(arguments=st.lists(STRINGS, max_size=20))
def test_arguments(subprocess, arguments):
    command = [b"sh", b"-c", b"cat /proc/$$/cmdline; :", *arguments]
    done = subprocess.run(command, capture_output=True)
    assert done.stdout == b"\0".join(command) + b"\0"


@MANY
@given(variables=st.dictionaries(NAMES, STRINGS, max_size=20))
def test_variables(subprocess, variables):
    done = subprocess.run(
        ["/bin/cat", "/proc/self/environ"], env=variables, capture_output=True
    )
    entries = [name + b"=" + value for name, value in variables.items()]
    assert done.stdout == b"".join(entry + b"\0" for entry in entries)


@MANY
@given(text=st.binary(max_size=300_000))
def test_what_goes_in_comes_out(subprocess, text):
    done = subprocess.run(["cat"], input=text, stdout=subprocess.PIPE)
    assert done.stdout == text


@MANY
@given(
    numbers=st.sets(st.integers(3, 250), max_size=12),
    streams=st.tuples(*[st.integers(0, 14)] * 3),
)
def test_descriptors(subprocess, numbers, streams):
    """Files are open under any numbers; some are passed, some are streams."""
    taken = {int(name) for name in os.listdir("/proc/self/fd")}
    numbers = sorted(numbers - taken)
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for number in numbers:
            path = os.path.join(folder, str(number))
            source = os.open(path, os.O_RDWR | os.O_CREAT)
            if source != number:
                os.dup2(source, number, inheritable=False)
                os.close(source)
            paths[number] = path
        chosen = [numbers[n % len(numbers)] if numbers else None for n in streams]
        passed = numbers[::2]
        with tempfile.TemporaryFile() as listing:
            # The listing itself comes by a free number of its own, above all others.
            shown = fcntl.fcntl(listing, fcntl.F_DUPFD_CLOEXEC, 251)
            child = subprocess.Popen(
                # In a shell of its own, whose redirection does not show.
                ["sh", "-c", f"(readlink /proc/$$/fd/* > /dev/fd/{shown}); :"],
                stdin=chosen[0],
                stdout=chosen[1],
                stderr=chosen[2],
                pass_fds=[*passed, shown],
            )
            child.wait()
            os.close(shown)
            listing.seek(0)
            found = set(listing.read().decode().split())
        for number in numbers:
            os.close(number)
    expected = {paths[number] for number in passed}
    expected |= {paths[number] for number in chosen if number is not None}
    assert {path for path in found if path.startswith(folder)} == expected
