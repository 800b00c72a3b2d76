import threading

gate = threading.Event()


def work(n, before, after):
    before.wait()
    print("thread", n)
    after.set()


# All are started here: from 3.12 on a thread cannot be started once the main one ended.
before = gate
for n in range(3):
    after = threading.Event()
    threading.Thread(target=work, args=(n, before, after)).start()
    before = after
print("main ends")
gate.set()
