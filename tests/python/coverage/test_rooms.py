"""Every public name of the standard modules can be reached through the rooms."""

import importlib

import pytest

from threeply._install import ROOMS


@pytest.mark.parametrize("name", ROOMS)
def test_every_public_name_of_the_standard_module_is_in_the_room(name):
    standard = importlib.import_module(name)
    room = importlib.import_module(f"threeply.{name}")
    public = getattr(standard, "__all__", None) or dir(standard)
    assert [n for n in public if not hasattr(room, n)] == []
    assert set(public) <= set(dir(room))


@pytest.mark.parametrize("name", ["threading", "queue"])
def test_a_star_import_gives_every_public_name(name):
    standard = importlib.import_module(name)
    names = {}
    exec(f"from threeply.{name} import *", names)
    assert set(standard.__all__) <= names.keys()
