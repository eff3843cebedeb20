"""The time line: newest first, by day, page by page, without ever losing the reader's place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from carelink.services.cahier import Cahier
from carelink.services.time_line import PAGE
from carelink.ui.person import PersonPage, row_delegate
from carelink.ui.person.entry_dialog import EntryDialog
from carelink.ui.person.row_layout import lay_out
from carelink.ui.person.time_line_view import ROW_MARGIN
from carelink.ui.theme.focus_ring import FocusRing
from tests.sync.house import sync
from tests.ui.person.conftest import DAY, Around, Open, opened

CANARY = "CANARI-escarre-stade-3"


def texts(page: PersonPage) -> list[str]:
    model = page.cahier.model
    return [model.entry(row).text for row in range(model.rowCount())]


def headings(page: PersonPage) -> list[str]:
    view, model = page.cahier.list, page.cahier.model
    delegate = view.itemDelegate()
    assert isinstance(delegate, row_delegate.RowDelegate)
    shown = [delegate.layout(row, 900).heading_text for row in range(model.rowCount())]
    return [words for words in shown if words]


def words_in(widget: QWidget) -> str:
    """Return everything that a window says: shown, hidden, in tooltips and to assistive technologies."""
    found = []
    for part in [widget, *widget.findChildren(QWidget)]:
        found += [part.accessibleName(), part.accessibleDescription(), part.toolTip()]
        for read in ("text", "toPlainText", "currentText", "placeholderText"):
            found.append(str(getattr(part, read)()) if hasattr(part, read) else "")
    return "\n".join(found)


def test_the_newest_note_is_first_and_each_day_has_its_heading(around: Around, open_file: Open) -> None:
    around.write(around.nurse, "life", "Avant-hier")
    around.house.clock.now += DAY
    around.write(around.nurse, "life", "Hier")
    around.house.clock.now += DAY
    around.write(around.nurse, "life", "Ce jour")

    page = open_file(around.nurse)

    assert texts(page) == ["Ce jour", "Hier", "Avant-hier"]
    assert [words.partition(",")[0] for words in headings(page)[:2]] == ["Aujourd’hui", "Hier"]


def test_older_notes_come_page_by_page_as_the_reader_goes_down(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    for number in range(2 * PAGE + 5):
        around.write(around.nurse, "life", f"Note {number}")
    page = open_file(around.nurse)
    view, model = page.cahier.list, page.cahier.model
    assert model.rowCount() == PAGE

    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_End)
    assert model.rowCount() == 2 * PAGE
    for _ in range(2):
        QTest.keyClick(view, Qt.Key.Key_End)
    assert texts(page)[-1] == "Note 0"
    assert not model.canFetchMore(QModelIndex())


def test_only_rows_that_come_into_sight_are_measured(
    around: Around, open_file: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5 * PAGE):
        around.write(around.nurse, "life", f"Note {number}")
    page = open_file(around.nurse)
    for _ in range(4):
        page.cahier.model.fetchMore(QModelIndex())
    assert page.cahier.model.rowCount() == 5 * PAGE
    measured = []

    def counting(*args: object, **kwargs: object) -> object:
        measured.append(args)
        return lay_out(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(row_delegate, "lay_out", counting)
    page.resize(1200, 800)
    QApplication.processEvents()

    assert 0 < len(measured) < 2 * PAGE


def test_a_note_that_arrives_leaves_the_reader_where_they_are(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    for number in range(40):
        around.write(around.nurse, "life", f"Note {number}")
    sync(around.nurse)
    page = open_file(around.nurse)
    view, model = page.cahier.list, page.cahier.model
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    view.setCurrentIndex(model.index(20))
    view.verticalScrollBar().setValue(900)
    here = view.indexAt(QPoint(50, 5))
    read, top = model.entry(here.row()).text, view.visualRect(here).top()
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))

    sync(around.nurse)
    sync(around.doctor)
    around.write(around.doctor, "care", "Arrivée pendant la lecture")
    sync(around.doctor)
    sync(around.nurse)
    with qtbot.waitSignal(model.refreshed):
        page._workspace.circles_changed.emit({around.circle})

    assert texts(page)[0] == "Arrivée pendant la lecture"
    assert model.entry(view.currentIndex().row()).text == "Note 19"
    now = view.indexAt(QPoint(50, 5))
    assert model.entry(now.row()).text == read
    assert view.visualRect(now).top() == top
    assert resets == []


def test_a_correction_changes_its_row_and_no_other(around: Around, open_file: Open, qtbot: QtBot) -> None:
    entry = around.write(around.nurse, "life", "Promenade de 15 h")
    around.write(around.nurse, "life", "Goûter")
    page = open_file(around.nurse)
    changed: list[int] = []
    page.cahier.model.dataChanged.connect(lambda top, _bottom: changed.append(top.row()))

    Cahier(around.nurse).amend(entry, "Promenade de 16 h")
    with qtbot.waitSignal(page.cahier.model.refreshed):
        page._workspace.circles_changed.emit({around.circle})

    assert texts(page) == ["Goûter", "Promenade de 16 h"]
    assert set(changed) == {1}
    assert "Corrigée" in str(page.cahier.model.index(1).data())


def test_each_row_is_a_whole_sentence_for_those_who_listen(around: Around, open_file: Open) -> None:
    around.write(around.doctor, "care", "Chute cette nuit, sans gravité.", urgent=True)
    around.exchange()
    page = open_file(around.nurse)

    interface = QAccessible.queryAccessibleInterface(page.cahier.list)
    assert interface.childCount() == 1
    sentence = interface.child(0).text(QAccessible.Text.Name)
    assert interface.child(0).role() == QAccessible.Role.ListItem
    for part in ("Dr Paul Petit", "médecin traitant", "Dossier médical", "Urgent", "Non lue", "Chute cette"):
        assert part in sentence


def test_a_long_text_is_folded_and_opens_whole(around: Around, open_file: Open, qtbot: QtBot) -> None:
    text = "Une phrase qui se répète. " * 400
    around.write(around.nurse, "life", text)
    page = open_file(around.nurse)
    view = page.cahier.list
    delegate = view.itemDelegate()
    assert isinstance(delegate, row_delegate.RowDelegate)
    layout = delegate.layout(0, view.visualRect(page.cahier.model.index(0)).width())
    assert not layout.more.isNull()
    assert view.visualRect(page.cahier.model.index(0)).height() < 400

    place = view.visualRect(page.cahier.model.index(0)).topLeft() + layout.more.center().toPoint()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)

    dialog = opened(page, EntryDialog, qtbot)
    assert dialog.text.toPlainText() == text.strip()
    dialog.reject()


def test_enter_opens_a_note_and_n_begins_one(around: Around, open_file: Open, qtbot: QtBot) -> None:
    around.write(around.nurse, "life", "Bonjour")
    page = open_file(around.nurse)
    page.cahier.list.setFocus()
    QTest.keyClick(page.cahier.list, Qt.Key.Key_Return)
    dialog = opened(page, EntryDialog, qtbot)
    dialog.reject()
    page.activateWindow()  # a window manager does it
    qtbot.waitUntil(page.cahier.list.hasFocus)

    QTest.keyClick(page.cahier.list, Qt.Key.Key_N)
    assert page.cahier.composer.edit.hasFocus()
    QTest.keyClick(page.cahier.composer.edit, Qt.Key.Key_Escape)
    assert page.cahier.list.hasFocus()


def test_what_was_in_sight_for_a_second_is_read(around: Around, open_file: Open, qtbot: QtBot) -> None:
    around.write(around.doctor, "care", "Visite demain")
    around.exchange()
    page = open_file(around.nurse)
    assert page.cahier.filters.chips is not None
    chip = page.cahier.filters.chips.chip("unread")
    assert chip.text() == "Non lu 1"

    qtbot.waitUntil(lambda: chip.text() == "Non lu", timeout=4000)
    assert not page.cahier.model.entry(0).unread
    assert Cahier(around.nurse).unread(around.circle) == 0


def test_what_was_just_read_stays_under_unread_until_asked_again(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    around.write(around.doctor, "care", "Visite demain")
    around.exchange()
    page = open_file(around.nurse)
    assert page.cahier.filters.chips is not None
    with qtbot.waitSignal(page.cahier.model.loaded):
        page.cahier.filters.chips.set_current("unread")
    qtbot.waitUntil(lambda: not page.cahier.model.entry(0).unread, timeout=4000)
    with qtbot.waitSignal(page.cahier.model.refreshed):
        page.cahier.model.refresh()
    assert texts(page) == ["Visite demain"]

    page.cahier.filters.chips.set_current("all")
    with qtbot.waitSignal(page.cahier.model.loaded):
        page.cahier.filters.chips.set_current("unread")
    assert texts(page) == []
    assert page.cahier.all_read.isVisible()


def test_the_daughter_s_window_holds_nothing_of_the_medical_record(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    around.write(around.nurse, "care", CANARY, urgent=True)
    around.write(around.nurse, "life", "Elle a chanté ce matin.")
    around.exchange()

    daughter = open_file(around.daughter)
    with qtbot.waitSignal(daughter.cahier.model.loaded):
        daughter.cahier.filters.search.setText("CANARI")
    assert texts(daughter) == []
    with qtbot.waitSignal(daughter.cahier.model.loaded):
        daughter.cahier.filters.search.setText("")
    assert texts(daughter) == ["Elle a chanté ce matin."]
    said = words_in(daughter.cahier)
    assert CANARY not in said
    assert "édical" not in said
    assert daughter.cahier.filters.chips is not None
    assert daughter.cahier.filters.chips.chip("unread").text() in {"Non lu", "Non lu 1"}

    # The same search finds it where it may be read: the test can fail.
    nurse = open_file(around.nurse)
    with qtbot.waitSignal(nurse.cahier.model.loaded):
        nurse.cahier.filters.search.setText("CANARI")
    assert texts(nurse) == [CANARY]
    assert "édical" in words_in(nurse.cahier)


def test_search_finds_while_typing_and_says_when_nothing_matches(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    around.write(around.nurse, "life", "Elle a reconnu les roses du jardin")
    around.write(around.nurse, "life", "Belote au salon")
    page = open_file(around.nurse)
    QTest.keyClick(page.cahier.list, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    search = page.cahier.filters.search
    assert search.hasFocus()

    with qtbot.waitSignal(page.cahier.model.loaded):
        QTest.keyClicks(search, "ros")
    assert texts(page) == ["Elle a reconnu les roses du jardin"]

    with qtbot.waitSignal(page.cahier.model.loaded):
        QTest.keyClicks(search, "xyz")
    assert page.cahier.nothing.isVisible()
    assert page.cahier.nothing.action is not None
    page.cahier.nothing.action.click()
    assert len(texts(page)) == 2


def test_an_empty_cahier_says_what_will_come_and_offers_the_first_step(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    page = open_file(around.nurse)
    assert page.cahier.empty.isVisible()
    assert page.cahier.empty.action is not None
    QTest.mouseClick(page.cahier.empty.action, Qt.MouseButton.LeftButton)
    assert page.cahier.composer.edit.hasFocus()


@pytest.mark.parametrize(("scale", "size"), [(100, (1274, 700)), (150, (1228, 692)), (200, (1228, 692))])
def test_nothing_is_cut_in_a_small_window_with_large_text(
    around: Around, open_file: Open, qapp: QApplication, scale: int, size: tuple[int, int]
) -> None:
    from carelink.ui.theme import apply_theme

    around.write(around.nurse, "life", "Bonjour")
    apply_theme(qapp, "dark", scale)
    page = open_file(around.nurse)
    page.resize(*size)
    qapp.processEvents()
    assert (page.width(), page.height()) == size
    for label in page.cahier.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap() and type(label).__name__ == "Label":
            assert label.width() >= label.sizeHint().width(), label.text()
    composer = page.cahier.composer
    layout = composer.layout()
    assert layout is not None
    assert composer.height() >= layout.totalMinimumHeightForWidth(composer.width())
    assert page.cahier.list.viewport().height() > 0


def test_the_banner_says_the_name_at_birth_and_the_age(around: Around, open_file: Open) -> None:
    page = open_file(around.nurse)
    assert page.identity.name.text() == "Jeanne Moreau"
    assert "12\u00a0avril\u00a01938" in page.identity.details.text()
    assert "ans" in page.identity.accessibleName()


def ring_of(page: PersonPage) -> QRect:
    """Return where the focus ring stands, in the coordinates of the rows."""
    ring = next(ring for ring in page.window().findChildren(FocusRing) if ring.isVisible())
    view = page.cahier.list.viewport()
    return QRect(view.mapFromGlobal(ring.mapToGlobal(QPoint(0, 0))), ring.size())


def test_the_ring_follows_the_first_row_found(around: Around, open_file: Open, qtbot: QtBot) -> None:
    around.write(around.nurse, "life", "Elle a reconnu les roses du jardin")
    around.write(around.nurse, "life", "Une longue matinée de belote au salon. " * 20)
    page = open_file(around.nurse)
    view = page.cahier.list
    view.setFocus()
    tall = ring_of(page).height()

    with qtbot.waitSignal(page.cahier.model.loaded):
        page.cahier.filters.search.setText("roses")

    row = view.visualRect(view.currentIndex())
    assert view.currentIndex().row() == 0
    assert ring_of(page).height() < tall
    assert abs(ring_of(page).bottom() - row.bottom()) < 2 * ROW_MARGIN


def test_the_scroll_bar_shows_only_what_there_is_to_scroll(around: Around, open_file: Open) -> None:
    around.write(around.nurse, "life", "Bonjour")
    page = open_file(around.nurse)
    bar = page.cahier.list.verticalScrollBar()
    assert colours(bar) == 1

    for number in range(20):
        around.write(around.nurse, "life", f"Note {number}")
    many = open_file(around.nurse).cahier.list.verticalScrollBar()
    assert many.width() == bar.width()
    assert colours(many) > 1


def colours(widget: QWidget) -> int:
    image = widget.grab().toImage()
    return len({image.pixel(x, y) for x in range(image.width()) for y in range(image.height())})
