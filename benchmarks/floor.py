"""What the same work costs without CareLink: raw SQLCipher with the vault's own settings."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver

from benchmarks.corpus import texts

BATCH = 500


def raw_vault(path: Path) -> Any:  # noqa: ANN401  (the driver has no types)
    """Open a new SQLCipher file as the vault does: raw key, WAL, full synchronous."""
    connection = driver.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{secrets.token_hex(32)}'\"")
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "temp_store = MEMORY", "cache_size = -32000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(
        "CREATE TABLE entries (pk INTEGER PRIMARY KEY, record BLOB UNIQUE, author BLOB, shown INTEGER, "
        "text TEXT)"
    )
    connection.execute("CREATE INDEX by_time ON entries (shown, pk)")
    connection.execute(
        "CREATE VIRTUAL TABLE words USING fts5(text, content='', contentless_delete=1, "
        'tokenize="unicode61 remove_diacritics 2")'
    )
    return connection


def fill(connection: Any, count: int) -> None:  # noqa: ANN401
    """Insert `count` notes with their words, as one transaction."""
    author = bytes(16)
    rows = [
        (n, n.to_bytes(16, "big"), author, 1_700_000_000_000 + n * 60_000, text)
        for n, text in enumerate(texts(count), start=1)
    ]
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO entries VALUES (?,?,?,?,?)", rows)
    connection.executemany("INSERT INTO words (rowid, text) VALUES (?,?)", [(r[0], r[4]) for r in rows])
    connection.execute("COMMIT")


def bulk_insert_seconds(path: Path, count: int) -> float:
    """Return the seconds of a bulk insert of `count` notes with their words."""
    connection = raw_vault(path)
    started = time.perf_counter()
    fill(connection, count)
    seconds = time.perf_counter() - started
    connection.close()
    return seconds
