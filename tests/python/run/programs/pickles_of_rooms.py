import asyncio
import pickle
import pickletools
import queue
import subprocess
import threading

for thing in (
    queue.Queue, queue.Empty(), threading.Event, threading.Thread, subprocess.TimeoutExpired("x", 1),
    asyncio.CancelledError(), threading.BrokenBarrierError(), asyncio.TimeoutError, subprocess.run,
):
    data = pickle.dumps(thing, 2)
    pickletools.dis(data)
    print(pickle.loads(data))
