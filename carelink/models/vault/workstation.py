"""What makes a PC a team's shared workstation: whose it is, where it asks, and who is on its door.

<home>/workstation/workstation.json              readable before anybody opened anything: names of the team
<home>/workstation/<account>/{account.sealed, attempts.json}
<home>/keys/workstation.key                      only where the OS has no keyring
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from carelink.models.vault.files import make_folder, replace_file
from carelink.models.vault.secrets import SecretKind, SecretStore

# Named tuples: the unlock screen waits for these, and for no msgspec nor dataclasses.

SECRET_NAME = "workstation"  # noqa: S105 - the name of a secret
_FILE = "workstation.json"
_KEPT = "account.sealed"


class DoorPerson(NamedTuple):
    """Someone of the team, as the door shows them."""

    account: str
    name: str
    profession: str


class Workstation(NamedTuple):
    """A PC that a team shares.

    Attributes:
        identifier: Its own id in hexadecimal.
        name: What it is called.
        team: Whose it is, in hexadecimal.
        url, fingerprint, hub_key: The team's relay; the key in hexadecimal.
        secret_kind: Where this PC's secret is.
        sealed: The team's workstation secret under this PC's, in hexadecimal.
        people: Who may open their account here, as the relay last said.
    """

    identifier: str
    name: str
    team: str
    team_name: str
    url: str
    fingerprint: str
    hub_key: str
    secret_kind: SecretKind
    sealed: str
    people: tuple[DoorPerson, ...] = ()


def workstation_secrets(home: Path, kind: SecretKind) -> SecretStore:
    """Return the store of this PC's secret as a workstation."""
    return SecretStore(home, SECRET_NAME, kind)


def load_workstation(home: Path) -> Workstation | None:
    """Return what this PC is for a team, or None where it is nobody's workstation."""
    try:
        found = json.loads((home / SECRET_NAME / _FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    with suppress(TypeError, ValueError, KeyError):
        people = tuple(DoorPerson(**person) for person in found.pop("people"))
        kind = SecretKind(found.pop("secret_kind"))
        return Workstation(**found, secret_kind=kind, people=people)
    return None


def save_workstation(home: Path, workstation: Workstation) -> None:
    """Keep what this PC is for a team.

    Raises:
        KnownError: The disk is full, or refuses.
    """
    make_folder(home / SECRET_NAME)
    record = workstation._asdict() | {"people": [person._asdict() for person in workstation.people]}
    replace_file(home / SECRET_NAME / _FILE, json.dumps(record, ensure_ascii=False).encode())


def door_folder(home: Path, account: str) -> Path:
    """Return where an account's last bundle and the count of its wrong tries are kept."""
    return home / SECRET_NAME / account


def kept_account(home: Path, account: str) -> bytes | None:
    """Return the account as it was last taken here, sealed, or None."""
    try:
        return (door_folder(home, account) / _KEPT).read_bytes()
    except OSError:
        return None


def keep_account(home: Path, account: str, sealed: bytes) -> None:
    """Keep an account as it was just taken.

    Raises:
        KnownError: The disk is full, or refuses.
    """
    folder = door_folder(home, account)
    make_folder(folder)
    replace_file(folder / _KEPT, sealed)


def forget_account(home: Path, account: str) -> None:
    """Keep nothing any more that opens an account here; the count of wrong tries stays."""
    with suppress(OSError):
        (door_folder(home, account) / _KEPT).unlink(missing_ok=True)


def came_by_door(home: Path) -> set[str]:
    """Return the accounts that were opened here as on any workstation of the team, or tried."""
    with suppress(OSError):
        return {path.name for path in (home / SECRET_NAME).iterdir() if path.is_dir()}
    return set()
