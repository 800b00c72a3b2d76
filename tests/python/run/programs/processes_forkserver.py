import multiprocessing
import os
import sys

GLOBAL = ["from the file"]


class Point:
    def __init__(self, x):
        self.x = x

    def __repr__(self):
        return f"Point({self.x})"


def work(n, pipe, queue, shared):
    pipe.send((n, __name__, multiprocessing.current_process().name, sys.argv, GLOBAL))
    queue.put(Point(n))
    with shared.get_lock():
        shared.value += n
    sys.exit(n)


if __name__ == "__main__":
    context = multiprocessing.get_context("forkserver")
    GLOBAL.append("from the parent")
    here, there = context.Pipe()
    queue, shared = context.Queue(), context.Value("i", 10)
    for n in (0, 3):
        process = context.Process(target=work, args=(n, there, queue, shared))
        process.start()
        print(here.recv(), queue.get())
        process.join()
        print(process.exitcode, process.name, shared.value, len(multiprocessing.active_children()))
    with context.Pool(2) as pool:
        print(pool.map(Point, range(3)), pool.apply(abs, (-4,)))
