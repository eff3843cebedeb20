"""Opening my account, being refused, locking, and finding my half-typed note again."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit
from pytestqt.qtbot import QtBot

from carelink.crypto.primitives import stretch
from carelink.models.vault import slots
from carelink.models.vault.errors import LockedVaultError
from carelink.ui.unlock.accounts import NEWCOMER
from carelink.ui.widgets import Toast
from tests.ui.households import PASSPHRASE, Household, Open, open_claire

HEAVY = ("sqlalchemy", "sqlcipher3", "httpx", "websockets", "cryptography", "alembic", "keyring")


def test_the_door_shows_people_and_as_what_never_counts(household: Household, open_window: Open) -> None:
    household.account("Claire Martin", "nurse")
    household.account("Anne Moreau")
    unlock = open_window(household.home).window.unlock
    said = [
        (
            unlock.grid.tile(card.account).accessibleName(),
            unlock.grid.tile(card.account).accessibleDescription(),
        )
        for card in household.home.accounts()
    ]
    assert said == [("Anne Moreau", "Famille et proches"), ("Claire Martin", "Infirmier ou infirmière")]


def test_the_keyboard_waits_in_the_passphrase_of_whoever_was_here_last(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Anne Moreau")
    household.account("Claire Martin", "nurse")
    first = open_window(household.home)
    first.unlock("Claire Martin")
    first.window.close()
    again = open_window(household.home).window.unlock
    qtbot.waitUntil(again.passphrase.hasFocus)
    assert again.passphrase.accessibleName() == "Phrase de passe de Claire Martin"


def test_my_passphrase_opens_and_the_window_stays_alive_meanwhile(
    household: Household, open_window: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "stretch", stretch)
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    beats: list[int] = []
    timer = QTimer(opened.window)
    timer.timeout.connect(lambda: beats.append(1))
    timer.start(5)
    alive: list[int] = []

    def stretched(passphrase: str, salt: bytes) -> bytes:
        # On a busy machine one may leave the window hardly any time, and not all of many.
        for _ in range(50):
            before = len(beats)
            key = stretch(passphrase, salt)
            alive.append(len(beats) - before)
            if alive[-1] > 2:
                break
        return key

    monkeypatch.setattr(slots, "stretch", stretched)
    QTest.keyClicks(opened.window.unlock.passphrase, PASSPHRASE)
    QTest.keyClick(opened.window.unlock.passphrase, Qt.Key.Key_Return)
    assert opened.window.unlock.open_button.text() == "Ouverture…"
    qtbot.waitUntil(lambda: opened.window.desk is not None, timeout=20_000)
    timer.stop()
    assert alive[-1] > 2, "the window did nothing while the passphrase was tried"
    assert opened.window.windowTitle() == "CareLink · Claire Martin"
    assert opened.window.unlock.passphrase.text() == ""


def test_a_wrong_passphrase_is_refused_in_a_sentence(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    unlock = open_window(household.home).window.unlock
    QTest.keyClicks(unlock.passphrase, "pas la bonne phrase")
    QTest.keyClick(unlock.passphrase, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(unlock.field.error()), timeout=20_000)
    assert unlock.field.error() == (
        "Ce n’est pas la bonne phrase de passe\u00a0: recommencez. Rien n’est perdu."
    )
    assert unlock.passphrase.hasFocus()
    assert unlock.passphrase.selectedText()
    assert unlock.open_button.isEnabled()


def test_after_several_wrong_ones_the_button_says_how_long_to_wait(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    # Tries take no time here, which leaves the button's wait no longer than the vault's own.
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    unlock = opened.window.unlock
    unlock.passphrase.setText("pas la bonne phrase")
    for _ in range(3):
        unlock.submit()
        qtbot.waitUntil(lambda: unlock.open_button.text() != "Ouverture…", timeout=20_000)
    assert not unlock.open_button.isEnabled()
    assert unlock.open_button.text().startswith("Attendez")
    assert "attendez 2 secondes" in unlock.field.error()
    unlock.submit()
    assert unlock.open_button.text().startswith("Attendez")
    qtbot.waitUntil(unlock.open_button.isEnabled, timeout=10_000)
    opened.unlock("Claire Martin")


def test_arrows_choose_who_and_enter_goes_to_the_passphrase(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    anne = household.account("Anne Moreau")
    claire = household.account("Claire Martin", "nurse")
    unlock = open_window(household.home).window.unlock
    unlock.grid.focus_chosen()
    assert unlock.grid.tile(anne.account).hasFocus()
    QTest.keyClick(unlock.grid.tile(anne.account), Qt.Key.Key_Right)
    tile = unlock.grid.tile(claire.account)
    assert tile.hasFocus()
    assert tile.isChecked()
    assert unlock.field.label.text() == "Phrase de passe de Claire Martin"
    QTest.keyClick(tile, Qt.Key.Key_Return)
    assert unlock.passphrase.hasFocus()


def test_what_was_typed_for_one_person_is_not_kept_for_another(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Anne Moreau")
    claire = household.account("Claire Martin", "nurse")
    unlock = open_window(household.home).window.unlock
    QTest.keyClicks(unlock.passphrase, "secret")
    unlock.passphrase.toggle_reveal()
    unlock.grid.tile(claire.account).click()
    assert unlock.passphrase.text() == ""
    assert unlock.passphrase.echoMode() == QLineEdit.EchoMode.Password


def test_someone_without_account_finds_the_ways_in(household: Household, open_window: Open) -> None:
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    opened.window.unlock.grid.tile(NEWCOMER).click()
    assert opened.window.stack.currentWidget() is opened.window.welcome
    opened.window.welcome.back_button.click()
    assert opened.window.stack.currentWidget() is opened.window.unlock


def test_locking_closes_the_vault_and_shows_nothing_of_it(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    opened = open_claire(household, open_window)
    desk = opened.desk
    session = desk._workspace.session
    QTest.keyClick(opened.window.windowHandle(), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: opened.window.desk is None)
    assert opened.window.stack.currentWidget() is opened.window.unlock
    assert opened.window.windowTitle() == "CareLink"
    assert opened.window.unlock.passphrase.hasFocus()
    opened.window.settle()
    with pytest.raises(LockedVaultError), session.read():
        pass


def test_an_open_dialog_does_not_keep_from_locking(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    opened = open_claire(household, open_window)
    desk = opened.desk
    desk.sync.open_panel()
    assert desk.sync.panel is not None
    qtbot.waitUntil(desk.sync.panel.isVisible)
    # Pressed and not let go: the dialog's window is gone by then.
    QTest.keyPress(desk.sync.panel.windowHandle(), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: opened.window.desk is None)
    assert opened.window.stack.currentWidget() is opened.window.unlock


def test_nobody_there_for_a_while_locks_and_says_so(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    opened.unlock("Claire Martin")
    opened.window.idle.start(0.01)
    qtbot.waitUntil(lambda: opened.window.desk is None, timeout=10_000)
    notice = opened.window.unlock.notice
    assert notice.isVisible()
    assert "10 minutes sans activité" in notice.accessibleName()


def test_a_key_now_and_then_keeps_the_account_open(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    opened = open_claire(household, open_window)
    desk = opened.desk
    opened.window.idle.start(0.01)
    for _ in range(8):
        QTest.qWait(150)
        QTest.keyClick(opened.window.windowHandle(), Qt.Key.Key_A)
    assert opened.window.desk is desk


def test_an_open_menu_does_not_keep_from_locking(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    opened = open_claire(household, open_window)
    desk = opened.desk
    desk.account.click()
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    QTest.keyPress(menu.windowHandle(), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: opened.window.desk is None)
    assert opened.window.stack.currentWidget() is opened.window.unlock
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)


def test_what_an_input_method_composes_keeps_the_account_open(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    opened = open_claire(household, open_window)
    desk = opened.desk
    desk.search.setFocus()
    opened.window.idle.start(0.01)
    for _ in range(8):
        QTest.qWait(150)
        QApplication.sendEvent(desk.search, QInputMethodEvent("か", []))
    assert opened.window.desk is desk


def test_a_computer_that_slept_is_locked_when_it_wakes(
    household: Household, open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    opened.unlock("Claire Martin")
    opened.window.idle.start(10)
    later = time.time() + 3600
    monkeypatch.setattr("carelink.ui.unlock.idle.time.time", lambda: later)
    opened.window.idle.check()
    assert opened.window.desk is None


def test_a_half_typed_note_is_there_again_after_a_lock(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    circle = household.circle(household.session("Claire Martin"))
    opened = open_window(household.home)
    desk = opened.unlock("Claire Martin")
    desk.persons.open_first()
    assert desk.person.circle == circle
    QTest.keyClicks(desk.person.cahier.composer.edit, "Pas fini de dire que")
    opened.window.lock()
    desk = opened.unlock("Claire Martin")
    desk.persons.open_first()
    assert desk.person.cahier.composer.edit.toPlainText() == "Pas fini de dire que"


def test_at_shift_change_the_menu_offers_the_next_person(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    sofia = household.account("Sofia Benali", "care_assistant")
    opened = open_window(household.home)
    desk = opened.unlock("Claire Martin")
    desk.lock_wanted.emit(sofia.account)
    assert opened.window.unlock.field.label.text() == "Phrase de passe de Sofia Benali"
    assert opened.window.unlock.passphrase.hasFocus()
    opened.unlock("Sofia Benali")
    assert opened.window.windowTitle() == "CareLink · Sofia Benali"


def test_the_door_opens_without_loading_what_only_an_open_account_needs() -> None:
    program = (
        "import sys, carelink.app\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
        "print(sorted(name for name in sys.modules if name.startswith('PySide6.Qt')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy, qt = done.stdout.splitlines()
    assert heavy == "[]"
    assert qt == str([f"PySide6.Qt{name}" for name in ("Core", "Gui", "Svg", "Widgets")])


def test_closing_the_window_ends_every_thread(household: Household, open_window: Open) -> None:
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    opened.unlock("Claire Martin")
    opened.window.close()
    QApplication.processEvents()
    assert all(left.closed for left in opened.window._leaving)


def test_nothing_of_my_account_floats_over_the_door_once_it_is_locked(
    household: Household, open_window: Open
) -> None:
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    opened.unlock("Claire Martin")
    window = opened.window
    toast = Toast.show_in(window, "Rémi Lambert fait maintenant partie du cercle")
    note, apart = QDialog(window), QDialog()
    for dialog in (note, apart):
        dialog.open()
    window.lock()
    assert not any(widget.isVisible() for widget in (toast, note, apart))
