"""The vault's tables through time: Alembic scripts, numbered from 1."""

from __future__ import annotations

from typing import Final

# Number of the newest script, known without reading them.
NEWEST: Final = 1
