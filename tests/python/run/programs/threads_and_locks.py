import threading

lock, rlock, condition = threading.Lock(), threading.RLock(), threading.Condition()
total = 0
turn = 0


def count():
    global total
    for _ in range(1000):
        with lock:
            total += 1


def speak(n):
    global turn
    with condition:
        condition.wait_for(lambda: turn == n)
        print("turn", n)
        turn += 1
        condition.notify_all()


threads = [threading.Thread(target=count) for _ in range(4)]
threads += [threading.Thread(target=speak, args=(n,)) for n in reversed(range(5))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with rlock, rlock:
    print(total, lock.locked())
try:
    lock.release()
except RuntimeError as error:
    print(error)
