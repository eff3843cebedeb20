from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from carelink.errors import KnownError
from carelink.models.vault.home import CARD_NAME, Home, HomeSettings
from carelink.models.vault.secrets import SecretKind

CLAIRE, PAUL = "c1" * 16, "ba" * 16


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def make(home: Home, account: str, name: str, profession: str | None = None) -> None:
    with home.new_account_folder(account, name, profession, SecretKind.FILE) as folder:
        (folder / "vault.db").write_bytes(b"x")


def test_an_empty_home_has_no_account(home: Home) -> None:
    assert home.accounts() == ()
    with pytest.raises(KnownError, match="pas encore de compte"):
        home.find(None)
    assert not home.path.exists()


def test_accounts_are_listed_by_name(home: Home) -> None:
    make(home, PAUL, "paul Petit")
    make(home, CLAIRE, "Claire Martin", "nurse")
    make(home, "ee" * 16, "Élise Roy")
    assert [card.name for card in home.accounts()] == ["Claire Martin", "Élise Roy", "paul Petit"]
    card = home.find("Claire Martin")
    assert (card.account, card.profession, card.secret_kind) == (CLAIRE, "nurse", SecretKind.FILE)
    assert card.created.tzinfo is not None
    assert home.vault(CLAIRE).read_bytes() == b"x"
    assert home.secrets(card).path == home.path / "keys" / f"{CLAIRE}.key"


@pytest.mark.parametrize("wanted", ["Élise Roy", "elise roy", "ÉLISE  ROY", "ee" * 16, "EE" * 16])
def test_an_account_is_found_however_it_is_typed(home: Home, wanted: str) -> None:
    make(home, "ee" * 16, "Élise Roy")
    make(home, PAUL, "Paul Petit")
    assert home.find(wanted).name == "Élise Roy"


def test_what_a_crash_left_half_written_is_gone_at_a_later_opening(home: Home) -> None:
    make(home, PAUL, "Paul Petit")
    folder = home.folder(PAUL)
    left = [folder / name for name in (".header.json.4711.new", ".attempts.json.1.new")]
    left.append(home.path / ".settings.json.2.new")
    young = folder / ".header.json.4712.new"
    for path in (*left, young):
        path.write_bytes(b"half")
    for path in left:
        os.utime(path, (time.time() - 120, time.time() - 120))
    before = {path.name for path in folder.iterdir() if not path.name.endswith(".new")}
    home.tidy(PAUL)
    assert [path for path in left if path.exists()] == []
    # Another window may be writing that one now.
    assert young.exists()
    assert {path.name for path in folder.iterdir()} == before | {young.name}


def test_the_only_account_needs_no_name(home: Home) -> None:
    make(home, PAUL, "Paul Petit")
    assert home.find(None).account == PAUL
    make(home, CLAIRE, "Claire Martin")
    with pytest.raises(KnownError, match=r"Plusieurs comptes.*Claire Martin.*Paul Petit"):
        home.find(None)


def test_an_unknown_or_doubtful_name_is_said(home: Home) -> None:
    make(home, PAUL, "Paul Petit")
    make(home, CLAIRE, "Paul Petit")
    with pytest.raises(KnownError, match=f"{PAUL}.*{CLAIRE}"):
        home.find("Paul Petit")
    with pytest.raises(KnownError, match=r"Jean.*Paul Petit"):
        home.find("Jean")


def test_only_their_owner_enters(home: Home) -> None:
    make(home, PAUL, "Paul Petit")
    for path in (home.path, home.path / "accounts", home.folder(PAUL)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE((home.folder(PAUL) / CARD_NAME).stat().st_mode) == 0o600


def test_a_creation_that_fails_leaves_nothing(home: Home) -> None:
    def fail() -> None:
        with home.new_account_folder(PAUL, "Paul", None, SecretKind.FILE) as folder:
            (folder / "vault.db").write_bytes(b"x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert home.accounts() == ()
    assert list((home.path / "accounts").iterdir()) == []


def test_an_account_half_made_by_a_killed_process_is_not_there_and_is_cleared_later(home: Home) -> None:
    killed = home.new_account_folder(PAUL, "Paul", None, SecretKind.FILE)
    folder = killed.__enter__()
    (folder / "vault.db").write_bytes(b"x")
    assert home.accounts() == ()
    make(home, CLAIRE, "Claire Martin")
    assert folder.exists(), "it may still be at work"
    os.utime(folder, (time.time() - 7200,) * 2)
    make(home, PAUL, "Paul Petit")
    assert not folder.exists()
    assert [card.account for card in home.accounts()] == [CLAIRE, PAUL]


def test_an_account_is_never_made_over_another(home: Home) -> None:
    make(home, PAUL, "Paul Petit")
    with pytest.raises(KnownError, match="déjà"):
        make(home, PAUL, "Autre")
    assert home.find(None).name == "Paul Petit"


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"account":"other"}',
        f'{{"account":"{PAUL}","name":"Paul","profession":3,"created":"2026-01-01"}}'.encode(),
        f'{{"account":"{PAUL}","name":"Paul","created":"hier","secret_kind":"file"}}'.encode(),
        None,
    ],
)
def test_an_account_whose_card_is_damaged_is_still_there(home: Home, damage: bytes | None) -> None:
    make(home, PAUL, "Paul Petit")
    card = home.find(None)
    path = home.folder(PAUL) / CARD_NAME
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    assert home.find(PAUL).account == PAUL
    home.save_card(card._replace(name="Paul Grand"))
    assert home.find("Paul Grand").created == card.created


def test_what_is_remembered_of_a_pc(home: Home) -> None:
    assert home.settings() == HomeSettings(last_account=None, theme="system", text_scale=100)
    chosen = HomeSettings(last_account=PAUL, theme="contrast", text_scale=150)
    home.save_settings(chosen)
    assert Home(home.path).settings() == chosen


def test_settings_that_a_newer_carelink_wrote_are_understood(home: Home) -> None:
    home.save_settings(HomeSettings())
    (home.path / "settings.json").write_bytes(b'{"theme":"dark","moon":"full"}')
    assert home.settings() == HomeSettings(theme="dark")


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b'{"theme":"pink"}',
        b'{"theme":["light"]}',
        b'{"text_scale":"x"}',
        b'{"auto_lock_minutes":true}',
        b'{"last_account":3}',
    ],
)
def test_damaged_settings_are_as_at_first(home: Home, damage: bytes) -> None:
    home.save_settings(HomeSettings())
    (home.path / "settings.json").write_bytes(damage)
    assert home.settings() == HomeSettings()


def test_the_text_is_never_too_small_or_too_big(home: Home) -> None:
    for asked, shown in ((10, 100), (500, 200), (125, 125)):
        home.save_settings(HomeSettings(text_scale=asked))
        assert home.settings().text_scale == shown


def test_the_place_may_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELINK_HOME", str(tmp_path / "ailleurs"))
    assert Home.default().path == tmp_path / "ailleurs"
    monkeypatch.delenv("CARELINK_HOME")
    assert Home.default().path.is_absolute()
