"""My account on this PC: what opens it can change, and what it holds stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from carelink.errors import KnownError
from carelink.models.vault import slots
from carelink.models.vault.errors import WeakPassphraseError
from carelink.models.vault.home import DEMO_MARKER, AccountCard, Home
from carelink.services.accounts import change_passphrase, create_account, open_account
from carelink.services.circles import Circles, checked_patient
from carelink.services.session import Session
from tests.sync.fixtures import quick_stretch
from tests.sync.house import URL

OLD = "cheval batterie agrafe correct"
NEW = "girafe tempête brioche lundi"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("CARELINK_SECRETS", "file")
    monkeypatch.setattr(slots, "stretch", quick_stretch)
    return Home(tmp_path / "home")


@pytest.fixture
def card(home: Home) -> AccountCard:
    return home.find(create_account(home, "Claire Martin", OLD, "nurse").account)


def names(session: Session) -> list[str]:
    return [summary.name for summary in Circles(session).summaries()]


def opens(home: Home, card: AccountCard, passphrase: str) -> bool:
    try:
        open_account(home, card, passphrase).close()
    except KnownError:
        return False
    return True


def test_the_new_passphrase_opens_what_the_old_one_opened_and_the_old_one_nothing(
    home: Home, card: AccountCard
) -> None:
    session = open_account(home, card, OLD)
    Circles(session).create(checked_patient("Jeanne", "Moreau", "1938-04-12"), URL)
    written = names(session)
    session.close()
    change_passphrase(home, card, OLD, NEW)
    again = open_account(home, card, NEW)
    assert names(again) == written
    assert len(written) == 1
    assert again.name == "Claire Martin"
    again.close()
    assert not opens(home, card, OLD)


def test_who_has_the_account_open_meanwhile_goes_on(home: Home, card: AccountCard) -> None:
    session = open_account(home, card, OLD)
    change_passphrase(home, card, OLD, NEW)
    Circles(session).create(checked_patient("Jeanne", "Moreau", "1938-04-12"), URL)
    other = open_account(home, card, NEW)
    assert names(other) == names(session)
    assert len(names(other)) == 1
    other.close()
    session.close()


@pytest.mark.parametrize(
    ("current", "new", "sentence"),
    [
        ("pas la bonne phrase", NEW, "Ce n’est pas la bonne phrase de passe"),
        (OLD, "1234567", "trop courte"),
        (OLD, "", "trop courte"),
        (OLD, OLD, "la même que l’actuelle"),
    ],
)
def test_a_refused_change_says_why_and_changes_nothing(
    home: Home, card: AccountCard, current: str, new: str, sentence: str
) -> None:
    with pytest.raises(KnownError, match=sentence):
        change_passphrase(home, card, current, new)
    assert opens(home, card, OLD)
    assert new == OLD or not opens(home, card, new)


def test_opening_an_account_tidies_up_after_a_crash(home: Home, card: AccountCard) -> None:
    left = home.folder(card.account) / ".header.json.4711.new"
    left.write_bytes(b"half a hea")
    os.utime(left, (0, 0))
    assert opens(home, card, OLD)
    assert not left.exists()


def test_the_demonstrations_accounts_keep_their_passphrase(home: Home, card: AccountCard) -> None:
    (home.path / DEMO_MARKER).write_bytes(b"{}")
    with pytest.raises(KnownError, match="démonstration"):
        change_passphrase(home, card, OLD, NEW)
    assert opens(home, card, OLD)


def test_my_own_name_is_no_passphrase(home: Home, card: AccountCard) -> None:
    for attempt in (
        lambda: change_passphrase(home, card, OLD, "Claire Martin 1962"),
        lambda: create_account(home, "Anne Moreau", "annemoreau"),
    ):
        with pytest.raises(WeakPassphraseError, match="votre nom"):
            attempt()
    assert opens(home, card, OLD)
    assert home.accounts() == (card,)


def test_a_crash_before_the_new_header_is_in_place_leaves_the_old_passphrase(
    home: Home, card: AccountCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    class CrashError(BaseException):
        pass

    def crash(*_: object) -> None:
        raise CrashError

    for owner, step in ((os, "fsync"), (Path, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, step, crash)
            # As a process that ends does: nothing is tidied up.
            patch.setattr(Path, "unlink", lambda *_, **__: None)
            with pytest.raises(CrashError):
                change_passphrase(home, card, OLD, NEW)
        assert (opens(home, card, OLD), opens(home, card, NEW)) == (True, False)
        for left in home.folder(card.account).glob(".header*"):
            left.unlink()
    change_passphrase(home, card, OLD, NEW)
    assert (opens(home, card, OLD), opens(home, card, NEW)) == (False, True)


def test_what_a_crash_left_does_not_stand_in_the_way(home: Home, card: AccountCard) -> None:
    folder = home.folder(card.account)
    header = folder / slots.HEADER_NAME
    left = header.with_name(f".{header.name}.{os.getpid()}.new")
    left.write_bytes(b"half a hea")
    change_passphrase(home, card, OLD, NEW)
    assert opens(home, card, NEW)
    assert not left.exists()
