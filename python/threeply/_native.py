"""The extension module, or `None` where it cannot load.

It cannot load in a sub-interpreter (PyO3 modules refuse to) and in an
interpreter that it was not built for. There the rooms are plain overlays of the
standard modules; `reason` says why, for `threeply.coverage` and
`threeply.install(verbose=True)`.
"""

from types import ModuleType

extension: ModuleType | None
reason: str | None

try:
    from threeply import _threeply as extension
except ImportError as error:
    extension = None
    reason = str(error)
else:
    reason = None
