"""Thread and Barrier."""

from harness import bench
from together import median, now, started


@bench("Thread: start and join", "Thread", "us", aim=1.6)
def thread_start_join(side):
    new, rounds = side.Thread, 300

    def measure():
        start = now()
        for _ in range(rounds):
            thread = new(target=int)
            thread.start()
            thread.join()
        return (now() - start) / rounds / 1e3

    return median(measure)


@bench("Thread: start and join, 20 at a time", "Thread", "us")
def thread_start_join_20(side):
    new, rounds, many = side.Thread, 15, 20

    def measure():
        start = now()
        for _ in range(rounds):
            threads = [new(target=int) for _ in range(many)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return (now() - start) / rounds / many / 1e3

    return median(measure)


def _rounds(side, parties):
    """Microseconds for all parties to meet once."""
    rounds, barrier = 1_000, side.Barrier(parties)

    def meet():
        for _ in range(rounds):
            barrier.wait()

    others = [started(meet) for _ in range(parties - 1)]
    start = now()
    meet()
    spent = now() - start
    for other in others:
        other.join()
    return spent / rounds / 1e3


@bench("Barrier(2): all meet", "Barrier", "us")
def barrier_2(side):
    return median(lambda: _rounds(side, 2))


@bench("Barrier(8): all meet", "Barrier", "us")
def barrier_8(side):
    return median(lambda: _rounds(side, 8))
