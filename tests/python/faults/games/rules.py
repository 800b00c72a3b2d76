"""What all games share."""

import random
from collections.abc import Callable
from typing import Any

from support.rooms import Rooms

# What the signal handler does, besides: a game puts its calls in.
Act = list[Callable[[], Any]]
Game = Callable[[Rooms, random.Random, Act], None]

# How often a thread of a game does its part.
EACH = 150
# How many seconds a round may take.
PATIENCE = 60


def timeout(draw: random.Random) -> float | None:
    return draw.choice([None, 0, 0.00005, 0.001, 0.01])
