"""Reading a vault's dump as an attacker would: every value of every table, and the file's own bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

# The vault's own: the system's SQLite may be too old for its search index.
import sqlcipher3.dbapi2 as driver


def rows(dump: Path) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield every row with its table's name, shadow tables of the search index included; texts as bytes."""
    with closing(driver.connect(f"{dump.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (name,) in tables:
            quoted = name.decode().replace('"', '""')
            for row in connection.execute(f'SELECT * FROM "{quoted}"'):
                yield name.decode(), row


def values(dump: Path) -> Iterator[bytes]:
    """Yield every text and blob."""
    for _, row in rows(dump):
        yield from (value for value in row if isinstance(value, bytes))


def contents(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, or of every file below a folder."""
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    assert files, path
    for file in files:
        yield file.read_bytes()
