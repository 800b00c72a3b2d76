import threading

begun = threading.Barrier(4)


def forever():
    begun.wait()
    while True:
        threading.Event().wait()


for _ in range(3):
    threading.Thread(target=forever, daemon=True).start()
begun.wait()
print("main ends", threading.active_count())
