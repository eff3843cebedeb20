"""`carelink account passphrase`: by files, by the environment, or typed; never asked of a script."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from carelink.models.vault.home import DEMO_MARKER, Home
from tests.cli.conftest import PASSPHRASE, Command, Said

NEW = "girafe tempête brioche lundi"
CHANGE = ("account", "passphrase")


@pytest.fixture
def account(carelink: Command, monkeypatch: pytest.MonkeyPatch) -> str:
    """An account whose passphrase is in the environment."""
    monkeypatch.delenv("CARELINK_NEW_PASSPHRASE", raising=False)
    made: str = carelink("account", "create", "--name", "Claire Martin", "--json").only["account"]
    return made


@pytest.fixture
def opens(carelink: Command, tmp_path: Path) -> Command:
    """Say whether a passphrase opens the account."""
    file = tmp_path / "tried"

    def tried(passphrase: str) -> Said:
        file.write_text(passphrase, encoding="utf-8")
        return carelink("circle", "list", "--json", "--passphrase-file", str(file))

    return tried


def typed(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Answer what is asked, in this order; return what was asked."""
    left, asked = iter(answers), []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return next(left)

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", answer)
    return asked


def test_both_come_from_the_first_line_of_two_files(
    carelink: Command, account: str, opens: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARELINK_PASSPHRASE", "not this one")
    monkeypatch.setenv("CARELINK_NEW_PASSPHRASE", "nor this one")
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text(f"{PASSPHRASE}\nsecond line\n", encoding="utf-8")
    new.write_text(f"{NEW}\nsecond line\n", encoding="utf-8")
    said = carelink(*CHANGE, "--passphrase-file", str(old), "--new-passphrase-file", str(new), "--json")
    assert (said.code, said.only, said.err) == (0, {"account": account}, "")
    assert opens(NEW).code == 0
    assert opens(PASSPHRASE).code == 1


def test_both_come_from_the_environment(
    carelink: Command, account: str, opens: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARELINK_NEW_PASSPHRASE", NEW)
    said = carelink(*CHANGE)
    assert said.code == 0
    assert "La phrase de passe de Claire Martin est changée" in said.out
    assert NEW not in said.out + said.err
    assert opens(NEW).code == 0
    assert opens(PASSPHRASE).code == 1


def test_at_a_keyboard_the_current_one_is_asked_then_the_new_one_twice(
    carelink: Command, account: str, opens: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CARELINK_PASSPHRASE")
    asked = typed(monkeypatch, PASSPHRASE, NEW, NEW)
    assert carelink(*CHANGE).code == 0
    assert asked == [
        "Phrase de passe actuelle de Claire Martin\u00a0: ",
        "Nouvelle phrase de passe\u00a0: ",
        "Encore une fois\u00a0: ",
    ]
    assert opens(NEW).code == 0


def test_two_different_ones_typed_change_nothing(
    carelink: Command, account: str, opens: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, NEW, f"{NEW}s")
    said = carelink(*CHANGE)
    assert said.code == 1
    assert "diffèrent\u00a0: rien n’a été changé" in said.err
    assert opens(PASSPHRASE).code == 0


@pytest.mark.parametrize("missing", ["CARELINK_PASSPHRASE", "CARELINK_NEW_PASSPHRASE"])
def test_a_script_is_never_asked(
    carelink: Command, account: str, opens: Command, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setenv("CARELINK_NEW_PASSPHRASE", NEW)
    monkeypatch.delenv(missing)
    asked = typed(monkeypatch)
    said = carelink(*CHANGE, "--json")
    assert (said.code, said.out, asked) == (1, "", [])
    assert missing in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert opens(PASSPHRASE).code == 0


def test_the_demonstration_keeps_its_own(
    carelink: Command, account: str, opens: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARELINK_NEW_PASSPHRASE", NEW)
    (Home.default().path / DEMO_MARKER).write_bytes(b"{}")
    said = carelink(*CHANGE, "--json")
    assert (said.code, said.out) == (1, "")
    assert len(said.err.strip().splitlines()) == 1
    assert "démonstration" in said.err
    assert opens(PASSPHRASE).code == 0


def test_where_nobody_types_nothing_is_asked_either(
    carelink: Command, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = typed(monkeypatch)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    said = carelink(*CHANGE)
    assert (said.code, asked) == (1, [])
    assert "--new-passphrase-file" in said.err


@pytest.mark.parametrize(
    ("current", "new", "sentence"),
    [
        ("not the right one", NEW, "Ce n’est pas la bonne phrase de passe"),
        (PASSPHRASE, "1234567", "trop courte"),
        (PASSPHRASE, PASSPHRASE, "la même que l’actuelle"),
    ],
)
def test_a_refusal_is_one_with_one_sentence(
    carelink: Command,
    account: str,
    opens: Command,
    monkeypatch: pytest.MonkeyPatch,
    current: str,
    new: str,
    sentence: str,
) -> None:
    monkeypatch.setenv("CARELINK_PASSPHRASE", current)
    monkeypatch.setenv("CARELINK_NEW_PASSPHRASE", new)
    said = carelink(*CHANGE, "--json")
    assert (said.code, said.out) == (1, "")
    assert sentence in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert opens(PASSPHRASE).code == 0


def test_a_new_file_that_cannot_be_read_changes_nothing(
    carelink: Command, account: str, opens: Command, tmp_path: Path
) -> None:
    said = carelink(*CHANGE, "--new-passphrase-file", str(tmp_path / "absent"), "--json")
    assert said.code == 1
    assert str(tmp_path / "absent") in said.err
    assert opens(PASSPHRASE).code == 0


def test_among_several_accounts_the_one_named_is_changed(
    carelink: Command, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = carelink("account", "create", "--name", "Anne Moreau", "--json").only["account"]
    monkeypatch.setenv("CARELINK_NEW_PASSPHRASE", NEW)
    assert carelink(*CHANGE, "--json").code == 1
    assert carelink(*CHANGE, "--json", "--account", "Anne Moreau").only == {"account": other}
    assert carelink("circle", "list", "--json", "--account", account).code == 0
    assert carelink("circle", "list", "--json", "--account", other).code == 1


def test_wrong_usage_is_two_and_the_help_says_how(carelink: Command) -> None:
    assert carelink(*CHANGE, "given as an argument").code == 2
    assert carelink(*CHANGE, "--new-passphrase", NEW).code == 2
    said = carelink(*CHANGE, "--help")
    assert said.code == 0
    assert "--new-passphrase-file" in said.out
    assert "CARELINK_NEW_PASSPHRASE" in said.out
