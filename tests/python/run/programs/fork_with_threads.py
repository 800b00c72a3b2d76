# options: -W ignore
import os
import queue
import threading

items, gate = queue.Queue(), threading.Event()
workers = [threading.Thread(target=items.get) for _ in range(3)]
workers.append(threading.Thread(target=gate.wait))
for worker in workers:
    worker.start()
pid = os.fork()
if not pid:
    print("child", threading.active_count(), gate.is_set(), flush=True)
    thread = threading.Thread(target=lambda: (gate.wait(), print("thread of the child", flush=True)))
    thread.start()
    gate.set()
    thread.join()
    items.put(1)
    print("child", items.qsize())
    raise SystemExit(4)
print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
for _ in range(3):
    items.put(None)
gate.set()
for worker in workers:
    worker.join()
