"""What a process may have open."""

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def all_descriptors_but(spare: int) -> Iterator[None]:
    """Holds every descriptor that this process may have, but for some."""
    held: list[int] = []
    with contextlib.suppress(OSError):
        while True:
            held.append(os.dup(0))
    for _ in range(spare):
        os.close(held.pop())
    try:
        yield
    finally:
        for number in held:
            os.close(number)
