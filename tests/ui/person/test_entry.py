"""One transmission: read whole, corrected, withdrawn; every version stays."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from carelink.services.cahier import Cahier
from carelink.ui.person import PersonPage
from carelink.ui.person.entry_dialog import EntryDialog
from carelink.ui.widgets import Label
from tests.sync.house import sync
from tests.ui.person.conftest import Around, Open, opened


def open_entry(page: PersonPage, qtbot: QtBot, row: int = 0) -> EntryDialog:
    page.cahier.list.entry_opened.emit(row)
    return opened(page, EntryDialog, qtbot)


def said(dialog: EntryDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(Label) if label.isVisible())


def test_a_correction_is_published_and_the_first_version_stays(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    entry = around.write(around.nurse, "care", "Pansement refait, 4 cm")
    page = open_file(around.nurse)
    dialog = open_entry(page, qtbot)
    assert dialog.text.isReadOnly()
    dialog.correct_button.click()
    dialog.text.setPlainText("Pansement refait, 3 cm")
    assert dialog.primary_button is not None
    dialog.primary_button.click()

    qtbot.waitUntil(lambda: page.cahier.model.entry(0).text == "Pansement refait, 3 cm")
    assert page.cahier.model.entry(0).amended
    assert [v.text for v in Cahier(around.nurse).history(entry)] == [
        "Pansement refait, 4 cm",
        "Pansement refait, 3 cm",
    ]


def test_withdrawing_asks_for_a_reason_and_masks_the_text(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    around.write(around.nurse, "life", "Note pour une autre personne")
    page = open_file(around.nurse)
    dialog = open_entry(page, qtbot)
    dialog.withdraw_button.click()
    assert dialog.primary_button is not None
    dialog.primary_button.click()
    qtbot.waitUntil(dialog.problem.isVisible)
    assert "pourquoi" in dialog.problem.text()
    assert not page.cahier.model.entry(0).withdrawn

    QTest.keyClicks(dialog.reason, "Mauvais dossier")
    dialog.primary_button.click()
    qtbot.waitUntil(lambda: page.cahier.model.entry(0).withdrawn)
    sentence = str(page.cahier.model.index(0).data())
    assert "a été retirée" in sentence
    assert "autre personne" not in sentence


def test_the_dialog_is_as_high_as_what_it_shows(
    around: Around, open_file: Open, qtbot: QtBot, qapp: QApplication
) -> None:
    around.write(around.nurse, "life", "Belote")
    page = open_file(around.nurse)
    dialog = open_entry(page, qtbot)

    def empty_below(last: QWidget) -> int:
        qapp.processEvents()
        area = next(area for area in dialog.findChildren(QScrollArea) if area.isAncestorOf(last))
        assert area.verticalScrollBar().maximum() == 0
        bottom = last.mapTo(area.viewport(), QPoint(0, last.height())).y()
        return area.viewport().height() - bottom

    assert empty_below(dialog.text) < 60
    short = dialog.height()
    dialog.withdraw_button.click()
    qtbot.waitUntil(lambda: dialog.height() > short)
    assert empty_below(dialog.reason) < 100
    dialog.reject()


def test_a_correction_that_grows_has_its_room(
    around: Around, open_file: Open, qtbot: QtBot, qapp: QApplication
) -> None:
    around.write(around.nurse, "life", "Belote")
    page = open_file(around.nurse)
    dialog = open_entry(page, qtbot)
    dialog.correct_button.click()
    before = dialog.height()
    dialog.text.setPlainText("Belote\n" * 5)
    qtbot.waitUntil(lambda: dialog.height() > before)
    area = next(area for area in dialog.findChildren(QScrollArea) if area.isAncestorOf(dialog.text))
    assert area.verticalScrollBar().maximum() == 0
    dialog.reject()


def test_only_what_the_reader_may_do_is_offered(around: Around, open_file: Open, qtbot: QtBot) -> None:
    around.write(around.nurse, "coordination", "Taxi à 9 h")
    around.write(around.nurse, "life", "Belote")
    around.exchange()
    page = open_file(around.daughter)
    coordination = next(row for row in range(2) if page.cahier.model.entry(row).compartment == "coordination")
    dialog = open_entry(page, qtbot, coordination)
    assert not dialog.correct_button.isVisible()
    assert not dialog.withdraw_button.isVisible()
    dialog.reject()


def test_two_versions_written_in_parallel_are_both_shown(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    entry = around.write(around.nurse, "care", "Douleur")
    around.exchange()
    Cahier(around.nurse).amend(entry, "Douleur au genou droit")
    Cahier(around.doctor).amend(entry, "Douleur au genou gauche")
    around.exchange()
    sync(around.doctor)
    page = open_file(around.nurse)
    assert "Deux versions écrites en parallèle" in str(page.cahier.model.index(0).data())
    dialog = open_entry(page, qtbot)
    qtbot.waitUntil(lambda: "Version 3" in said(dialog))
    assert "Douleur au genou droit" in said(dialog)
    assert "Douleur au genou gauche" in said(dialog)
    dialog.reject()


def test_a_note_that_someone_new_would_read_waits_for_its_author(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    around.house.hub.offline = True
    around.write(around.doctor, "life", "Écrite avant l’arrivée de Luc")
    around.house.hub.offline = False
    brother = around.house.account("Luc Lambert")
    around.house.let_in(around.nurse, around.circle, brother, "relative", relation="frère")
    sync(around.doctor)
    sync(around.doctor)
    page = open_file(around.doctor)
    banner = page.cahier._new_readers
    qtbot.waitUntil(banner.isVisible)
    assert "Luc" in banner.accessibleName()
    assert banner.action is not None
    banner.action.click()
    qtbot.waitUntil(lambda: Cahier(around.doctor).held() == [])
    sync(around.doctor)
    sync(brother)
    assert "Écrite avant l’arrivée de Luc" in [e.text for e in Cahier(brother).entries(around.circle)]
