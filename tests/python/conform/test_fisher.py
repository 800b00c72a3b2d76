"""Fisher's exact test, by values that others have worked out."""

import pytest
from conform import fisher


def test_the_lady_who_tastes_three_of_four_cups_may_be_guessing():
    # Fisher, The Design of Experiments, 1935: 17 of 70 ways.
    assert fisher.more_often(3, 4, 1, 4) == pytest.approx(17 / 70)


def test_the_convictions_of_like_sex_twins_are_no_chance():
    # Fisher, 1962; the example of R's fisher.test: 0.0004652.
    assert fisher.more_often(10, 13, 2, 17) == pytest.approx(0.0004652, abs=5e-8)


def test_sides_that_never_fail_differ_by_chance_alone():
    assert fisher.more_often(0, 60, 0, 60) == 1


def test_the_other_side_failing_more_often_is_no_sign_against_ours():
    assert fisher.more_often(2, 60, 20, 60) > 0.99


def test_of_sixty_runs_a_side_seven_failures_of_ours_are_needed():
    assert fisher.more_often(6, 60, 0, 60) > 0.01 > fisher.more_often(7, 60, 0, 60)
