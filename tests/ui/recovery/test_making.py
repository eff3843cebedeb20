"""Making a recovery sheet in the settings, and checking it again."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QPagedPaintDevice
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from carelink.services.recovery import Recovery
from carelink.services.sheets import Sheet
from carelink.ui.recovery import printing
from carelink.ui.recovery.dialogs import CheckDialog, SheetDialog
from carelink.ui.shell.desk import Desk
from carelink.ui.theme import apply_theme
from carelink.ui.widgets import Banner
from tests.ui.households import Household, Open


def ask(desk: Desk, qtbot: QtBot) -> SheetDialog:
    """Press "Faire ma feuille…" in the settings."""
    desk.show_settings()
    desk.settings.sheet.make_button.click()
    (dialog,) = desk.window().findChildren(SheetDialog)
    qtbot.waitActive(dialog)
    return dialog


def to_paper(dialog: SheetDialog, qtbot: QtBot) -> tuple[str, ...]:
    dialog.act_button.click()
    qtbot.waitUntil(lambda: dialog.making.step == "paper", timeout=10_000)
    return dialog.making.paper.words()


def answer(dialog: SheetDialog | CheckDialog, words: tuple[str, ...]) -> None:
    check = dialog.making.check if isinstance(dialog, SheetDialog) else dialog.check
    for number in check.fields:
        check.typed(number).setText(words[number - 1])


def made(dialog: SheetDialog, qtbot: QtBot) -> tuple[str, ...]:
    words = to_paper(dialog, qtbot)
    dialog.act_button.click()
    answer(dialog, words)
    dialog.act_button.click()
    qtbot.waitUntil(lambda: dialog.making.step == "done", timeout=20_000)
    return words


def test_with_the_keyboard_alone_i_make_it_and_it_counts(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    desk = open_window(household.home).unlock("Claire Martin")
    desk.show_settings()
    card = desk.settings.sheet
    assert card.state.text() == "Vous n’en avez pas encore."
    card.make_button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(card.make_button, Qt.Key.Key_Space)
    (dialog,) = desk.window().findChildren(SheetDialog)
    qtbot.waitActive(dialog)
    qtbot.waitUntil(dialog.act_button.hasFocus)
    QTest.keyClick(dialog.act_button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.making.step == "paper", timeout=10_000)
    words = dialog.making.paper.words()
    assert len(words) == 24
    assert dialog.making.paper.accessibleDescription().startswith(f"1\u00a0{words[0]}, 2\u00a0{words[1]}")
    qtbot.waitUntil(dialog.making.print_button.hasFocus)
    QTest.keyClick(dialog.making.print_button, Qt.Key.Key_Return)
    check = dialog.making.check
    for number in check.fields:
        assert check.typed(number).hasFocus()
        assert check.typed(number).accessibleName() == f"Mot n°\u00a0{number}"
        QTest.keyClicks(check.typed(number), words[number - 1].upper())
        QTest.keyClick(check.typed(number), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.making.step == "done", timeout=20_000)
    QTest.keyClick(dialog.act_button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: card.state.text().startswith("Faite le"), timeout=10_000)
    qtbot.waitUntil(lambda: len(desk.settings.devices.rows) == 2, timeout=10_000)


def test_a_word_that_is_another_one_is_named_and_nothing_counts_yet(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    desk = open_window(household.home).unlock("Claire Martin")
    dialog = ask(desk, qtbot)
    words = to_paper(dialog, qtbot)
    dialog.act_button.click()
    answer(dialog, words)
    check = dialog.making.check
    second = list(check.fields)[1]
    check.typed(second).setText("zzyzx")
    dialog.act_button.click()
    assert [number for number, field in check.fields.items() if field.error()] == [second]
    assert check.typed(second).hasFocus()
    assert Recovery(desk.workspace.session).state().made is None
    dialog.making.again_button.click()
    assert dialog.making.paper.words() == words


@pytest.mark.parametrize("leave", ["later", "escape", "lock"])
def test_put_off_nothing_counts_and_no_word_stays(
    household: Household, open_window: Open, qtbot: QtBot, leave: str
) -> None:
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    dialog = ask(opened.unlock("Claire Martin"), qtbot)
    paper = dialog.making.paper
    to_paper(dialog, qtbot)
    if leave == "later":
        dialog.cancel_button.click()
    elif leave == "escape":
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        opened.window.lock()
    assert not dialog.isVisible()
    assert paper.words() == ()
    assert paper.accessibleDescription() == ""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not isValid(dialog)
    opened.window.lock()
    opened.window.settle()
    assert Recovery(household.session("Claire Martin")).state().made is None


def test_the_words_are_in_no_file_no_log_and_not_on_the_clipboard(
    household: Household, open_window: Open, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    # A word of the list may stand there by itself, as "phrase" does in the name of a field.
    before = b"".join(path.read_bytes() for path in household.home.path.rglob("*") if path.is_file())
    QGuiApplication.clipboard().setText("avant")
    with caplog.at_level(logging.DEBUG):
        dialog = ask(opened.unlock("Claire Martin"), qtbot)
        words = to_paper(dialog, qtbot)
        QTest.keyClick(dialog.making.paper, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        dialog.act_button.click()
        answer(dialog, words)
        dialog.act_button.click()
        qtbot.waitUntil(lambda: dialog.making.step == "done", timeout=20_000)
        dialog.act_button.click()
        opened.window.lock()
        opened.window.settle()
    assert QGuiApplication.clipboard().text() == "avant"
    long = [word.encode() for word in words if len(word) >= 6 and word.encode() not in before]
    assert len(long) > 5
    files = [path for path in household.home.path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        data = path.read_bytes()
        assert not [word for word in long if word in data], path
    assert not [word for word in long if word.decode() in caplog.text]


def test_saved_as_a_pdf_it_says_where_and_that_the_words_are_in_it(
    household: Household, open_window: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    household.account("Claire Martin", "nurse")
    dialog = ask(open_window(household.home).unlock("Claire Martin"), qtbot)
    to_paper(dialog, qtbot)
    dialog.making.save_button.click()
    (chooser,) = dialog.findChildren(QFileDialog)
    assert Path(chooser.selectedFiles()[0]).name == "feuille-de-secours-carelink.pdf"
    page = tmp_path / "feuille.pdf"
    chooser.fileSelected.emit(str(page))
    chooser.reject()
    qtbot.waitUntil(lambda: str(page) in dialog.making.kept.accessibleName(), timeout=10_000)
    assert "effacez-le" in dialog.making.kept.accessibleName()
    assert page.read_bytes().startswith(b"%PDF")
    dialog.making.printing.save_to(str(tmp_path / "nowhere" / "feuille.pdf"))
    qtbot.waitUntil(dialog.making.problem.isVisible, timeout=10_000)
    assert "choisissez un autre endroit" in dialog.making.problem.accessibleName()


def test_printed_the_system_s_dialog_is_asked_and_the_page_goes_out(
    household: Household, open_window: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    household.account("Claire Martin", "nurse")
    dialog = ask(open_window(household.home).unlock("Claire Martin"), qtbot)
    words = to_paper(dialog, qtbot)
    pages: list[tuple[str, ...]] = []

    def out(_printer: QPagedPaintDevice, sheet: Sheet) -> None:
        pages.append(sheet.words)

    monkeypatch.setattr(printing, "print_on", out)
    dialog.making.print_button.click()
    (asked,) = dialog.findChildren(QPrintDialog)
    asked.accepted.emit(asked.printer())
    asked.reject()
    assert pages == [words]
    assert "imprimante" in dialog.making.kept.accessibleName()


def test_a_new_sheet_says_that_the_old_one_will_open_nothing(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    session = household.session("Claire Martin")
    recovery = Recovery(session)
    recovery.confirm(recovery.new_sheet())
    first = recovery.state().made
    desk = open_window(household.home).unlock("Claire Martin")
    desk.show_settings()
    card = desk.settings.sheet
    qtbot.waitUntil(lambda: card.make_button.text() == "Faire une nouvelle feuille…", timeout=10_000)
    dialog = ask(desk, qtbot)
    said = " ".join(banner.accessibleName() for banner in dialog.making.pages["what"].findChildren(Banner))
    assert "n’ouvrira plus rien" in said
    made(dialog, qtbot)
    dialog.act_button.click()
    qtbot.waitUntil(lambda: recovery.state().made != first, timeout=10_000)


def test_the_page_at_hand_is_checked_again_off_the_window(
    household: Household, open_window: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    household.account("Claire Martin", "nurse")
    desk = open_window(household.home).unlock("Claire Martin")
    first = ask(desk, qtbot)
    words = made(first, qtbot)
    first.act_button.click()
    card = desk.settings.sheet
    qtbot.waitUntil(card.check_button.isVisible, timeout=10_000)
    card.check_button.click()
    (dialog,) = desk.window().findChildren(CheckDialog)
    assert len(dialog.check.fields) == 3
    dialog.act_button.click()
    assert all(field.error() for field in dialog.check.fields.values())
    answer(dialog, words[::-1])
    threads: list[threading.Thread] = []
    real = Recovery.is_at_hand

    def watched(self: Recovery, answers: dict[int, str]) -> bool:
        threads.append(threading.current_thread())
        return real(self, answers)

    monkeypatch.setattr(Recovery, "is_at_hand", watched)
    for typed, sentence in ((words[::-1], "ne sont pas ceux"), (words, "C’est la bonne page")):
        answer(dialog, typed)
        dialog.act_button.click()
        qtbot.waitUntil(
            lambda sentence=sentence: sentence in dialog.told.accessibleName(),  # type: ignore[misc]
            timeout=20_000,
        )
    assert threading.main_thread() not in threads


def test_at_150_percent_no_word_is_cut(
    household: Household, open_window: Open, qtbot: QtBot, qapp: QApplication
) -> None:
    household.account("Claire Martin", "nurse")
    desk = open_window(household.home).unlock("Claire Martin")
    apply_theme(qapp, "dark", 150)
    dialog = ask(desk, qtbot)
    to_paper(dialog, qtbot)
    paper = dialog.making.paper
    assert paper.width() >= paper.sizeHint().width()
    assert dialog.width() <= dialog.screen().availableGeometry().width()
