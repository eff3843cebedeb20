"""A house with a relay in memory for each test."""

from __future__ import annotations

from tests.sync.fixtures import empty_vault, grown, house, ward

__all__ = ["empty_vault", "grown", "house", "ward"]
