"""What a vault knows of its recovery sheet: checked again, remembered, completed by hand, saved."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from carelink.crypto.recovery import plain
from carelink.errors import KnownError
from carelink.models.schema import metadata
from carelink.services.recovery import QUIET_MS, Recovery, save_page
from carelink.services.session import Session
from carelink.services.sheets import Sheet, page_text
from tests.sync.house import URL, House

ASKED = (3, 11, 20)


@pytest.fixture
def claire(house: House) -> Session:
    return house.account("Claire", "nurse")


def answers(sheet: Sheet, *numbers: int) -> dict[int, str]:
    return {number: sheet.words[number - 1] for number in numbers}


def test_the_three_words_of_its_making_tell_the_right_page_later(claire: Session) -> None:
    recovery = Recovery(claire)
    sheet = recovery.new_sheet()
    recovery.confirm(sheet, ASKED)
    assert recovery.state().asked == ASKED
    right = answers(sheet, *ASKED)
    assert recovery.is_at_hand({number: f" {word.upper()} " for number, word in right.items()})
    assert not recovery.is_at_hand({**right, 11: sheet.words[0]})
    assert not recovery.is_at_hand({3: right[3]})


def test_the_page_before_is_no_longer_the_right_one(claire: Session) -> None:
    recovery = Recovery(claire)
    first, second = recovery.new_sheet(), None
    recovery.confirm(first, ASKED)
    second = recovery.new_sheet()
    recovery.confirm(second)
    assert recovery.state().asked == ()
    assert not recovery.is_at_hand(answers(first, *ASKED))
    assert not recovery.is_at_hand(answers(first, *range(1, 25)))
    assert recovery.is_at_hand(answers(second, *range(1, 25)))


def test_without_a_sheet_or_with_words_of_none_nothing_is_at_hand(claire: Session) -> None:
    recovery = Recovery(claire)
    assert not recovery.is_at_hand(dict.fromkeys(range(1, 25), "abaisser"))
    recovery.confirm(recovery.new_sheet())
    assert not recovery.is_at_hand(dict.fromkeys(range(1, 25), "abaisser"))


def test_the_vault_keeps_no_word(claire: Session) -> None:
    recovery = Recovery(claire)
    sheet = recovery.new_sheet()
    recovery.confirm(sheet, ASKED)
    with claire.read() as stores:
        rows = [
            repr(tuple(row))
            for table in metadata.sorted_tables
            for row in stores.connection.execute(select(table))
        ]
    kept = plain("\n".join(rows))
    assert "sheet-check" in kept
    # A short word may be part of anything.
    assert [word for word in sheet.words if len(word) > 5 and plain(word) in kept] == []


def test_the_reminder_comes_with_a_circle_rests_for_a_week_and_ends_with_the_sheet(
    house: House, claire: Session
) -> None:
    recovery = Recovery(claire)
    assert recovery.reminder() is None
    house.circle(claire)
    reminder = recovery.reminder()
    assert reminder is not None
    assert reminder.made is None
    recovery.remind_later()
    assert recovery.reminder() is None
    house.clock.now += QUIET_MS
    assert recovery.reminder() is not None
    recovery.confirm(recovery.new_sheet())
    assert recovery.reminder() is None


def test_a_sheet_made_before_any_relay_waits_for_its_address(house: House, claire: Session) -> None:
    recovery = Recovery(claire)
    assert "écrivez ici l’adresse" in page_text(recovery.new_sheet())
    house.circle(claire)
    sheet = replace(recovery.new_sheet(), relays=())
    recovery.confirm(sheet)
    assert recovery.state().to_write.startswith(URL)
    reminder = recovery.reminder()
    assert reminder is not None
    assert reminder.made == sheet.made
    recovery.written()
    assert recovery.state().to_write == ""
    assert recovery.reminder() is None


def test_the_page_names_the_screens_and_the_commands(claire: Session) -> None:
    said = " ".join(page_text(Recovery(claire).new_sheet()).replace("\u00a0", " ").split())
    for words in (
        "Restaurer depuis la feuille de secours",
        "carelink account recover",
        "Réglages, « Feuille de secours »",
        "carelink account sheet",
    ):
        assert words in said


def test_a_saved_page_is_its_owner_s_alone_whatever_was_there(tmp_path: Path) -> None:
    page = tmp_path / "feuille.pdf"
    page.write_bytes(b"x" * 100)
    page.chmod(0o644)
    save_page(page, b"%PDF")
    assert page.read_bytes() == b"%PDF"
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    with pytest.raises(KnownError, match="choisissez un autre endroit"):
        save_page(tmp_path / "nowhere" / "feuille.pdf", b"%PDF")
