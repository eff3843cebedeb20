"""Coming back with six digits, five tries, and the passphrase always at hand."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from carelink.models.vault import pins
from carelink.models.vault.errors import LockedVaultError
from carelink.services.pins import Pins
from carelink.ui.unlock.page import UnlockPage
from tests.sync.fixtures import quick_stretch
from tests.ui.households import PASSPHRASE, Household, Open, Opened

PIN = "482915"


def unlocked_with_pin(household: Household, open_window: Open, name: str = "Claire Martin") -> Opened:
    """Open an account and choose a PIN for it."""
    opened = open_window(household.home)
    Pins(opened.unlock(name).workspace.session).choose(PASSPHRASE, PIN)
    return opened


def refuse(unlock: UnlockPage, qtbot: QtBot, pin: str) -> str:
    """Type a PIN that does not open; return what is said."""
    unlock.pin.setText(pin)
    unlock.submit()
    qtbot.waitUntil(lambda: unlock.open_button.text() == "Ouvrir", timeout=20_000)
    return unlock.pin_field.error()


def test_with_the_keyboard_alone_six_digits_bring_my_account_back(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    opened = unlocked_with_pin(household, open_window)
    session = opened.desk.workspace.session
    opened.window.lock()
    unlock = opened.window.unlock
    qtbot.waitUntil(unlock.pin.hasFocus)
    assert not unlock.field.isVisible()
    assert unlock.pin.accessibleName() == "Code PIN de Claire Martin"
    assert unlock.pin.accessibleDescription() == "Il reste 5 essais."
    assert unlock.pin.echoMode() == QLineEdit.EchoMode.Password
    opened.window.settle()
    with pytest.raises(LockedVaultError), session.read():
        pass
    QTest.keyClicks(unlock.pin, PIN)
    QTest.keyClick(unlock.pin, Qt.Key.Key_Return)
    assert unlock.open_button.text() == "Ouverture…"
    qtbot.waitUntil(lambda: opened.window.desk is not None, timeout=20_000)
    assert opened.window.windowTitle() == "CareLink · Claire Martin"
    assert unlock.pin.text() == ""


def test_a_half_typed_note_is_there_again(household: Household, open_window: Open, qtbot: QtBot) -> None:
    household.account("Claire Martin", "nurse")
    household.circle(household.session("Claire Martin"))
    opened = unlocked_with_pin(household, open_window)
    opened.desk.persons.open_first()
    QTest.keyClicks(opened.desk.person.cahier.composer.edit, "Pas fini de dire que")
    opened.window.lock()
    opened.window.unlock.pin.setText(PIN)
    opened.window.unlock.submit()
    qtbot.waitUntil(lambda: opened.window.desk is not None, timeout=20_000)
    qtbot.waitUntil(lambda: bool(opened.desk.rail.current()), timeout=20_000)
    opened.desk.persons.open_first()
    assert opened.desk.person.cahier.composer.edit.toPlainText() == "Pas fini de dire que"


def test_i_am_told_how_many_tries_are_left_and_then_the_passphrase_is_asked_for(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    opened = unlocked_with_pin(household, open_window)
    opened.window.lock()
    unlock = opened.window.unlock
    for pin, left in (
        ("937150", "il reste 4 essais"),
        ("937151", "il reste 3 essais"),
        ("937152", "il reste 2 essais"),
        ("937153", "il reste un essai, puis il faudra la phrase de passe"),
    ):
        assert left in refuse(unlock, qtbot, pin)
        assert unlock.pin.hasFocus()
        assert unlock.pin.selectedText()
    unlock.pin.setText("937154")
    unlock.submit()
    qtbot.waitUntil(unlock.field.isVisible, timeout=20_000)
    assert "tapez la phrase de passe" in unlock.field.error()
    assert unlock.passphrase.hasFocus()
    assert not unlock.pin_field.isVisible()
    assert not unlock.other_way.isVisible()
    assert unlock.pin.text() == ""
    opened.unlock("Claire Martin")
    opened.window.lock()
    qtbot.waitUntil(unlock.pin.isVisible)
    assert unlock.pin.accessibleDescription() == "Il reste 5 essais."


def test_locking_again_gives_no_try_back(household: Household, open_window: Open, qtbot: QtBot) -> None:
    household.account("Claire Martin", "nurse")
    opened = unlocked_with_pin(household, open_window)
    opened.window.lock()
    unlock = opened.window.unlock
    refuse(unlock, qtbot, "937150")
    unlock.pin.setText(PIN)
    unlock.submit()
    qtbot.waitUntil(lambda: opened.window.desk is not None, timeout=20_000)
    opened.window.lock()
    assert unlock.pin.accessibleDescription() == "Il reste 4 essais."
    assert unlock.pin_field.error() == ""


def test_what_is_no_pin_costs_no_try_and_says_what_is_wrong(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    opened = unlocked_with_pin(household, open_window)
    opened.window.lock()
    unlock = opened.window.unlock
    unlock.submit()
    assert unlock.pin_field.error() == "Tapez votre code PIN, puis Entrée."
    assert "Majuscule" in refuse(unlock, qtbot, "é\"'(-è")
    assert "au moins 6 chiffres" in refuse(unlock, qtbot, "48291")
    opened.window.lock()
    unlock.pin_field.set_error("")
    assert unlock.pin.accessibleDescription() == "Il reste 5 essais."


def test_the_passphrase_is_always_at_hand_and_the_pin_again(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    opened = unlocked_with_pin(household, open_window)
    opened.window.lock()
    unlock = opened.window.unlock
    unlock.pin.setText("4829")
    # Three times Tab: the field's eye takes none.
    while not unlock.other_way.hasFocus():
        before = QApplication.focusWidget()
        assert before is not None
        QTest.keyClick(before, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is not before
    assert unlock.other_way.text() == "Utiliser la phrase de passe"
    QTest.keyClick(unlock.other_way, Qt.Key.Key_Space)
    assert unlock.passphrase.hasFocus()
    assert unlock.pin.text() == ""
    assert not unlock.pin_field.isVisible()
    assert unlock.other_way.text() == "Utiliser le code PIN"
    QTest.keyClick(unlock.other_way, Qt.Key.Key_Space)
    assert unlock.pin.hasFocus()
    QTest.keyClick(unlock.other_way, Qt.Key.Key_Space)
    QTest.keyClicks(unlock.passphrase, PASSPHRASE)
    QTest.keyClick(unlock.passphrase, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened.window.desk is not None, timeout=20_000)


def test_a_pin_is_asked_of_who_has_one_and_was_here(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    sofia = household.account("Sofia Benali", "care_assistant")
    opened = unlocked_with_pin(household, open_window)
    opened.window.lock(account=sofia.account)
    unlock = opened.window.unlock
    assert unlock.field.label.text() == "Phrase de passe de Sofia Benali"
    assert unlock.passphrase.hasFocus()
    assert not unlock.other_way.isVisible()
    unlock.grid.chosen.emit(household.home.find("Claire Martin").account)
    assert unlock.pin.hasFocus()
    unlock.pin.setText("4829")
    unlock.grid.chosen.emit(sofia.account)
    assert unlock.passphrase.hasFocus()
    assert unlock.pin.text() == ""


def test_after_a_restart_only_the_passphrase_opens(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    unlocked_with_pin(household, open_window).window.close()
    again = open_window(household.home).window.unlock
    assert again.passphrase.isVisible()
    assert "pin" not in vars(again)


def test_auto_lock_asks_for_the_pin_too(household: Household, open_window: Open, qtbot: QtBot) -> None:
    household.account("Claire Martin", "nurse")
    opened = unlocked_with_pin(household, open_window)
    opened.window.idle.start(0.01)
    qtbot.waitUntil(lambda: opened.window.desk is None, timeout=10_000)
    unlock = opened.window.unlock
    assert unlock.notice.isVisible()
    assert unlock.pin.hasFocus()


def test_once_it_is_removed_the_door_asks_for_the_passphrase(household: Household, open_window: Open) -> None:
    household.account("Claire Martin", "nurse")
    opened = unlocked_with_pin(household, open_window)
    opened.window.lock()
    opened.window.unlock.other_way.click()
    desk = opened.unlock("Claire Martin")
    Pins(desk.workspace.session).remove()
    opened.window.lock()
    assert opened.window.unlock.passphrase.hasFocus()
    assert not opened.window.unlock.pin_field.isVisible()
    assert not opened.window.unlock.other_way.isVisible()


def test_the_window_derives_nothing_itself(
    household: Household, open_window: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    household.account("Claire Martin", "nurse")
    opened = unlocked_with_pin(household, open_window)
    opened.window.lock()
    threads: list[threading.Thread] = []

    def watched(secret: str | bytes, salt: bytes) -> bytes:
        threads.append(threading.current_thread())
        return quick_stretch(secret, salt)

    monkeypatch.setattr(pins, "stretch", watched)
    refuse(opened.window.unlock, qtbot, "937150")
    assert len(threads) == 1
    assert threading.main_thread() not in threads
