"""Whether what looks native is done in Python after all.

A native class may leave part of its work to threeply's Python files: a queue whose
hooks are overridden, or whose inside somebody asks for, goes on there. Its descriptors
are native all the same, so they alone would flatter.
"""

from __future__ import annotations

import sys

from threeply._coverage import origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType


def hooks(cls: type, owner: type) -> list[str]:
    """Lists what Python classes between a class and a native base of it override."""
    between = cls.__mro__[: cls.__mro__.index(owner)]
    overridden = {
        name
        for made_in_python in between
        if not origin.is_native_type(made_in_python)
        for name in vars(made_in_python).keys() & vars(owner).keys()
        if not name.startswith("__")
    }
    return sorted(overridden)


def reading_runs_python(cls: type, name: str) -> bool:
    """Tells whether reading an attribute of a new instance runs Python of ours.

    A class whose instances need arguments is not tried.
    """
    try:
        instance = cls()
    except TypeError:
        return False
    ran = False

    def watch(frame: FrameType, event: str, _: object) -> None:
        nonlocal ran
        if event == "call" and frame.f_code.co_filename.startswith(origin.PACKAGE):
            ran = True

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        getattr(instance, name, None)
    finally:
        sys.setprofile(before)
    return ran
