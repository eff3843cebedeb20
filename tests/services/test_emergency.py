"""What is told of an opening of the record in an emergency, once it is over."""

from __future__ import annotations

import pytest

from carelink.services.emergency import Emergency
from carelink.services.session import Session
from tests.sync.fixtures import Grown
from tests.sync.house import DAY, House, sync


def begun(house: House) -> str:
    claire, nora = house.account("Claire", "nurse"), house.account("Nora", "physician")
    circle = house.circle(claire)
    house.let_in(claire, circle, nora, "on_call")
    return circle


@pytest.fixture
def circle(house: House, grown: Grown) -> str:
    return grown(house, begun)


@pytest.fixture
def claire(house: House, circle: str) -> Session:
    return house.named("Claire")


@pytest.fixture
def nora(house: House, circle: str) -> Session:
    return house.named("Nora")


def test_one_that_lasted_its_time_was_not_ended(
    house: House, claire: Session, nora: Session, circle: str
) -> None:
    Emergency(nora).open(circle, "Inconscient", 2)
    house.clock.now += DAY
    for session in (claire, nora, claire):
        sync(session)
    for session in (claire, nora):
        (view,) = Emergency(session).state(circle).opened
        assert (view.under_way, view.cut) == (False, None)


def test_one_that_opposition_ended_says_when(
    house: House, claire: Session, nora: Session, circle: str
) -> None:
    Emergency(nora).open(circle, "Inconscient", 2)
    Emergency(nora).open(circle, "Toujours inconscient", 8)
    opposed_after = house.clock.now
    Emergency(claire).oppose(circle, opposed=True)
    sync(nora)
    house.clock.now += DAY
    for session in (claire, nora):
        for view in Emergency(session).state(circle).opened:
            assert not view.under_way
            assert view.cut is not None
            assert opposed_after <= view.cut < view.until


def test_one_whose_time_was_over_before_an_opposition_was_not_ended_by_it(
    house: House, claire: Session, nora: Session, circle: str
) -> None:
    Emergency(nora).open(circle, "Inconscient", 1)
    house.clock.now += DAY
    Emergency(claire).oppose(circle, opposed=True)
    (view,) = Emergency(claire).state(circle).opened
    assert view.cut is None
