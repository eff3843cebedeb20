"""A nurse with her window, and a relay in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carelink.ui.workspace import Workspace
from tests.sync.fixtures import empty_vault, house
from tests.sync.house import House

__all__ = ["empty_vault", "house"]


@pytest.fixture
def workspace(house: House) -> Iterator[Workspace]:
    made = Workspace(house.account("Claire Martin", "nurse"))
    yield made
    made.close()
    made.wait_closed(10)
