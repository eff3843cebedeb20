"""A vault of one's own for each test, and secrets in files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from carelink.crypto.primitives import sha256
from carelink.models.vault import slots
from carelink.models.vault.database import Database


@pytest.fixture(autouse=True)
def _secrets_in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELINK_SECRETS", "file")


@pytest.fixture
def quick_argon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare a test of something else the tenth of a second that each try costs on purpose."""
    monkeypatch.setattr(slots, "stretch", lambda secret, salt: sha256(secret.encode(), salt))


@pytest.fixture
def key() -> bytes:
    return os.urandom(32)


@pytest.fixture
def database(tmp_path: Path, key: bytes) -> Iterator[Database]:
    database = Database.create(tmp_path / "vault.db", key)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE notes (pk INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    yield database
    database.lock()
