"""Fisher's exact test: whether one side fails more often than chance explains."""

from math import comb


def more_often(ours, of_ours, theirs, of_theirs):
    """Returns how likely chance alone gives our side so many of the failures, or more.

    If both sides fail alike, any split of the failures among all runs is equally likely.

    Args:
        ours: How often our side failed.
        of_ours: How often it ran.
        theirs: How often the other side failed.
        of_theirs: How often it ran.
    """
    failures = ours + theirs
    splits = sum(
        comb(of_ours, count) * comb(of_theirs, failures - count)
        for count in range(ours, min(failures, of_ours) + 1)
    )
    return splits / comb(of_ours + of_theirs, failures)
