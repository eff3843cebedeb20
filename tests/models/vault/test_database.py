from __future__ import annotations

import stat
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from carelink.errors import BugError
from carelink.models.vault import database as module
from carelink.models.vault.database import Database
from carelink.models.vault.errors import (
    BusyVaultError,
    DamagedVaultError,
    LockedVaultError,
    MissingVaultError,
)


def add(database: Database, text: str) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO notes (text) VALUES (?)", (text,))


def texts(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.exec_driver_sql("SELECT text FROM notes ORDER BY pk").scalars())


def test_what_was_written_is_read_after_closing(database: Database, key: bytes) -> None:
    add(database, "Bien dormi")
    database.lock()
    again = Database(database.path, key)
    assert texts(again) == ["Bien dormi"]
    again.lock()


def test_nothing_of_it_is_on_the_disk_in_plain_text(database: Database) -> None:
    add(database, "canari-jaune " * 50)
    for path in database.path.parent.iterdir():
        data = path.read_bytes()
        assert b"canari" not in data
        assert b"SQLite format 3" not in data
        assert b"notes" not in data


def test_only_their_owner_reads_the_files(database: Database) -> None:
    add(database, "x")
    names = {path.name for path in database.path.parent.iterdir()}
    assert "vault.db-wal" in names
    for path in database.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_another_key_opens_nothing(database: Database) -> None:
    add(database, "x")
    database.lock()
    other = Database(database.path, bytes(32))
    with pytest.raises(DamagedVaultError):
        texts(other)
    other.lock()


def test_a_failed_action_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("INSERT INTO notes (text) VALUES ('à moitié')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert texts(database) == []


def test_a_broken_constraint_is_the_callers(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.exec_driver_sql("INSERT INTO notes (text) VALUES (NULL)")
    add(database, "après")
    assert texts(database) == ["après"]


def test_an_error_does_not_tell_the_content(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, database.write() as connection:
        connection.exec_driver_sql("INSERT INTO notes (pk, text) VALUES (?, NULL)", ("secret-médical",))
    assert "secret-médical" not in str(caught.value)


def test_a_reading_sees_one_state_to_its_end(database: Database) -> None:
    add(database, "un")
    with database.read() as connection:
        count = "SELECT count(*) FROM notes"
        assert connection.exec_driver_sql(count).scalar_one() == 1
        add(database, "deux")
        assert connection.exec_driver_sql(count).scalar_one() == 1
    assert texts(database) == ["un", "deux"]


def test_a_result_left_unread_does_not_hold_the_next_reading_to_the_past(database: Database) -> None:
    add(database, "un")
    add(database, "deux")
    with database.read() as connection:
        left = connection.exec_driver_sql("SELECT text FROM notes")
        assert left.fetchone() == ("un",)
    add(database, "trois")
    assert texts(database) == ["un", "deux", "trois"]


def test_several_read_at_once_each_its_own_state(database: Database) -> None:
    count = "SELECT count(*) FROM notes"
    with ExitStack() as readings:
        seen = []
        for n in range(2 * module.IDLE_READERS):
            connection = readings.enter_context(database.read())
            seen.append((n, connection, connection.exec_driver_sql(count).scalar_one()))
            add(database, str(n))
        for n, connection, before in seen:
            assert before == connection.exec_driver_sql(count).scalar_one() == n
    assert len(texts(database)) == 2 * module.IDLE_READERS
    database.lock()
    assert [path.name for path in database.path.parent.iterdir()] == ["vault.db"]


def test_a_reading_never_writes(database: Database) -> None:
    with pytest.raises(BugError), database.read() as connection:
        connection.exec_driver_sql("INSERT INTO notes (text) VALUES ('x')")
    assert texts(database) == []


def test_a_write_within_a_write_is_our_fault_not_a_wait(database: Database) -> None:
    with database.write(), pytest.raises(BugError):
        add(database, "x")


def test_every_commit_is_on_the_disk_and_in_the_log(database: Database) -> None:
    with database.write() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("synchronous", "journal_mode", "foreign_keys", "temp_store", "secure_delete")
        }
    assert settings == {
        "synchronous": 2,
        "journal_mode": "wal",
        "foreign_keys": 1,
        "temp_store": 2,
        "secure_delete": 2,
    }


def test_foreign_keys_are_back_after_a_migration(database: Database) -> None:
    with database.write(foreign_keys=False) as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 0
    with database.write() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_threads_write_in_turn(database: Database) -> None:
    def work() -> None:
        for _ in range(25):
            with database.write() as connection:
                count = connection.exec_driver_sql("SELECT count(*) FROM notes").scalar_one()
                connection.exec_driver_sql("INSERT INTO notes (text) VALUES (?)", (str(count),))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts(database) == [str(n) for n in range(100)]


def test_a_thread_that_waits_too_long_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.1)
    errors: list[Exception] = []

    def work() -> None:
        try:
            add(database, "x")
        except BusyVaultError as error:
            errors.append(error)

    with database.write():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert len(errors) == 1


def test_another_writer_that_lasts_too_long_is_told(
    database: Database, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.1)
    other = Database(database.path, key)
    with database.write(), pytest.raises(BusyVaultError):
        add(other, "x")
    add(other, "y")
    other.lock()
    assert texts(database) == ["y"]


def test_a_locked_vault_answers_nothing(database: Database) -> None:
    add(database, "x")
    database.lock()
    for access in (database.read, database.write, database.bare):
        with pytest.raises(LockedVaultError), access():
            pass
    assert [path.name for path in database.path.parent.iterdir()] == ["vault.db"]


def test_what_was_being_read_when_it_was_locked_is_closed_at_its_end(database: Database) -> None:
    add(database, "x")
    with database.read() as connection:
        connection.exec_driver_sql("SELECT 1")
        database.lock()
        assert connection.exec_driver_sql("SELECT text FROM notes").scalar_one() == "x"
    assert [path.name for path in database.path.parent.iterdir()] == ["vault.db"]


def test_a_missing_vault_is_said_and_not_made(tmp_path: Path, key: bytes) -> None:
    database = Database(tmp_path / "vault.db", key)
    with pytest.raises(MissingVaultError), database.read():
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_vault_is_never_made_over_another(database: Database, key: bytes) -> None:
    add(database, "x")
    with pytest.raises(FileExistsError):
        Database.create(database.path, key)
    assert texts(database) == ["x"]


@pytest.mark.parametrize("folder", ["espace et é", "100%25", "a?b#c"])
def test_any_folder_name_will_do(tmp_path: Path, key: bytes, folder: str) -> None:
    (tmp_path / folder).mkdir()
    Database.create(tmp_path / folder / "vault.db", key).lock()
    database = Database(tmp_path / folder / "vault.db", key)
    assert database.version() == 0
    database.lock()
    assert [path.name for path in tmp_path.iterdir()] == [folder]
