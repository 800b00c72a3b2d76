"""Event."""

from harness import alone, bench
from together import busy_thread, lateness, median, round_trip, wake_up


def _event(side):
    event = side.Event()
    return {"set": event.set, "clear": event.clear}


def _set_event(side):
    event = side.Event()
    event.set()
    return {"wait": event.wait, "is_set": event.is_set}


alone(
    "event_set_clear", "Event: set and clear", "Event", "set()\nclear()", _event, aim=11
)
alone("event_wait_set", "Event: wait when set", "Event", "wait()", _set_event, aim=10)
alone("event_is_set", "Event: is_set", "Event", "is_set()", _set_event)
alone(
    "event_new", "Event: make one", "Event", "new()", lambda side: {"new": side.Event}
)


def _to_and_fro(side, rounds=3_000):
    ping, pong = side.Event(), side.Event()

    def wait(event):
        event.wait()
        event.clear()

    return round_trip(
        ping.set, lambda: wait(ping), pong.set, lambda: wait(pong), rounds
    )


@bench("Event: a turn to and fro", "Event", "us", aim=1)
def ping_pong_event(side):
    return median(lambda: _to_and_fro(side))


@bench("Event: a turn to and fro beside a busy thread", "Event", "us", aim=1)
def ping_pong_event_busy(side):
    with busy_thread():
        return median(lambda: _to_and_fro(side, 30))


@bench("Event: from set until the sleeper runs", "Event", "us")
def wake_up_event(side):
    def measure():
        event = side.Event()

        def wait():
            event.wait()
            event.clear()

        return wake_up(event.set, wait)

    return median(measure, 3)


@bench("Event: lateness of a 1 ms timeout", "Event", "us", most=40)
def late_event(side):
    return lateness(side.Event().wait)
