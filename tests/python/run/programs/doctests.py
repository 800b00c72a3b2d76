"""
>>> 1 + 1
2
>>> double(4)
9
"""
import doctest


def double(n):
    """
    >>> double(2)
    4
    """
    return 2 * n


print(doctest.testmod())
