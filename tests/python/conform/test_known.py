"""Every accepted failure has a reason, and a place where users can read of it."""

import pytest
from conform import known

ENTRY = """
[[test]]
id = "test.test_queue.QueueTest.test_one"
versions = ["3.11", "3.13.0"]
reason = "a reason"
difference = "Queues are quick"
"""


@pytest.fixture
def load(tmp_path):
    differences = tmp_path / "DIFFERENCES.md"
    differences.write_text("# Differences\n\n## Queues are quick\n\nYes.\n")

    def load(text):
        path = tmp_path / "known.toml"
        path.write_text(text)
        return known.load(path, differences)

    return load


def test_an_entry_holds_for_the_versions_it_names(load):
    (entry,) = load(ENTRY)
    held = [v for v in ("3.11.7", "3.1.1", "3.13.0", "3.13.1") if entry.holds_for(v)]
    assert held == ["3.11.7", "3.13.0"]


@pytest.mark.parametrize("key", sorted(known.KEYS))
def test_an_entry_that_lacks_something_is_refused(load, key):
    text = "\n".join(line for line in ENTRY.splitlines() if not line.startswith(key))
    with pytest.raises(known.KnownError, match="wants exactly"):
        load(text)


def test_an_entry_without_a_reason_is_refused(load):
    with pytest.raises(known.KnownError, match="none empty"):
        load(ENTRY.replace('"a reason"', '""'))


def test_an_entry_whose_difference_is_not_written_down_is_refused(load):
    with pytest.raises(known.KnownError, match="no heading 'Queues are slow'"):
        load(ENTRY.replace("quick", "slow"))


@pytest.mark.parametrize("version", ["3.1x", "3", "3.11+", "3.11.7.1", "py3.11"])
def test_a_version_that_is_none_is_refused(load, version):
    with pytest.raises(known.KnownError, match=r"neither as 3\.11 nor as 3\.11\.7"):
        load(ENTRY.replace("3.13.0", version))


def test_an_empty_file_accepts_nothing(load):
    assert load("# none\n") == []
