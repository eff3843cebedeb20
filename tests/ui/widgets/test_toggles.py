from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from carelink.ui.widgets import VOLET_CODES, Button, Choice, ToggleChip, ToggleGroup, volet_choices

Show = Callable[[QWidget], None]


def _group() -> ToggleGroup:
    return ToggleGroup("Écrire dans", volet_choices(VOLET_CODES))


def test_exactly_one_is_chosen_from_the_start(show: Show) -> None:
    group = _group()
    show(group)
    assert group.current() == "life"
    assert [code for code in VOLET_CODES if group.chip(code).isChecked()] == ["life"]


def test_arrows_choose_the_neighbour_and_go_round(show: Show, qtbot: QtBot) -> None:
    group = _group()
    show(group)
    said: list[str] = []
    group.choice_changed.connect(said.append)
    group.chip("life").setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(group.chip("life"), Qt.Key.Key_Right)
    assert group.chip("coordination").hasFocus()
    QTest.keyClick(group.chip("coordination"), Qt.Key.Key_Left)
    QTest.keyClick(group.chip("life"), Qt.Key.Key_Left)
    assert group.chip("restricted").hasFocus()
    assert said == ["coordination", "life", "restricted"]
    assert group.current() == "restricted"


def test_home_and_end_go_to_the_ends(show: Show) -> None:
    group = _group()
    show(group)
    QTest.keyClick(group.chip("life"), Qt.Key.Key_End)
    assert group.current() == "restricted"
    QTest.keyClick(group.chip("restricted"), Qt.Key.Key_Home)
    assert group.current() == "life"


def test_arrows_pass_over_what_is_not_allowed(show: Show) -> None:
    group = _group()
    group.chip("coordination").setEnabled(False)
    show(group)
    QTest.keyClick(group.chip("life"), Qt.Key.Key_Right)
    assert group.current() == "care"


def test_a_group_is_one_stop_for_tab(show: Show) -> None:
    page = QWidget()
    column = QVBoxLayout(page)
    group, after = _group(), Button("Publier")
    column.addWidget(group)
    column.addWidget(after)
    show(page)
    group.set_current("care")
    group.chip("care").setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(group.chip("care"), Qt.Key.Key_Tab)
    assert after.hasFocus()
    QTest.keyClick(after, Qt.Key.Key_Backtab)
    assert group.chip("care").hasFocus()


def test_a_click_chooses_and_a_second_changes_nothing(show: Show, qtbot: QtBot) -> None:
    group = _group()
    show(group)
    said: list[str] = []
    group.choice_changed.connect(said.append)
    for _ in range(2):
        QTest.mouseClick(group.chip("care"), Qt.MouseButton.LeftButton)
    assert said == ["care"]


def test_a_choice_is_announced_as_one_of_several_with_its_full_name(show: Show) -> None:
    group = _group()
    show(group)
    interface = QAccessible.queryAccessibleInterface(group.chip("care"))
    assert interface.role() == QAccessible.Role.RadioButton
    assert interface.text(QAccessible.Text.Name) == "Dossier médical"
    assert interface.text(QAccessible.Text.Description) == "Écrire dans"


def test_a_chip_alone_is_a_switch(show: Show) -> None:
    chip = ToggleChip(Choice("urgent", "Urgent", "alert-triangle", "urgent"))
    show(chip)
    QTest.keyClick(chip, Qt.Key.Key_Space)
    assert chip.isChecked()
    QTest.keyClick(chip, Qt.Key.Key_Space)
    assert not chip.isChecked()
