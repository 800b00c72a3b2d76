import atexit
import multiprocessing
from multiprocessing import util


def work():
    util.Finalize(None, print, args=("child's finaliser",), exitpriority=1)
    print("work", flush=True)


if __name__ == "__main__":
    atexit.register(print, "parent at exit")
    util.Finalize(None, print, args=("parent's finaliser",), exitpriority=1)
    multiprocessing.get_context("fork").Process(target=work).start()
