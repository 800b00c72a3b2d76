"""What an instance takes, with all that it alone refers to, by `sys.getsizeof`."""

import gc
import sys
import types

from harness import bench

SHARED = (
    *(type, types.ModuleType, types.FunctionType, types.CodeType),
    *(type(None), bool, int, str),
)


def _bytes(instance):
    """The sizes of all objects that can be reached and that programs do not share."""
    found, open_ = {}, [instance]
    while open_:
        one = open_.pop()
        if id(one) not in found and not isinstance(one, SHARED):
            found[id(one)] = one
            open_ += gc.get_referents(one)
    return sum(map(sys.getsizeof, found.values()))


def _memory(name, most=None):
    def measure(side):
        return _bytes(getattr(side, name)())

    measure.__name__ = f"memory_{name.lower()}"
    bench(f"{name}: memory", name, "B", clock="getsizeof", most=most)(measure)


_memory("Lock", 48)
_memory("RLock")
_memory("Condition")
_memory("Event", 64)
_memory("Semaphore", 64)
_memory("Queue", 300)
_memory("LifoQueue", 300)
_memory("PriorityQueue", 300)
_memory("SimpleQueue")
_memory("RWLock")
