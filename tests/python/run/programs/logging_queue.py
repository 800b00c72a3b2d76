import logging
import logging.handlers
import queue
import threading

records = queue.Queue()
handler = logging.StreamHandler()
handler.setFormatter(logging.Formatter("%(threadName)s %(processName)s %(name)s %(levelname)s %(message)s"))
listener = logging.handlers.QueueListener(records, handler)
logging.basicConfig(level=logging.INFO, handlers=[logging.handlers.QueueHandler(records)])
listener.start()
for n in range(3):
    thread = threading.Thread(target=logging.info, args=("message %d", n), name=f"worker {n}")
    thread.start()
    thread.join()
try:
    1 / 0
except ZeroDivisionError:
    logging.exception("failed")
listener.stop()
