import queue


class Unique(queue.Queue):
    def _init(self, maxsize):
        self.queue = []

    def _put(self, item):
        if item not in self.queue:
            self.queue.append(item)

    def _get(self):
        return self.queue.pop()

    def _qsize(self):
        return len(self.queue)


unique = Unique()
for n in (1, 2, 2, 3, 1):
    unique.put(n)
print(unique.qsize(), unique.get(), unique.queue, unique.mutex.locked(), unique.unfinished_tasks)
print(Unique.__bases__, isinstance(unique, queue.Queue))
