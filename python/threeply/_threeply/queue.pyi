from types import ModuleType

from threeply.queue._open import OpenQueue

# Each call makes a new `Queue`, a subclass of the standard module's. `open_queue` is
# the part in Python, for a queue whose insides are overridden or touched.
def types(standard: ModuleType, open_queue: OpenQueue) -> dict[str, type]: ...
