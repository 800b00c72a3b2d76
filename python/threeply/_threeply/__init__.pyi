from typing import SupportsFloat, SupportsIndex

from threeply._threeply import (
    futures as futures,
    queue as queue,
    signal as signal,
    subprocess as subprocess,
    threading as threading,
)

# How many native objects have been made in this process.
def reached() -> int: ...

# A timeout as a float, read as every native wait reads it.
def seconds(timeout: SupportsFloat | SupportsIndex) -> float: ...

# Whether an object is a class or a function that the extension has made.
def provides(obj: object) -> bool: ...
