"""Condition."""

from harness import alone, bench
from together import lateness, median, round_trip

alone(
    "condition_with",
    "Condition: `with`",
    "Condition",
    "with condition: pass",
    lambda side: {"condition": side.Condition()},
    aim=2,
)
alone(
    "condition_with_notify",
    "Condition: `with` and notify nobody",
    "Condition",
    "with condition: notify()",
    lambda side: (lambda one: {"condition": one, "notify": one.notify})(
        side.Condition()
    ),
)
alone(
    "condition_new",
    "Condition: make one",
    "Condition",
    "new()",
    lambda side: {"new": side.Condition},
)


class _Flag:
    """What a condition is for: a state that threads wait for."""

    def __init__(self, side):
        self.condition = side.Condition()
        self.is_up = False

    def raise_(self):
        with self.condition:
            self.is_up = True
            self.condition.notify()

    def wait(self):
        with self.condition:
            while not self.is_up:
                self.condition.wait()
            self.is_up = False


@bench("Condition: a turn to and fro", "Condition", "us", aim=1)
def ping_pong_condition(side):
    def measure():
        ping, pong = _Flag(side), _Flag(side)
        return round_trip(ping.raise_, ping.wait, pong.raise_, pong.wait)

    return median(measure)


@bench("Condition: lateness of a 1 ms timeout", "Condition", "us", most=40)
def late_condition(side):
    condition = side.Condition()
    with condition:
        return lateness(condition.wait)
