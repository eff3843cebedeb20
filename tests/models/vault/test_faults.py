"""What a vault goes through on real disks: power cuts, bad sectors, no room left, other processes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import carelink
from carelink.models.vault.database import Database
from carelink.models.vault.dump import dump
from carelink.models.vault.errors import DamagedVaultError
from carelink.models.vault.migrate import create_vault, open_vault

ROWS = [(f"réglage {n}", f"valeur {n} " * 40) for n in range(150)]
KEY = bytes(range(32))


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    root = str(Path(carelink.__file__).parent.parent)
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "vault.db"
    database = create_vault(path, KEY)
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO settings (key, value) VALUES (?, ?)", ROWS)
    database.lock()
    return path.read_bytes()


def read_all(path: Path) -> list[tuple[str, str]]:
    database = open_vault(path, KEY)
    try:
        with database.read() as connection:
            rows = connection.exec_driver_sql("SELECT key, value FROM settings ORDER BY rowid").all()
        return [(row[0], row[1]) for row in rows]
    finally:
        database.lock()


def intact_or_kept_aside(folder: Path, data: bytes) -> bool:
    """Open these bytes: all is there, or the damage is told and the bytes are kept."""
    folder.mkdir()
    path = folder / "vault.db"
    path.write_bytes(data)
    try:
        assert read_all(path) == ROWS
    except DamagedVaultError as error:
        damage = error
    else:
        return True
    assert damage.copy is not None
    assert str(damage.copy) in str(damage)
    assert (damage.copy / "vault.db").read_bytes() == data
    assert path.read_bytes() == data
    return False


def test_a_vault_cut_at_any_sector_is_told_and_kept(tmp_path: Path, whole: bytes) -> None:
    for size in range(0, len(whole), 512):
        assert not intact_or_kept_aside(tmp_path / str(size), whole[:size]), size
    assert intact_or_kept_aside(tmp_path / "whole", whole)


def test_a_flipped_byte_is_told_or_lies_where_nothing_was_read(tmp_path: Path, whole: bytes) -> None:
    dice = random.Random(2)
    told = 0
    for trial in range(100):
        data = bytearray(whole)
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        folder = tmp_path / str(trial)
        if not intact_or_kept_aside(folder, bytes(data)):
            told += 1
            continue
        database = Database(folder / "vault.db", KEY)
        with pytest.raises(DamagedVaultError):
            database.check()
        database.lock()
    assert told > 10


def test_a_whole_vault_passes_the_check(tmp_path: Path, whole: bytes) -> None:
    (tmp_path / "vault.db").write_bytes(whole)
    database = Database(tmp_path / "vault.db", KEY)
    database.check()
    database.lock()
    assert (tmp_path / "vault.db").read_bytes() == whole


def test_a_page_of_zeros_is_found_by_the_check(tmp_path: Path, whole: bytes) -> None:
    data = bytearray(whole)
    data[-4096:] = bytes(4096)
    (tmp_path / "vault.db").write_bytes(bytes(data))
    database = Database(tmp_path / "vault.db", KEY)
    with pytest.raises(DamagedVaultError):
        database.check()
    database.lock()


def test_the_log_is_not_poured_into_a_damaged_vault(tmp_path: Path, whole: bytes) -> None:
    """A vault left by a power cut has a log; closing it would write that log into the file."""
    live, folder = tmp_path / "live", tmp_path / "cut"
    live.mkdir()
    folder.mkdir()
    (live / "vault.db").write_bytes(whole)
    database = Database(live / "vault.db", KEY)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE settings SET value = 'nouvelle' WHERE rowid < 30")
    database_bytes = bytearray((live / "vault.db").read_bytes())
    log = (live / "vault.db-wal").read_bytes()
    assert log
    database.lock()
    # Every page but the first ones is damaged, so that a row that the log lacks meets one.
    for page in range(3, len(database_bytes) // 4096):
        database_bytes[page * 4096 + 77] ^= 1
    (folder / "vault.db").write_bytes(bytes(database_bytes))
    (folder / "vault.db-wal").write_bytes(log)

    with pytest.raises(DamagedVaultError) as caught:
        read_all(folder / "vault.db")

    assert caught.value.copy is not None
    for kept in (folder, caught.value.copy):
        assert (kept / "vault.db").read_bytes() == bytes(database_bytes)
        assert (kept / "vault.db-wal").read_bytes() == log


def test_the_same_damage_is_kept_once(tmp_path: Path, whole: bytes) -> None:
    data = bytearray(whole)
    data[100] ^= 1
    (tmp_path / "vault.db").write_bytes(bytes(data))
    copies = set()
    for _ in range(3):
        with pytest.raises(DamagedVaultError) as caught:
            read_all(tmp_path / "vault.db")
        copies.add(caught.value.copy)
    data[200] ^= 1
    (tmp_path / "vault.db").write_bytes(bytes(data))
    with pytest.raises(DamagedVaultError) as caught:
        read_all(tmp_path / "vault.db")
    copies.add(caught.value.copy)
    assert len(copies) == 2
    assert {path for path in tmp_path.iterdir() if path.is_dir()} == copies


def test_a_vault_once_found_damaged_is_not_written_to_again(tmp_path: Path, whole: bytes) -> None:
    """The bad page may not be met at once the next time: all of it is read first."""
    data = bytearray(whole)
    data[-2000] ^= 1
    path = tmp_path / "vault.db"
    path.write_bytes(bytes(data))
    database = Database(path, KEY)
    with pytest.raises(DamagedVaultError):
        database.check()
    database.lock()
    again = Database(path, KEY)
    with pytest.raises(DamagedVaultError), again.write():
        pass
    again.lock()
    assert path.read_bytes() == bytes(data)
    path.write_bytes(whole)
    assert read_all(path) == ROWS


def test_damage_met_once_stays_said(tmp_path: Path, whole: bytes) -> None:
    (tmp_path / "vault.db").write_bytes(whole[:-4096])
    database = Database(tmp_path / "vault.db", KEY)
    for access in (database.read, database.write, database.bare):
        with pytest.raises(DamagedVaultError), access():
            pass
    database.lock()


WRITER = """
import sys
from pathlib import Path
from carelink.models.vault.database import Database
database = Database(Path(sys.argv[1]), bytes(range(32)))
with database.read() as connection:
    number = connection.exec_driver_sql("SELECT coalesce(max(n), 0) FROM a").scalar_one()
while True:
    number += 1
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO a VALUES (?, ?)", (number, "x" * (number * 37 % 9000)))
        connection.exec_driver_sql("INSERT INTO b VALUES (?)", (number,))
    print(number, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_all_that_was_committed_is_there_after_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "vault.db"
    database = Database.create(path, KEY)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE a (n INTEGER PRIMARY KEY, t TEXT)")
        connection.exec_driver_sql("CREATE TABLE b (n INTEGER PRIMARY KEY)")
    database.lock()
    dice = random.Random(9)
    last = 0
    for _ in range(8):
        process = run(WRITER, path)
        assert process.stdout is not None
        for _ in range(dice.randrange(1, 60)):
            last = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        told = process.communicate()[0].split()
        last = int(told[-1]) if told else last
        database = Database(path, KEY)
        with database.read() as connection:
            a = list(connection.exec_driver_sql("SELECT n FROM a ORDER BY n").scalars())
            b = list(connection.exec_driver_sql("SELECT n FROM b ORDER BY n").scalars())
        database.check()
        database.lock()
        assert a == b == list(range(1, len(a) + 1))
        assert len(a) in (last, last + 1)


COUNTER = """
import sys
from pathlib import Path
from carelink.models.vault.database import Database
database = Database(Path(sys.argv[1]), bytes(range(32)))
for _ in range(60):
    with database.write() as connection:
        n = connection.exec_driver_sql("SELECT n FROM counter").scalar_one()
        connection.exec_driver_sql("UPDATE counter SET n = ?", (n + 1,))
database.lock()
"""


def test_two_processes_never_write_over_each_other(tmp_path: Path) -> None:
    path = tmp_path / "vault.db"
    database = Database.create(path, KEY)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE counter (n INTEGER)")
        connection.exec_driver_sql("INSERT INTO counter VALUES (0)")
    processes = [run(COUNTER, path) for _ in range(2)]
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT n FROM counter").scalar_one() == 120
    database.lock()


FULL_DISK = """
import json, resource, sys
from pathlib import Path
from carelink.models.vault.errors import DiskFullError
from carelink.models.vault.migrate import open_vault
path = Path(sys.argv[1])
database = open_vault(path, bytes(range(32)))
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
done, refused = 0, 0
for limit in range(4096, 400_000, 8192):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    for _ in range(3):
        try:
            with database.write() as connection:
                connection.exec_driver_sql(
                    "INSERT INTO settings VALUES (?, ?)", (f"plein {done}", "y" * 3000))
            done += 1
        except DiskFullError:
            refused += 1
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
with database.write() as connection:
    connection.exec_driver_sql("INSERT INTO settings VALUES ('place', 'libérée')")
database.check()
database.lock()
print(json.dumps([done, refused]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE")
def test_a_full_disk_refuses_and_loses_nothing(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "vault.db"
    path.write_bytes(whole)
    process = run(FULL_DISK, path)
    output = process.communicate()[0]
    assert process.returncode == 0
    done, refused = json.loads(output)
    assert done > 20
    assert refused > 20
    rows = read_all(path)
    assert rows[: len(ROWS)] == ROWS
    assert [name for name, _ in rows[len(ROWS) :]] == [*(f"plein {n}" for n in range(done)), "place"]


FULL_DISK_AT_CREATION = """
import json, resource, sys
from pathlib import Path
from carelink.errors import KnownError
from carelink.models.vault import slots
from carelink.models.vault.home import Home
from carelink.models.vault.migrate import create_vault, open_vault
from carelink.models.vault.secrets import SecretStore
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
said = []
for number, limit in enumerate([*range(0, 1200, 60), 4096, 20_000, 60_000, 200_000, 400_000, 2_000_000]):
    home, account = Home(Path(sys.argv[1]) / str(number)), f"{number:032x}"
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        store = SecretStore.choose(home.path, account)
        with home.new_account_folder(account, "Claire", None, store.kind) as folder:
            key = slots.create(folder, "abaisser crocodile fleuve", store)
            create_vault(folder / "vault.db", key).lock()
        said.append(None)
    except KnownError as error:
        said.append(str(error))
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    whole = [card.name for card in home.accounts()]
    assert whole == ([] if said[-1] else ["Claire"]), (limit, whole, said)
    if whole:
        key = slots.unlock(home.folder(account), "abaisser crocodile fleuve", store)
        database = open_vault(home.vault(account), key)
        database.check()
        database.lock()
    elif home.path.exists():
        left = [path.name for path in (home.path / "accounts").iterdir()]
        assert left == [], (limit, left)
print(json.dumps(said))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE")
def test_an_account_made_on_a_full_disk_is_whole_or_not_there(tmp_path: Path) -> None:
    process = run(FULL_DISK_AT_CREATION, tmp_path)
    output = process.communicate()[0]
    assert process.returncode == 0
    said = json.loads(output)
    assert said[-1] is None
    assert all("plus de place" in sentence for sentence in said[:20])


def test_a_damaged_vault_is_not_half_dumped(tmp_path: Path, whole: bytes) -> None:
    data = bytearray(whole)
    for page in range(10, len(data) // 4096):
        data[page * 4096 + 5] ^= 1
    (tmp_path / "vault.db").write_bytes(bytes(data))
    database = Database(tmp_path / "vault.db", KEY)
    with pytest.raises(DamagedVaultError):
        dump(database, tmp_path / "copie.db")
    database.lock()
    assert not (tmp_path / "copie.db").exists()
    assert (tmp_path / "vault.db").read_bytes() == bytes(data)


FULL_DISK_FOR_A_DUMP = """
import resource, sys
from pathlib import Path
from carelink.models.vault.dump import dump
from carelink.models.vault.errors import DiskFullError
from carelink.models.vault.migrate import open_vault
database, out = open_vault(Path(sys.argv[1]), bytes(range(32))), Path(sys.argv[2])
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
for limit in (0, 65536, 400_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        dump(database, out)
    except DiskFullError as error:
        assert str(out) in str(error)
    else:
        raise SystemExit(limit or 1)
    assert not out.exists()
database.lock()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE")
def test_a_dump_on_a_full_disk_leaves_no_half(tmp_path: Path, whole: bytes) -> None:
    (tmp_path / "vault.db").write_bytes(whole)
    process = run(FULL_DISK_FOR_A_DUMP, tmp_path / "vault.db", tmp_path / "copie.db")
    process.communicate()
    assert process.returncode == 0
    assert read_all(tmp_path / "vault.db") == ROWS
