"""A home helper signals to the carers by name; the carers see it as such and take it in charge."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from carelink.services.cahier import Cahier
from carelink.services.session import Session
from carelink.ui.person.entry_dialog import EntryDialog
from carelink.ui.widgets import ToggleChip
from tests.sync.house import sync
from tests.ui.person.conftest import Around, Open, opened


@pytest.fixture
def helper(around: Around) -> Session:
    ines = around.house.account("Inès Roux")
    around.house.let_in(around.nurse, around.circle, ines, "home_helper")
    around.exchange()
    return ines


def test_a_home_helper_signals_to_carers_who_are_named(
    around: Around, helper: Session, open_file: Open, qtbot: QtBot
) -> None:
    page = open_file(helper)
    composer = page.cahier.composer
    assert composer.volets is not None
    assert composer.compartment() == "life"
    chips = composer.volets.findChildren(ToggleChip)
    assert [chip.choice.label for chip in chips][-1] == "Signaler aux soignants"
    composer.volets.set_current("care_inbox")
    _, names, outside = composer.readers.words()
    assert "Claire" in names
    assert "Dr Paul Petit" in names
    assert outside == "Pas Anne"
    assert not composer.kind.isVisible()
    QTest.keyClicks(composer.edit, "Un bleu au bras")
    composer.publish()
    qtbot.waitUntil(lambda: page.cahier.model.rowCount() == 1)
    assert "Un bleu au bras" in str(page.cahier.model.index(0).data())
    sync(helper)
    page.cahier.model.refresh()
    qtbot.waitUntil(lambda: "Signalement envoyé" in str(page.cahier.model.index(0).data()))
    assert "Un bleu" not in str(page.cahier.model.index(0).data())


def test_a_carer_sees_a_signal_and_takes_it_in_charge_by_one_act(
    around: Around, helper: Session, open_file: Open, qtbot: QtBot
) -> None:
    Cahier(helper).write(around.circle, "care_inbox", "Un bleu au bras", urgent=True)
    sync(helper)
    around.exchange()
    page = open_file(around.nurse)
    said = str(page.cahier.model.index(0).data())
    assert "Signalement aux soignants. Urgent. Non lue. À prendre en charge" in said
    page.cahier.list.entry_opened.emit(0)
    dialog = opened(page, EntryDialog, qtbot)
    assert not dialog.correct_button.isVisible()
    assert not dialog.withdraw_button.isVisible()
    assert dialog.primary_button is not None
    dialog.primary_button.click()
    qtbot.waitUntil(lambda: page.cahier.model.rowCount() == 2)
    assert page.cahier.model.entry(0).compartment == "care"
    assert "Un bleu au bras" in page.cahier.model.entry(0).text
    assert "Pris en charge par Claire" in str(page.cahier.model.index(1).data())


def test_a_relative_s_window_offers_and_holds_nothing_of_signals(
    around: Around, helper: Session, open_file: Open
) -> None:
    Cahier(helper).write(around.circle, "care_inbox", "Un bleu au bras")
    sync(helper)
    around.exchange()
    page = open_file(around.daughter)
    assert page.cahier.model.rowCount() == 0
    assert page.cahier.filters.chips is not None
    offered = [chip.choice.code for chip in page.cahier.filters.chips.findChildren(ToggleChip)]
    assert "care_inbox" not in offered
