from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from carelink.models.vault import slots
from carelink.models.vault.errors import SecretUnavailableError
from carelink.models.vault.secrets import SecretKind, SecretStore

ACCOUNT = "cd" * 16
WORDS = "abaisser crocodile fleuve poésie"


class MemoryKeyring(KeyringBackend):
    """A keyring that may be locked, short of room or forgetful."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False
        self.room = 1280

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringLocked
        self.kept[service, username] = password[: self.room]

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class PlainTextKeyring(MemoryKeyring):
    """One that writes secrets in a file that anyone reads."""

    priority = 0.5  # type: ignore[assignment]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    monkeypatch.delenv("CARELINK_SECRETS")
    before = keyring.get_keyring()
    ring = MemoryKeyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def test_a_working_keyring_keeps_the_secret(ring: MemoryKeyring, tmp_path: Path) -> None:
    store = SecretStore.choose(tmp_path, ACCOUNT)
    assert store.kind is SecretKind.KEYRING
    assert ring.kept == {}, "the probe is taken back"
    secret = store.obtain()
    assert len(secret) == 32
    assert store.secret() == secret
    assert list(ring.kept) == [("carelink", ACCOUNT)]
    assert list(tmp_path.iterdir()) == []
    store.forget()
    assert ring.kept == {}


def test_without_a_keyring_a_file_that_only_its_owner_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CARELINK_SECRETS")
    store = SecretStore.choose(tmp_path / "home", ACCOUNT)
    assert store.kind is SecretKind.FILE
    secret = store.obtain()
    assert store.secret() == store.obtain() == secret
    assert store.path == tmp_path / "home" / "keys" / f"{ACCOUNT}.key"
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    store.forget()
    assert not store.path.exists()


@pytest.mark.parametrize("fault", ["locked", "short", "plain text"])
def test_a_keyring_that_does_not_keep_it_well_is_not_chosen(
    ring: MemoryKeyring, tmp_path: Path, fault: str
) -> None:
    if fault == "locked":
        ring.locked = True
    elif fault == "short":
        ring.room = 60
    else:
        keyring.set_keyring(PlainTextKeyring())
    assert SecretStore.choose(tmp_path, ACCOUNT).kind is SecretKind.FILE


def test_a_file_can_be_asked_for(
    ring: MemoryKeyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARELINK_SECRETS", "file")
    assert SecretStore.choose(tmp_path, ACCOUNT).kind is SecretKind.FILE


def test_a_second_home_of_the_same_account_keeps_the_first_ones_secret(
    ring: MemoryKeyring, tmp_path: Path
) -> None:
    first = SecretStore.choose(tmp_path / "a", ACCOUNT)
    second = SecretStore.choose(tmp_path / "b", ACCOUNT)
    assert first.obtain() == second.obtain() == first.secret()


@pytest.mark.parametrize("fault", ["locked", "emptied", "gone", "another"])
def test_a_keyring_once_chosen_is_never_replaced_by_less(
    ring: MemoryKeyring, tmp_path: Path, quick_argon: None, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SecretStore.choose(tmp_path, ACCOUNT)
    key = slots.create(tmp_path, WORDS, store)
    kept = dict(ring.kept)
    if fault == "locked":
        ring.locked = True
    elif fault == "emptied":
        ring.kept.clear()
    elif fault == "gone":
        keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]
    else:
        ring.kept["carelink", ACCOUNT] = "11" * 32
    monkeypatch.setenv("CARELINK_SECRETS", "file")

    for asked in (store, store.as_kind(SecretKind.FILE)):
        with pytest.raises(SecretUnavailableError, match="trousseau"):
            slots.unlock(tmp_path, WORDS, asked)

    assert [path.name for path in tmp_path.iterdir()] == [slots.HEADER_NAME]
    ring.locked, ring.kept = False, kept
    keyring.set_keyring(ring)
    assert slots.unlock(tmp_path, WORDS, store) == key


def test_a_damaged_secret_file_is_said(tmp_path: Path) -> None:
    store = SecretStore.choose(tmp_path, ACCOUNT)
    store.obtain()
    whole = store.path.read_bytes()
    for data in (b"", whole[:-2], b"zz" * 32, b"\xff" * 64):
        store.path.write_bytes(data)
        with pytest.raises(SecretUnavailableError, match="abîmé"):
            store.secret()
        with pytest.raises(SecretUnavailableError, match="abîmé"):
            store.obtain()
        assert store.path.read_bytes() == data


def test_the_unlock_screen_does_not_wait_for_the_keyring_to_load() -> None:
    script = (
        "import sys; import carelink.models.vault.slots, carelink.models.vault.home;"
        "sys.exit(bool({'keyring', 'sqlalchemy', 'alembic', 'mnemonic', 'platformdirs'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
