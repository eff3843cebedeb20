"""Writing: who will read is always named, nothing half written is lost, nothing freezes."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from carelink.services.cahier import Audience, Cahier, ReaderName
from carelink.services.drafts import Draft, Drafts
from carelink.services.session import Session
from carelink.ui.person import PersonPage
from carelink.ui.person.composer import Composer
from carelink.ui.person.reader_line import ReaderLine, ReadersDialog
from carelink.ui.widgets import ToggleChip
from carelink.ui.workspace import Workspace
from tests.sync.house import House
from tests.ui.conftest import Show
from tests.ui.person.conftest import Around, Open, opened


def choose(composer: Composer, volet: str) -> None:
    assert composer.volets is not None
    composer.volets.set_current(volet)


def shown_first(page: PersonPage) -> str:
    model = page.cahier.model
    return model.entry(0).text if model.rowCount() else ""


def test_the_readers_are_named_and_change_with_the_volet(around: Around, open_file: Open) -> None:
    composer = open_file(around.nurse).cahier.composer
    assert composer.compartment() == "care"
    head, names, outside = composer.readers.words()
    assert (head, names, outside) == ("Sera lu par 1 personne\u00a0:", "Dr Paul Petit", "Pas Anne")
    assert "Dr Paul Petit" in composer.readers.accessibleName()

    choose(composer, "life")
    head, names, outside = composer.readers.words()
    assert head == "Sera lu par 2 personnes\u00a0:"
    assert names == "Dr Paul Petit, Anne Maurel"
    assert outside == ""


def test_the_names_without_room_are_counted_anew_at_each_width(show: Show) -> None:
    names = ["Dr Paul Petit", "Sofia Benali", "Lina Caron", "Élodie Granger", "Julie Costes", "Thomas Vidal"]
    readers = tuple(ReaderName(name, name, "nurse", "", professional=True) for name in names)
    line = ReaderLine()
    line.set_audience(Audience("care", readers, ()))
    show(line)
    counted = []
    for width in (1200, 560, 420, 300):
        line.resize(width, line.heightForWidth(width))
        shown, _, others = line.words()[1].partition(" et ")
        named = shown.split(", ")
        assert named == names[: len(named)]
        left = len(names) - len(named)
        assert others == {0: "", 1: "1\u00a0autre"}.get(left, f"{left}\u00a0autres")
        counted.append(left)
    assert counted[0] == 0
    assert counted == sorted(counted)
    assert counted[-1] > counted[-2] > 0
    assert all(name in line.accessibleName() for name in names)


def test_the_whole_list_of_readers_opens_from_the_line(around: Around, open_file: Open, qtbot: QtBot) -> None:
    page = open_file(around.nurse)
    QTest.mouseClick(page.cahier.composer.readers, Qt.MouseButton.LeftButton)
    dialog = opened(page, ReadersDialog, qtbot)
    names = {label.text() for label in dialog.findChildren(type(page.identity.name))}
    assert {"Dr Paul Petit", "Anne Maurel", "Liront", "Ne liront pas"} <= names
    dialog.reject()


def test_alone_in_a_circle_the_line_says_that_nobody_else_reads(
    house: House, workspaces: Callable[[Session], Workspace], show: Show
) -> None:
    nurse = house.account("Claire Martin", "nurse")
    page = PersonPage(workspaces(nurse))
    page.show_circle(house.circle(nurse))
    show(page)
    assert page.cahier.composer.readers.words()[0] == "Personne d’autre pour l’instant"


def test_a_relative_is_offered_only_the_volets_they_write_in(around: Around, open_file: Open) -> None:
    composer = open_file(around.daughter).cahier.composer
    assert composer.volets is not None
    assert [chip.choice.code for chip in composer.volets.findChildren(ToggleChip)] == ["life"]


def test_a_volunteer_who_only_reads_has_nowhere_to_write(around: Around, open_file: Open) -> None:
    volunteer = around.house.account("Odile Sarrazin")
    around.house.let_in(around.nurse, around.circle, volunteer, "volunteer")
    around.exchange()
    page = open_file(volunteer)
    assert not page.cahier.composer.isVisible()
    assert page.cahier.list.isVisible() or page.cahier.empty.isVisible()


def test_what_is_published_stands_first_at_once_and_goes_off(
    around: Around, open_file: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    around.write(around.nurse, "life", "Avant")
    page = open_file(around.nurse)
    poked: list[bool] = []
    monkeypatch.setattr(page._workspace, "poke", lambda: poked.append(True))
    composer = page.cahier.composer
    choose(composer, "life")
    composer.urgent.setChecked(True)
    QTest.keyClicks(composer.edit, "Elle vous attend demain.")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    qtbot.waitUntil(lambda: shown_first(page) == "Elle vous attend demain.")
    entry = page.cahier.model.entry(0)
    assert (entry.compartment, entry.urgent, entry.author.mine) == ("life", True, True)
    assert composer.edit.toPlainText() == ""
    assert not composer.urgent.isChecked()
    assert poked
    assert Drafts(around.nurse).get(around.circle) is None


def test_a_half_typed_note_is_kept_and_comes_back(around: Around, open_file: Open, qtbot: QtBot) -> None:
    composer = open_file(around.nurse).cahier.composer
    choose(composer, "coordination")
    composer.kind.setCurrentIndex(1)
    QTest.keyClicks(composer.edit, "Rappeler le transport")
    qtbot.waitUntil(lambda: composer.kept.text() == "Brouillon gardé", timeout=3000)

    again = open_file(around.nurse).cahier.composer
    assert again.edit.toPlainText() == "Rappeler le transport"
    assert again.compartment() == "coordination"
    assert again.kind.currentData() == "instruction"
    assert again.kept.text() == "Brouillon gardé"


def test_a_lock_in_mid_sentence_loses_nothing(
    around: Around, open_file: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_file(around.nurse)
    QTest.keyClicks(page.cahier.composer.edit, "Douleur")
    monkeypatch.setattr(type(around.nurse), "close", lambda self: None)  # to look into the vault after
    page._workspace.close()
    page._workspace.wait_closed(10)
    assert Drafts(around.nurse).get(around.circle) == Draft("care", "Douleur")
    monkeypatch.undo()


def test_another_person_s_file_keeps_each_draft_apart(around: Around, open_file: Open, qtbot: QtBot) -> None:
    other = around.house.circle(around.nurse)
    page = open_file(around.nurse)
    QTest.keyClicks(page.cahier.composer.edit, "Pour Jeanne")
    page.show_circle(other)
    assert page.cahier.composer.edit.toPlainText() == ""
    qtbot.waitUntil(lambda: Drafts(around.nurse).get(around.circle) is not None)
    page.show_circle(around.circle)
    assert page.cahier.composer.edit.toPlainText() == "Pour Jeanne"


def test_two_megabytes_are_refused_at_once_and_what_was_written_stays(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    composer = open_file(around.nurse).cahier.composer
    QTest.keyClicks(composer.edit, "Bonjour")
    pasted = QMimeData()
    pasted.setText("x" * 2_000_000)
    start = time.perf_counter()
    composer.edit.insertFromMimeData(pasted)
    assert time.perf_counter() - start < 0.2
    assert composer.edit.toPlainText() == "Bonjour"
    assert composer.error.isVisible()
    assert "trop long" in composer.error.text()
    assert "rien n’a été collé" in composer.error.text()


def test_an_empty_note_is_refused_in_place(around: Around, open_file: Open, qtbot: QtBot) -> None:
    page = open_file(around.nurse)
    QTest.mouseClick(page.cahier.composer.publish_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.cahier.composer.error.isVisible)
    assert "vide" in page.cahier.composer.error.text()
    assert Cahier(around.nurse).entries(around.circle) == []


def test_pasted_text_is_plain(around: Around, open_file: Open) -> None:
    composer = open_file(around.nurse).cahier.composer
    pasted = QMimeData()
    pasted.setHtml("<b>gras</b>")
    pasted.setText("gras")
    composer.edit.insertFromMimeData(pasted)
    assert composer.edit.toPlainText() == "gras"
