"""A daughter's circle and a nurse's, for the rules of membership."""

from __future__ import annotations

import pytest

from carelink.access.roles import Role
from tests.hub.people import Circle, Person, new_circle


@pytest.fixture
def anne() -> Person:
    return Person("Anne")


@pytest.fixture
def claire() -> Person:
    return Person("Claire")


@pytest.fixture
def paul() -> Person:
    return Person("Paul")


@pytest.fixture
def family(anne: Person) -> Circle:
    """A circle that a daughter created and coordinates: she has no medical right."""
    return new_circle(anne, Role.FAMILY_CARER)


@pytest.fixture
def house(claire: Person) -> Circle:
    """A circle that a nurse created and coordinates."""
    return new_circle(claire, Role.NURSE)
