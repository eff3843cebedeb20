"""A house with a relay in memory for each test, and the people most tests begin with."""

from __future__ import annotations

import pytest

from carelink.services.session import Session
from tests.sync.fixtures import empty_vault, grown, house
from tests.sync.house import House

__all__ = ["empty_vault", "grown", "house"]


@pytest.fixture
def claire(house: House) -> Session:
    return house.account("Claire", "nurse")


@pytest.fixture
def anne(house: House) -> Session:
    return house.account("Anne")
