from threeply._threeply import (
    futures as futures,
    queue as queue,
    signal as signal,
    subprocess as subprocess,
    threading as threading,
)

# How many native objects have been made in this process.
def reached() -> int: ...

# Whether an object is a class or a function that the extension has made.
def provides(obj: object) -> bool: ...
