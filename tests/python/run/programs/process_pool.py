import multiprocessing
from concurrent.futures import ProcessPoolExecutor


def work(n):
    if n == 5:
        raise ValueError(n)
    return n * n


if __name__ == "__main__":
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        print(list(pool.map(work, range(5))))
        future = pool.submit(work, 5)
    print(repr(future.exception()))
    future.result()
