from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from carelink.ui.widgets import (
    CheckBox,
    GrowingTextEdit,
    LabeledField,
    PassphraseField,
    RadioButton,
    SearchField,
    Select,
    TextField,
)

Show = Callable[[QWidget], None]


def test_a_passphrase_is_hidden_until_its_owner_asks(show: Show, qtbot: QtBot) -> None:
    field = PassphraseField("Phrase de passe")
    show(field)
    QTest.keyClicks(field, "quatre mots")
    assert field.displayText() == "•" * 11
    assert field.reveal_button.accessibleName() == "Afficher la phrase de passe"
    QTest.mouseClick(field.reveal_button, Qt.MouseButton.LeftButton)
    assert field.displayText() == "quatre mots"
    assert field.reveal_button.accessibleName() == "Masquer la phrase de passe"
    field.forget()
    assert field.text() == ""
    assert field.echoMode() == QLineEdit.EchoMode.Password


def test_a_search_speaks_once_typing_pauses(show: Show, qtbot: QtBot) -> None:
    field = SearchField("Chercher", hint="Ctrl K")
    show(field)
    said: list[str] = []
    field.search_changed.connect(said.append)
    with qtbot.waitSignal(field.search_changed):
        QTest.keyClicks(field, "chute ")
    assert said == ["chute"]


def test_escape_clears_a_search_then_leaves_the_key_to_the_window(show: Show, qtbot: QtBot) -> None:
    page = QWidget()
    left: list[str] = []
    shortcut = QShortcut(QKeySequence(Qt.Key.Key_Escape), page)
    shortcut.activated.connect(lambda: left.append("window"))
    field = SearchField("Chercher", parent=page)
    show(page)
    QTest.keyClicks(field, "chute")
    said: list[str] = []
    field.search_changed.connect(said.append)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), said, left) == ("", [""], [])
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert left == ["window"]


def test_the_cross_appears_with_words_and_clears_them(show: Show, qtbot: QtBot) -> None:
    field = SearchField("Chercher")
    show(field)
    assert not field.clear_button.isVisible()
    QTest.keyClicks(field, "x")
    assert field.clear_button.isVisible()
    QTest.mouseClick(field.clear_button, Qt.MouseButton.LeftButton)
    assert field.text() == ""
    assert field.hasFocus()


def test_a_field_says_its_label_its_help_and_its_error(show: Show) -> None:
    field = TextField("Code")
    labeled = LabeledField("Code d’invitation", field, help_text="Huit chiffres.")
    show(labeled)
    assert labeled.label.buddy() is field
    assert field.accessibleDescription() == "Huit chiffres."
    labeled.set_error("Ce code n’existe plus.")
    assert labeled.error() == "Ce code n’existe plus."
    assert field.accessibleDescription() == "Ce code n’existe plus."
    assert field.property("invalid") is True
    labeled.set_error("")
    assert labeled.error() == ""
    assert field.accessibleDescription() == "Huit chiffres."
    assert field.property("invalid") is False


def test_a_text_grows_with_its_lines_up_to_a_limit(show: Show, qtbot: QtBot) -> None:
    edit = GrowingTextEdit("Votre transmission", min_lines=2, max_lines=4)
    edit.setFixedWidth(300)
    show(edit)
    heights = []
    for lines in (1, 2, 3, 4, 5, 9):
        edit.setPlainText("\n".join(["mot"] * lines))
        heights.append(edit.height())
    line = edit.fontMetrics().lineSpacing()
    assert heights == [heights[0] + n * line for n in (0, 0, 1, 2, 2, 2)]
    assert edit.verticalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAsNeeded
    edit.clear()
    assert edit.height() == heights[0]


def test_a_long_line_counts_as_the_lines_it_wraps_to(show: Show, qtbot: QtBot) -> None:
    edit = GrowingTextEdit("Votre transmission")
    edit.setFixedWidth(300)
    show(edit)
    before = edit.height()
    edit.setPlainText("Promenade au jardin avec une voisine. " * 6)
    qtbot.waitUntil(lambda: edit.height() > before)
    assert edit.verticalScrollBar().maximum() == 0


def test_ctrl_enter_submits_and_enter_writes_a_line(show: Show, qtbot: QtBot) -> None:
    edit = GrowingTextEdit("Votre transmission")
    show(edit)
    with qtbot.waitSignal(edit.submitted):
        QTest.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert edit.toPlainText() == ""
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.toPlainText() == "\n"


def test_tab_leaves_a_text(show: Show) -> None:
    page = QWidget()
    column = QVBoxLayout(page)
    edit, field = GrowingTextEdit("Votre transmission"), TextField("Nom")
    column.addWidget(edit)
    column.addWidget(field)
    show(page)
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_Tab)
    assert field.hasFocus()


@pytest.mark.parametrize("kind", [CheckBox, RadioButton])
def test_the_words_of_a_choice_wrap_and_can_be_clicked(
    kind: type[CheckBox] | type[RadioButton], show: Show, qtbot: QtBot
) -> None:
    choice = kind("La personne accepte que son infirmière voie le cahier de vie et la coordination")
    page = QWidget()
    QVBoxLayout(page).addWidget(choice)
    page.resize(240, page.heightForWidth(240))
    show(page)
    assert choice.height() >= 3 * choice.fontMetrics().height()
    QTest.mouseClick(choice, Qt.MouseButton.LeftButton, pos=choice.rect().bottomRight() / 2)
    assert choice.isChecked()


def test_a_list_is_never_typed_in_and_moves_by_arrows(show: Show) -> None:
    select = Select("Rôle")
    select.addItems(["Proche", "Bénévole"])
    show(select)
    assert not select.isEditable()
    QTest.keyClick(select, Qt.Key.Key_Down)
    assert select.currentText() == "Bénévole"
