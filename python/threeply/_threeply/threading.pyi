from types import ModuleType

# Each call makes new classes, subclasses of the standard module's: `Event`,
# `Semaphore`, `BoundedSemaphore`.
def types(standard: ModuleType) -> dict[str, type]: ...
