import multiprocessing
import os
import signal
import time

if __name__ == "__main__":
    for method in ("terminate", "kill"):
        process = multiprocessing.Process(target=signal.pause)
        process.start()
        getattr(process, method)()
        process.join()
        print(process.exitcode, process.is_alive())
    process = multiprocessing.Process(target=os.abort)
    process.start()
    process.join()
    print(process.exitcode)
