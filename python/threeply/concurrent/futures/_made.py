"""What the rooms of `concurrent.futures` and `concurrent.futures._base` have in common."""

from __future__ import annotations

from threeply import _native, _stdlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

names: dict[str, Any] = {}
"""Our names, which are the same in both."""

# Before its submodules: who asks for those by name would open the package's room.
_stdlib.module("concurrent.futures")

if _native.extension is not None:
    from threeply.concurrent.futures import _executor, _open, _waiting

    native = _native.extension.futures
    standard = _stdlib.module("concurrent.futures._base")
    names["Future"] = native.future(standard, _open.OpenFuture(standard))
    names["Executor"] = _executor.executor_type(standard, names["Future"])
    names.update(_waiting.functions(standard, native.Round))
