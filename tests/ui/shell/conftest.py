"""The whole window over real vaults and a real relay."""

from __future__ import annotations

from pathlib import Path

import pytest

from carelink.models.vault.home import Home
from tests.ui.households import frail_relay, household, open_window, relay

__all__ = ["frail_relay", "household", "open_window", "relay"]


@pytest.fixture
def tmp_path_home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")
