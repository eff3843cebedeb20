"""A PIN, from choosing it to its end: what it re-opens, and what ends it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from carelink.errors import KnownError
from carelink.models.vault import pins
from carelink.models.vault.errors import SpentPinError, WeakPinError, WrongPassphraseError, WrongPinError
from carelink.models.vault.home import DEMO_MARKER, AccountCard, Home
from carelink.models.vault.pins import TRIES, KeptKey
from carelink.services.accounts import change_passphrase, create_account, open_account, reopen_account
from carelink.services.pins import Pins
from carelink.services.session import Session
from tests.sync.fixtures import quicken

PASSPHRASE = "cheval batterie agrafe correct"
OTHER = "girafe trombone brioche lundi"
PIN = "482915"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quicken(monkeypatch)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def card(home: Home) -> AccountCard:
    return home.find(create_account(home, "Claire Martin", PASSPHRASE, "nurse").account)


@pytest.fixture
def session(home: Home, card: AccountCard) -> Iterator[Session]:
    opened = open_account(home, card, PASSPHRASE)
    yield opened
    opened.close()


def lock(session: Session) -> KeptKey:
    session.close()
    assert session.kept is not None
    return session.kept


def test_without_a_pin_nothing_is_kept_when_the_account_locks(session: Session) -> None:
    assert session.kept is None


def test_the_pin_reopens_what_it_was_chosen_for(home: Home, card: AccountCard, session: Session) -> None:
    Pins(session).choose(PASSPHRASE, PIN)
    again = reopen_account(home, card, lock(session), PIN)
    assert again.name == "Claire Martin"
    again.close()


def test_it_is_there_again_after_the_next_start_and_the_passphrase(
    home: Home, card: AccountCard, session: Session
) -> None:
    Pins(session).choose(PASSPHRASE, PIN)
    session.close()
    tomorrow = open_account(home, card, PASSPHRASE)
    again = reopen_account(home, card, lock(tomorrow), PIN)
    assert again.name == "Claire Martin"
    again.close()


def test_wrong_ones_count_from_one_lock_to_the_next_until_the_passphrase(
    home: Home, card: AccountCard, session: Session
) -> None:
    Pins(session).choose(PASSPHRASE, PIN)
    open_now = session
    for wrong in range(TRIES - 1):
        kept = lock(open_now)
        with pytest.raises(WrongPinError):
            reopen_account(home, card, kept, f"93715{wrong}")
        open_now = reopen_account(home, card, kept, PIN)
    kept = lock(open_now)
    with pytest.raises(SpentPinError):
        reopen_account(home, card, kept, "937159")
    with pytest.raises(SpentPinError):
        reopen_account(home, card, kept, PIN)
    fresh = open_account(home, card, PASSPHRASE)
    assert fresh.kept is not None
    assert fresh.kept.tries_left == TRIES
    fresh.close()


def test_only_who_knows_the_passphrase_chooses_one(session: Session) -> None:
    with pytest.raises(WrongPassphraseError):
        Pins(session).choose("pas la bonne phrase", PIN)
    assert session.kept is None


def test_a_weak_one_is_refused_before_the_passphrase_is_tried(session: Session) -> None:
    with pytest.raises(WeakPinError):
        Pins(session).choose("pas la bonne phrase", "123456")
    assert session.kept is None


def test_another_one_takes_its_place(home: Home, card: AccountCard, session: Session) -> None:
    Pins(session).choose(PASSPHRASE, PIN)
    before = session.kept
    assert before is not None
    Pins(session).choose(PASSPHRASE, "739146")
    with pytest.raises(SpentPinError):
        reopen_account(home, card, before, PIN)
    kept = lock(session)
    with pytest.raises(WrongPinError):
        reopen_account(home, card, kept, PIN)
    reopen_account(home, card, kept, "739146").close()


def test_once_removed_it_opens_nothing_now_or_later(home: Home, card: AccountCard, session: Session) -> None:
    Pins(session).choose(PASSPHRASE, PIN)
    before = session.kept
    assert before is not None
    Pins(session).remove()
    assert session.kept is None
    with pytest.raises(SpentPinError):
        reopen_account(home, card, before, PIN)
    later = open_account(home, card, PASSPHRASE)
    assert later.kept is None
    later.close()


def test_a_changed_passphrase_ends_it_wherever_it_was_changed(
    home: Home, card: AccountCard, session: Session
) -> None:
    Pins(session).choose(PASSPHRASE, PIN)
    kept = lock(session)
    change_passphrase(home, card, PASSPHRASE, OTHER)
    with pytest.raises(SpentPinError):
        reopen_account(home, card, kept, PIN)
    later = open_account(home, card, OTHER)
    assert later.kept is None
    later.close()


def test_nothing_of_it_is_on_the_disk_outside_the_encrypted_vault(
    home: Home, card: AccountCard, session: Session
) -> None:
    def files() -> dict[str, bytes]:
        return {
            str(path.relative_to(home.path)): path.read_bytes()
            for path in home.path.rglob("*")
            if path.is_file() and not path.name.startswith("vault.db")
        }

    before = files()
    Pins(session).choose(PASSPHRASE, PIN)
    assert files() == before
    with session.read() as stores:
        record = pins.PinRecord.loaded(stores.setting("pin"))
    assert record is not None
    session.close()
    vault = b"".join(path.read_bytes() for path in home.folder(card.account).glob("vault.db*"))
    text = str(record.setting()["stretched"])  # type: ignore[index]
    for secret in (record.stretched, record.salt, text.encode(), PIN.encode()):
        assert secret not in vault


def test_the_demonstration_has_none(home: Home, session: Session) -> None:
    (home.path / DEMO_MARKER).write_bytes(b"{}")
    with pytest.raises(KnownError, match="démonstration"):
        Pins(session).choose(PASSPHRASE, PIN)
    assert session.kept is None
