import multiprocessing
from multiprocessing.managers import BaseManager


class Counter:
    def __init__(self):
        self.n = 0

    def add(self, n):
        self.n += n
        return self.n


class Mine(BaseManager):
    pass


Mine.register("Counter", Counter)

if __name__ == "__main__":
    with Mine(ctx=multiprocessing.get_context("fork")) as manager:
        counter = manager.Counter()
        print(counter.add(2), counter.add(3))
    with multiprocessing.get_context("fork").Manager() as manager:
        numbers = manager.list([3, 1, 2])
        numbers.sort()
        print(numbers, manager.dict(a=1))
