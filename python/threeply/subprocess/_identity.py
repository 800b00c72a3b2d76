"""Whom a child is to be: users and groups by their names or numbers.

Source: CPython Lib/subprocess.py, Popen.__init__.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def user_id(user: str | int | None) -> int | None:
    """Returns the number of a user.

    Raises:
        KeyError: There is no user of that name.
        TypeError: It is neither a name nor a number.
        ValueError: The number is negative.
    """
    if isinstance(user, str):
        import pwd

        return _checked(pwd.getpwnam(user).pw_uid, "User")
    if user is None or isinstance(user, int):
        return _checked(user, "User")
    raise TypeError("User must be a string or an integer")


def group_id(group: str | int | None) -> int | None:
    """Returns the number of a group.

    Raises:
        KeyError: There is no group of that name.
        TypeError: It is neither a name nor a number.
        ValueError: The number is negative.
    """
    if isinstance(group, str):
        return _checked(_group_named(group), "Group")
    if group is None or isinstance(group, int):
        return _checked(group, "Group")
    raise TypeError(f"Group must be a string or an integer, not {type(group)}")


def group_ids(groups: Iterable[str | int] | None) -> list[int] | None:
    """Returns the numbers of groups.

    Raises:
        KeyError: There is no group of some name.
        TypeError: One of them is neither a name nor a number.
        ValueError: A number is negative, or it is one name and no list of groups.
    """
    if groups is None:
        return None
    if isinstance(groups, str):
        raise ValueError("Groups must be a list, not a string")
    numbers = [_member(group) for group in groups]
    for number in numbers:
        _checked(number, "Group")
    return numbers


def _member(group: object) -> int:
    if isinstance(group, str):
        return _group_named(group)
    if isinstance(group, int):
        return group
    message = f"Items in extra_groups must be a string or integer, not {type(group)}"
    raise TypeError(message)


def _group_named(name: str) -> int:
    import grp

    return grp.getgrnam(name).gr_gid


def _checked(number: int | None, kind: str) -> int | None:
    if number is not None and number < 0:
        raise ValueError(f"{kind} ID cannot be negative, got {number}")
    return number
