from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from carelink.errors import KnownError
from carelink.models.vault.database import Database
from carelink.models.vault.dump import dump
from carelink.models.vault.errors import LockedVaultError
from carelink.models.vault.migrate import create_vault


@pytest.fixture
def full(tmp_path: Path, key: bytes) -> Database:
    database = create_vault(tmp_path / "vault.db", key)
    with database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO settings VALUES (?, ?)", ("canari-clé", "canari-texte " * 400)
        )
        connection.exec_driver_sql(
            "INSERT INTO entries_fts (rowid, text) VALUES (1, 'canariindex prend son thé')"
        )
        connection.exec_driver_sql(
            "INSERT INTO hubs (url, hub_key, fingerprint, cursor, letters) VALUES ('u', ?, '', 0, 0)",
            (b"canari-octets" + bytes(range(256)) * 8,),
        )
    return database


def test_everything_is_in_it_in_plain_text(full: Database, tmp_path: Path) -> None:
    out = tmp_path / "copie.db"
    dump(full, out)
    data = out.read_bytes()
    for canary in ("canari-clé", "canari-texte " * 400, "canariindex"):
        assert canary.encode() in data
    assert b"canari-octets" + bytes(range(256)) * 8 in data
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    plain = sqlite3.connect(out)
    names = "SELECT type, name FROM sqlite_schema ORDER BY 1, 2"
    with full.read() as connection:
        assert plain.execute(names).fetchall() == [tuple(r) for r in connection.exec_driver_sql(names)]
    assert plain.execute("PRAGMA user_version").fetchone() == (full.version(),)
    assert plain.execute("PRAGMA page_size").fetchone() == (65_536,)
    assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    plain.close()
    full.lock()


def test_a_file_already_there_is_not_replaced(full: Database, tmp_path: Path) -> None:
    out = tmp_path / "copie.db"
    out.write_text("précieux")
    with pytest.raises(KnownError, match="existe déjà"):
        dump(full, out)
    assert out.read_text() == "précieux"
    full.lock()


def test_a_folder_that_is_not_there_is_said(full: Database, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="n’existe pas"):
        dump(full, tmp_path / "absent" / "copie.db")
    full.lock()


def test_a_locked_vault_is_not_dumped_and_leaves_no_half(full: Database, tmp_path: Path) -> None:
    full.lock()
    with pytest.raises(LockedVaultError):
        dump(full, tmp_path / "copie.db")
    assert not (tmp_path / "copie.db").exists()
