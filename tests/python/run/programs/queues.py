import queue
import threading

first, done = queue.Queue(maxsize=2), []


def consume():
    while (item := first.get()) is not None:
        done.append(item)
        first.task_done()


consumer = threading.Thread(target=consume)
consumer.start()
for n in range(100):
    first.put(n)
first.join()
first.put(None)
consumer.join()
print(done == list(range(100)), first.qsize(), first.empty(), first.full())
for kind in (queue.LifoQueue, queue.PriorityQueue, queue.SimpleQueue):
    items = kind()
    for n in (2, 1, 3):
        items.put(n)
    print(kind.__module__, kind.__qualname__, [items.get() for _ in range(3)])
try:
    first.get_nowait()
except queue.Empty as error:
    print(type(error), error.args)
try:
    queue.Queue(1).put(1, timeout=-1)
except ValueError as error:
    print(error)
