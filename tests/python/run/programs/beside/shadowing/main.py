import queue
import sys

print(queue.MINE, queue.__name__, queue.__file__, sys.modules["queue"] is queue)
