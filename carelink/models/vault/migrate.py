"""Opening a vault, and bringing one made by an older CareLink up to date.

The number of the newest migration stands in `PRAGMA user_version`, so that an ordinary opening
asks one question and does not load Alembic.
"""

from __future__ import annotations

from pathlib import Path

from carelink.errors import BugError
from carelink.models.migrations import NEWEST
from carelink.models.vault.database import Database
from carelink.models.vault.errors import NewerVaultError
from carelink.models.vault.files import create_file

SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"


def create_vault(path: Path, key: bytes) -> Database:
    """Make a new vault with every table.

    Raises:
        KnownError: The disk is full.
    """
    database = Database.create(path, key)
    _upgrade(database, SCRIPTS, NEWEST)
    return database


def open_vault(path: Path, key: bytes, scripts: Path = SCRIPTS, newest: int = NEWEST) -> Database:
    """Open a vault, upgraded first where it comes from an older CareLink.

    Args:
        path: The vault's file.
        key: Its key.
        scripts: Folder of the Alembic scripts.
        newest: Number of the newest of them.

    Raises:
        DamagedVaultError: The file is not whole; a copy is kept.
        NewerVaultError: A newer CareLink made it.
        KnownError: It is missing, or the disk is full.
    """
    database = Database(path, key)
    try:
        version = database.version()
        if version > newest:
            raise NewerVaultError
        if version < newest:
            _upgrade(database, scripts, newest)
    except BaseException:
        database.lock()
        raise
    return database


def _upgrade(database: Database, scripts: Path, newest: int) -> None:
    """Run what is missing in one transaction; ended midway, the vault is as before."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    backup = database.path.with_name(f"{database.path.name}.before-{newest:04}")
    with database.write(foreign_keys=False) as connection:
        # Read again in the write's turn: another process may have just done it all.
        version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
        if version == newest:
            return
        if version > 0:
            _back_up(database, backup)
        config.attributes["connection"] = connection
        command.upgrade(config, f"{newest:04}")
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise BugError("a migration left a row without its parent")
        connection.exec_driver_sql(f"PRAGMA user_version = {newest}")
    backup.unlink(missing_ok=True)


def _back_up(database: Database, backup: Path) -> None:
    backup.unlink(missing_ok=True)
    create_file(backup)
    with database.bare() as connection:
        connection.execute("VACUUM INTO ?", (str(backup.absolute()),))
