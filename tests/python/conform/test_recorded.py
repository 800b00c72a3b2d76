"""A patch release that moved is measured by the record that there is."""

import pytest
from conform import recorded

RECORDED = ["3.11.7", "3.15.2", "3.15.10"]


@pytest.mark.parametrize(
    ("version", "measure"),
    [
        ("3.15.2", "3.15.2"),
        ("3.15.3", "3.15.2"),
        ("3.15.9", "3.15.2"),
        ("3.15.11", "3.15.10"),
        # An older one than any that is recorded.
        ("3.15.1", "3.15.2"),
        ("3.11.7", "3.11.7"),
        ("3.11.2", "3.11.7"),
        # A minor without a record stands for itself.
        ("3.14.10", "3.14.10"),
        ("3.1.7", "3.1.7"),
        # A pre-release is older than its release.
        ("3.15.0alpha2", "3.15.2"),
    ],
)
def test_the_nearest_older_release_of_the_minor_is_the_measure(version, measure):
    assert recorded.measure(version, RECORDED) == measure


def test_a_version_is_recorded_if_it_has_results_not_by_its_baseline(tmp_path):
    for name in (
        "3.15.10.json",
        "3.15.2.json",
        "3.15.2-stdlib.json",
        "3.9.1-stdlib.json",
    ):
        tmp_path.joinpath(name).write_text("{}")
    assert recorded.versions(tmp_path) == ["3.15.2", "3.15.10"]
