from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from carelink.models import schema
from carelink.models.migrations import NEWEST
from carelink.models.vault.database import Database
from carelink.models.vault.errors import NewerVaultError
from carelink.models.vault.migrate import SCRIPTS, create_vault, open_vault

SECOND = """
from alembic import op
revision = "9001"
down_revision = "{newest:04}"
def upgrade():
    op.execute("ALTER TABLE settings ADD COLUMN note TEXT DEFAULT 'vide'")
    {more}
"""


def laid_out(sql: str | None) -> str | None:
    return sql and re.sub(r"\s+", "", sql)


def listed(rows: list[tuple[object, ...]]) -> dict[tuple[object, object], str | None]:
    return {
        (kind, name): laid_out(str(sql) if sql else None)
        for kind, name, sql in rows
        if "alembic_version" not in str(name)
    }


def test_the_migrations_make_exactly_the_tables_of_the_schema(tmp_path: Path, key: bytes) -> None:
    query = "SELECT type, name, sql FROM sqlite_schema"
    wanted = Database.create(tmp_path / "wanted.db", key)
    with wanted.write() as connection:
        schema.metadata.create_all(connection)
        for statement in schema.EXTRA_DDL:
            connection.exec_driver_sql(statement)
        expected = listed([tuple(row) for row in connection.exec_driver_sql(query)])
    wanted.lock()
    database = create_vault(tmp_path / "vault.db", key)
    with database.read() as connection:
        made = listed([tuple(row) for row in connection.exec_driver_sql(query)])
    database.lock()
    assert made == expected, "schema.py and the migrations differ: write the migration"


def test_the_newest_number_is_that_of_the_newest_script() -> None:
    numbers = [int(path.name[1:5]) for path in (SCRIPTS / "versions").glob("v*.py")]
    assert sorted(numbers) == list(range(1, NEWEST + 1))


def test_words_are_searched_without_accents(tmp_path: Path, key: bytes) -> None:
    database = create_vault(tmp_path / "vault.db", key)
    with database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO entries_fts (rowid, text) VALUES (7, 'Pâle, a mangé une pêche à Noël')"
        )
    with database.read() as connection:
        for words in ("peche", "PÊCHE", "noel mange", "pal*"):
            found = connection.exec_driver_sql(
                "SELECT rowid FROM entries_fts WHERE entries_fts MATCH ?", (words,)
            )
            assert found.scalars().all() == [7], words
    database.lock()


def test_an_ordinary_opening_does_not_load_alembic(tmp_path: Path) -> None:
    create_vault(tmp_path / "vault.db", bytes(32)).lock()
    script = (
        "import sys; from pathlib import Path; from carelink.models.vault.migrate import open_vault;"
        "open_vault(Path(sys.argv[1]), bytes(32)).lock(); sys.exit('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "vault.db"], check=False)
    assert done.returncode == 0


@pytest.fixture
def next_scripts(tmp_path: Path) -> Path:
    scripts = tmp_path / "scripts"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    return scripts


@pytest.fixture
def old(tmp_path: Path, key: bytes) -> Path:
    path = tmp_path / "account" / "vault.db"
    path.parent.mkdir()
    database = create_vault(path, key)
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO settings VALUES ('langue', 'français')")
    database.lock()
    return path


def add_script(scripts: Path, more: str = "") -> None:
    (scripts / "versions" / "v9001_next.py").write_text(SECOND.format(newest=NEWEST, more=more))


def rows(database: Database) -> list[tuple[object, ...]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM settings")]


def test_an_older_vault_is_brought_up_to_date(old: Path, key: bytes, next_scripts: Path) -> None:
    add_script(next_scripts)
    for _ in range(2):
        database = open_vault(old, key, next_scripts, 9001)
        assert rows(database) == [("langue", "français", "vide")]
        assert database.version() == 9001
        database.lock()
    assert [path.name for path in old.parent.iterdir()] == ["vault.db"], "the copy is gone"


def test_an_upgrade_that_fails_leaves_the_vault_and_a_copy_of_it(
    old: Path, key: bytes, next_scripts: Path
) -> None:
    add_script(next_scripts, "raise ZeroDivisionError")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            open_vault(old, key, next_scripts, 9001)
        copy = old.with_name("vault.db.before-9001")
        assert b"SQLite format" not in copy.read_bytes()
        assert copy.stat().st_mode & 0o777 == 0o600
        for path in (old, copy):
            database = open_vault(path, key)
            assert rows(database) == [("langue", "français")]
            database.lock()
    add_script(next_scripts)
    open_vault(old, key, next_scripts, 9001).lock()
    assert [path.name for path in old.parent.iterdir()] == ["vault.db"]


def test_a_vault_of_a_newer_version_is_left_alone(old: Path, key: bytes, next_scripts: Path) -> None:
    add_script(next_scripts)
    open_vault(old, key, next_scripts, 9001).lock()
    before = old.read_bytes()
    with pytest.raises(NewerVaultError, match="plus récente"):
        open_vault(old, key)
    assert old.read_bytes() == before
