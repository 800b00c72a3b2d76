# options: -W always
import warnings


def old():
    warnings.warn("old is old", DeprecationWarning, stacklevel=2)


def outer():
    warnings.warn("above the program", UserWarning, stacklevel=9)


old()
outer()
