import threading

event = threading.Event()
print(event.is_set(), event.wait(0), event.wait(0.01))
event.set()
print(event.wait(), event.is_set())
semaphore = threading.BoundedSemaphore(2)
print(semaphore.acquire(), semaphore.acquire(), semaphore.acquire(blocking=False))
semaphore.release(2)
try:
    semaphore.release()
except ValueError as error:
    print(error)
try:
    threading.Semaphore(-1)
except ValueError as error:
    print(error)
local = threading.local()
local.x = 1
thread = threading.Thread(target=lambda: print(hasattr(local, "x")))
thread.start()
thread.join()
timer = threading.Timer(0.01, print, args=("timer",))
timer.start()
timer.join()
barrier = threading.Barrier(1, action=lambda: print("action"))
print(barrier.wait(), barrier.parties, barrier.broken)
