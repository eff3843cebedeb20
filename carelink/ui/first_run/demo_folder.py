"""Which folder is the demonstration's, told without loading what could build it."""

from __future__ import annotations

from carelink.models.vault.home import Home

MARKER_NAME = "demonstration.json"


def is_demo(home: Home) -> bool:
    """Tell whether a folder is the demonstration's."""
    return (home.path / MARKER_NAME).is_file()
