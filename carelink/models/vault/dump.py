"""A vault in plain text, for support and audits."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from carelink.models.vault.database import Database
from carelink.models.vault.errors import DiskError, DiskFullError
from carelink.models.vault.files import create_named_file

# The largest that SQLite has: a text is seldom cut by the end of a page, so a search for bytes finds it.
PAGE_BYTES = 65_536


def dump(database: Database, out: Path) -> None:
    """Write every table, index and blob of a vault to a new, unencrypted SQLite file of mode 0600.

    Raises:
        KnownError: There is such a file already, its folder is missing, or the disk is full.
    """
    create_named_file(out)
    try:
        with database.bare() as connection:
            connection.execute("ATTACH DATABASE ? AS plain KEY ''", (str(out.absolute()),))
            connection.execute(f"PRAGMA plain.page_size = {PAGE_BYTES}")
            connection.execute("BEGIN")
            connection.execute("SELECT sqlcipher_export('plain')").fetchall()
            connection.execute("COMMIT")
            version = connection.execute("PRAGMA main.user_version").fetchall()[0][0]
            connection.execute(f"PRAGMA plain.user_version = {version}")
            connection.execute("DETACH DATABASE plain")
    except BaseException as error:
        with suppress(OSError):
            out.unlink()
        if isinstance(error, DiskError):
            raise DiskFullError(out) from error
        raise
