"""The whole window over real vaults and a real relay."""

from __future__ import annotations

from tests.ui.households import household, open_window, relay

__all__ = ["household", "open_window", "relay"]
