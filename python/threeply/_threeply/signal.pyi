from collections.abc import Callable
from types import ModuleType
from typing import Any

__all__ = ["functions", "receiver"]

# Makes the functions by their names. Their signals are members of the standard
# module's enum.
def functions(standard: ModuleType) -> dict[str, Callable[..., Any]]: ...

# Makes the class of receivers, which iteration and asyncio are added to.
def receiver(standard: ModuleType) -> type[Any]: ...
