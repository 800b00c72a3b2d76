import multiprocessing

from . import inner


def work(n):
    return n, __name__, inner.__name__


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    with multiprocessing.Pool(1) as pool:
        print(pool.apply(work, (1,)))
