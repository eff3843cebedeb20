"""Accounts and circles for the benchmarks: real vaults, real keys, the product's own services."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks import PASSPHRASE
from carelink.models.vault.home import Home
from carelink.services.accounts import create_account, open_account
from carelink.services.circles import Circles, checked_patient
from carelink.services.session import Session


def account(folder: Path, name: str, profession: str = "") -> Session:
    """Make an account in a folder of its own and open it."""
    os.environ["CARELINK_SECRETS"] = "file"
    home = Home(folder)
    create_account(home, name, PASSPHRASE, profession)
    return open_account(home, home.find(None), PASSPHRASE)


def circle(session: Session, hub: str) -> str:
    """Create a circle with one person to care for."""
    return Circles(session).create(checked_patient("Jeanne", "Lambert", "1938-04-12"), hub)


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return sorted(values)[len(values) // 2]
