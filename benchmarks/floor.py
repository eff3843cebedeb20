"""What the same work costs without CareLink: raw SQLCipher, same tables of entries, same settings."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex

from benchmarks.corpus import texts
from carelink.models import schema
from carelink.models.vault.database import _PRAGMAS

MINUTE = 60_000
START = 1_700_000_000_000
STREAMS = ("care", "life", "care", "coordination")


def raw_vault(path: Path) -> Any:  # noqa: ANN401  (the driver has no types)
    """Open a new SQLCipher file with the vault's settings, one table of entries and its words.

    The table has the vault's columns and indexes for entries, with the text beside them.
    """
    connection = driver.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{secrets.token_hex(32)}'\"")
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute(
        "CREATE TABLE entries (pk INTEGER PRIMARY KEY, circle_pk INTEGER NOT NULL, stream TEXT NOT NULL, "
        "record BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, author BLOB NOT NULL, shown BIGINT NOT NULL, "
        "text TEXT NOT NULL, urgent BOOLEAN NOT NULL, unread BOOLEAN NOT NULL)"
    )
    for index in schema.entries.indexes:
        if index.name in {"entries_time_line", "entries_by_stream", "entries_unread"}:
            connection.execute(str(CreateIndex(index).compile(dialect=sqlite.dialect())))
    for ddl in schema.EXTRA_DDL:
        connection.execute(ddl)
    return connection


def fill(connection: Any, count: int) -> float:  # noqa: ANN401
    """Insert `count` notes with their words as one transaction; return the seconds it took."""
    author = secrets.token_bytes(16)
    rows = [
        (
            n,
            1,
            STREAMS[n % 4],
            secrets.token_bytes(16),
            "note",
            author,
            START + n * MINUTE,
            text,
            0,
            0,
        )
        for n, text in enumerate(texts(count), start=1)
    ]
    words = [(row[0], row[7]) for row in rows]
    started = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO entries VALUES (?,?,?,?,?,?,?,?,?,?)", rows)
    connection.executemany("INSERT INTO entries_fts (rowid, text) VALUES (?,?)", words)
    connection.execute("COMMIT")
    return time.perf_counter() - started


def bulk_insert_seconds(path: Path, count: int) -> float:
    """Return the seconds of a bulk insert of `count` notes with their words."""
    connection = raw_vault(path)
    try:
        return fill(connection, count)
    finally:
        connection.close()
