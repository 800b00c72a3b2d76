"""A game of threads whose waits others end."""

import random
import threading

from support.rooms import Rooms
from support.threads import PATIENCE, Worker, finish

from games.rules import EACH, Act


def interrupt(rooms: Rooms, draw: random.Random, act: Act) -> None:
    """Threads that visit everything there is, interrupted wherever they wait."""
    places = Places(rooms)
    over = threading.Event()
    threads = [
        rooms.threading.Thread(target=places.visit, args=(draw.random(),))
        for _ in range(draw.randint(2, 5))
    ]

    def send(seed: float) -> int:
        own, sent = random.Random(seed), 0
        while not over.is_set():
            sent += own.choice(threads).interrupt()
            over.wait(own.choice([0.00002, 0.0005]))
        return sent

    for thread in threads:
        thread.start()
    from_handler = [0]

    def send_from_handler() -> None:
        from_handler[0] += threads[0].interrupt()

    act.append(send_from_handler)
    senders = [Worker(send, draw.random()) for _ in range(draw.randint(1, 2))]
    raised = [thread.result(PATIENCE) for thread in threads]
    over.set()
    act.clear()
    # One may take the place of another; none is raised twice.
    assert sum(raised) <= sum(finish(senders)) + from_handler[0]
    assert not any(thread.interrupt() for thread in threads)
    places.check()


class Places:
    """One of each primitive, which a thread enters and leaves whole."""

    TOKENS = 2

    def __init__(self, rooms: Rooms) -> None:
        self._interrupted = rooms.threading.Interrupted
        self._semaphore = rooms.threading.Semaphore(self.TOKENS)
        self._locks = [
            rooms.threading.Lock(),
            rooms.threading.RLock(),
            rooms.threading.Condition(),
        ]
        self._waited_for = rooms.threading.Condition(threading.Lock())
        self._rwlock = rooms.threading.RWLock()
        self._event = rooms.threading.Event()
        self._barrier = rooms.threading.Barrier(2)
        self._queues = [
            rooms.queue.Queue(),
            rooms.queue.LifoQueue(self.TOKENS),
            rooms.queue.PriorityQueue(),
        ]
        for queue in self._queues:
            for token in range(self.TOKENS):
                queue.put(token)

    def visit(self, seed: float) -> int:
        """Goes from place to place; returns how often that was interrupted."""
        own, interrupted = random.Random(seed), 0
        places = [
            *[self._permit, self._lock, self._side, self._token],
            *[self._flag, self._notice, self._meeting],
        ]
        for _ in range(EACH):
            try:
                own.choice(places)(own)
            except self._interrupted:
                interrupted += 1
        return interrupted

    def _permit(self, own: random.Random) -> None:
        with self._semaphore:
            # A call, at which the interpreter may switch threads.
            own.random()

    def _lock(self, own: random.Random) -> None:
        with own.choice(self._locks):
            own.random()

    def _side(self, own: random.Random) -> None:
        with own.choice([self._rwlock.read, self._rwlock.write]):
            own.random()

    def _token(self, own: random.Random) -> None:
        queue = own.choice(self._queues)
        # There is room again: who takes puts back, and nobody else puts.
        queue.put_nowait(queue.get())

    def _flag(self, own: random.Random) -> None:
        self._event.wait(own.choice([0.0001, 0.002]))

    def _notice(self, own: random.Random) -> None:
        with self._waited_for:
            self._waited_for.notify()
            self._waited_for.wait(own.choice([0.0001, 0.002]))

    def _meeting(self, own: random.Random) -> None:
        try:
            self._barrier.wait(own.choice([0.0001, 0.002]))
        except threading.BrokenBarrierError:
            self._barrier.reset()

    def check(self) -> None:
        """Nobody is inside anywhere, and nothing went with an interrupted thread."""
        assert self._semaphore._value == self.TOKENS
        for lock in [*self._locks, self._waited_for]:
            assert lock.acquire(timeout=0)
        assert not self._waited_for._waiters
        lock = self._rwlock
        assert (lock.readers, lock.writer, lock.waiting) == (0, False, 0)
        assert self._barrier.n_waiting == 0
        for queue in self._queues:
            tokens = [queue.get_nowait() for _ in range(queue.qsize())]
            assert sorted(tokens) == list(range(self.TOKENS)), tokens
