"""A house with a relay in memory for each test, and Jeanne's circle in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from carelink.services.session import Session
from carelink.services.trace import Trace, TraceView
from tests.sync.fixtures import Grown, empty_vault, grown, house
from tests.sync.house import House, sync

__all__ = ["empty_vault", "grown", "house"]


@dataclass
class Circle:
    """A nurse coordinates, then the person came, then a doctor and a daughter."""

    house: House
    id: str
    claire: Session
    jeanne: Session
    paul: Session
    anne: Session

    def exchange(self) -> None:
        for session in (self.paul, self.anne, self.jeanne, self.claire, self.jeanne, self.claire):
            sync(session)

    def read(self, who: Session | None = None) -> list[TraceView]:
        """Return what one who reads the trace knows."""
        self.exchange()
        return Trace(who or self.claire).read(self.id)


def told(views: Sequence[TraceView]) -> list[tuple[str, str, str]]:
    """Return who did what with what."""
    return [(view.person.name, view.action, view.compartment) for view in views]


def begun(house: House) -> str:
    claire = house.account("Claire", "nurse")
    made = house.circle(claire)
    jeanne, paul, anne = house.account("Jeanne"), house.account("Paul", "physician"), house.account("Anne")
    house.let_in(claire, made, jeanne, "patient")
    house.let_in(claire, made, paul, "physician", relation="médecin traitant")
    house.let_in(claire, made, anne, "relative", relation="fille")
    return made


@pytest.fixture
def circle(house: House, grown: Grown) -> Circle:
    made = grown(house, begun)
    return Circle(house, made, *(house.named(name) for name in ("Claire", "Jeanne", "Paul", "Anne")))
