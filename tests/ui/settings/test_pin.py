"""Choosing, changing and removing my PIN, from the settings."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from carelink.models.vault import pins
from carelink.models.vault.home import DEMO_MARKER
from carelink.services.pins import Pins
from carelink.ui.settings.pin import PinDialog
from carelink.ui.shell.desk import Desk
from carelink.ui.widgets import Toast
from tests.ui.households import PASSPHRASE, Household, Open, open_claire
from tests.ui.settings.steps import try_to_leave_in_between

PIN = "482915"
NEW_PASSPHRASE = "girafe trombone brioche lundi"


def ask(desk: Desk, qtbot: QtBot) -> PinDialog:
    """Press the PIN's button in the settings."""
    desk.show_settings()
    desk.settings.pin.click()
    (dialog,) = desk.window().findChildren(PinDialog)
    qtbot.waitActive(dialog)
    qtbot.waitUntil(dialog.current.hasFocus)
    return dialog


def fill(dialog: PinDialog, passphrase: str, pin: str, again: str | None = None) -> None:
    dialog.current.setText(passphrase)
    dialog.pin.setText(pin)
    dialog.again.setText(pin if again is None else again)


def said(desk: Desk) -> list[str]:
    return [toast.accessibleName() for toast in desk.window().findChildren(Toast)]


def test_with_the_keyboard_alone_i_choose_one_and_see_that_i_have_it(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    opened = open_claire(household, open_window)
    desk = opened.desk
    desk.show_settings()
    button = desk.settings.pin
    assert (button.text(), button.accessibleName()) == ("Choisir…", "Choisir un code PIN")
    assert not desk.settings.remove_pin.isVisible()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(button, Qt.Key.Key_Space)
    (dialog,) = opened.window.findChildren(PinDialog)
    qtbot.waitActive(dialog)
    qtbot.waitUntil(dialog.current.hasFocus)
    QTest.keyClicks(dialog.current, PASSPHRASE)
    for field in (dialog.pin, dialog.again):
        while not field.hasFocus():
            before = QApplication.focusWidget()
            assert before is not None
            QTest.keyClick(before, Qt.Key.Key_Tab)
            assert QApplication.focusWidget() is not before
        QTest.keyClicks(field, PIN)
    QTest.keyClick(dialog.again, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: said(desk) == ["Votre code PIN est choisi"], timeout=20_000)
    assert (button.text(), button.accessibleName()) == ("Changer…", "Changer le code PIN")
    opened.window.lock()
    opened.window.unlock.pin.setText(PIN)
    opened.window.unlock.submit()
    qtbot.waitUntil(lambda: opened.window.desk is not None, timeout=20_000)


def test_what_is_asked_has_a_name_for_those_who_listen(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    dialog = ask(open_window(household.home).unlock("Claire Martin"), qtbot)
    assert dialog.accessibleName() == "Choisir un code PIN"
    fields = (dialog.current, dialog.pin, dialog.again)
    assert [field.accessibleName() for field in fields] == [
        "Votre phrase de passe",
        "Code PIN",
        "Encore une fois",
    ]
    assert "6 chiffres ou plus" in dialog.pin.accessibleDescription()
    assert dialog.pin.reveal_button.accessibleName() == "Afficher le code PIN"


@pytest.mark.parametrize(
    ("passphrase", "pin", "again", "where", "sentence"),
    [
        ("", PIN, PIN, "current", "Tapez la phrase de passe qui ouvre votre coffre"),
        ("pas la bonne phrase", PIN, PIN, "current", "Ce n’est pas la bonne phrase de passe"),
        (PASSPHRASE, "123456", "123456", "pin", "se suivent"),
        (PASSPHRASE, "48291", "48291", "pin", "au moins 6 chiffres"),
        (PASSPHRASE, PIN, "482916", "again", "Les deux codes diffèrent"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    household: Household,
    open_window: Open,
    qtbot: QtBot,
    passphrase: str,
    pin: str,
    again: str,
    where: str,
    sentence: str,
) -> None:
    household.account("Claire Martin", "nurse")
    desk = open_window(household.home).unlock("Claire Martin")
    dialog = ask(desk, qtbot)
    fields = {"current": dialog.current_field, "pin": dialog.pin_field, "again": dialog.again_field}
    fill(dialog, passphrase, pin, again)
    dialog.change_button.click()
    qtbot.waitUntil(lambda: bool(fields[where].error()), timeout=20_000)
    assert sentence in fields[where].error()
    assert [name for name, field in fields.items() if field.error()] == [where]
    assert fields[where].field.hasFocus()
    assert dialog.change_button.text() == "Choisir ce code"
    assert desk.workspace.session.kept is None
    fill(dialog, PASSPHRASE, PIN)
    with qtbot.waitSignal(dialog.accepted, timeout=20_000):
        dialog.change_button.click()


def test_the_window_derives_nothing_itself_and_cannot_be_left_in_between(
    household: Household, open_window: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    household.account("Claire Martin", "nurse")
    dialog = ask(open_window(household.home).unlock("Claire Martin"), qtbot)
    fill(dialog, PASSPHRASE, PIN)
    assert try_to_leave_in_between(dialog, pins, "Enregistrement…", qtbot, monkeypatch) >= 1


@pytest.mark.parametrize("leave", ["cancel", "lock"])
def test_nothing_typed_is_kept_when_i_leave_or_lock(
    household: Household, open_window: Open, qtbot: QtBot, leave: str
) -> None:
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    dialog = ask(opened.unlock("Claire Martin"), qtbot)
    fill(dialog, PASSPHRASE, PIN)
    fields = (dialog.current, dialog.pin, dialog.again)
    if leave == "cancel":
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        opened.window.lock()
    assert [field.text() for field in fields] == ["", "", ""]
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not isValid(dialog)


def test_i_remove_it_in_one_click(household: Household, open_window: Open, qtbot: QtBot) -> None:
    opened = open_claire(household, open_window)
    desk = opened.desk
    Pins(desk.workspace.session).choose(PASSPHRASE, PIN)
    desk.show_settings()
    assert desk.settings.remove_pin.accessibleName() == "Retirer le code PIN"
    desk.settings.remove_pin.click()
    qtbot.waitUntil(lambda: said(desk) == ["Votre code PIN est retiré"], timeout=20_000)
    assert desk.settings.pin.text() == "Choisir…"
    qtbot.waitUntil(desk.settings.pin.hasFocus)
    assert not desk.settings.remove_pin.isVisible()
    opened.window.lock()
    assert opened.window.unlock.passphrase.hasFocus()


def test_changing_the_passphrase_says_that_it_ends_the_pin_and_does(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    from carelink.ui.settings.passphrase import PassphraseDialog

    opened = open_claire(household, open_window)
    desk = opened.desk
    Pins(desk.workspace.session).choose(PASSPHRASE, PIN)
    desk.show_settings()
    desk.settings.passphrase.click()
    (dialog,) = opened.window.findChildren(PassphraseDialog)
    assert "code PIN est retiré" in dialog.accessibleDescription()
    dialog.current.setText(PASSPHRASE)
    for field in (dialog.choice.first, dialog.choice.second):
        field.setText(NEW_PASSPHRASE)
    dialog.change_button.click()
    qtbot.waitUntil(lambda: desk.settings.pin.text() == "Choisir…", timeout=20_000)
    opened.window.lock()
    qtbot.waitUntil(opened.window.unlock.passphrase.hasFocus)
    assert "pin" not in vars(opened.window.unlock)


def test_the_demonstration_offers_none(household: Household, open_window: Open, qtbot: QtBot) -> None:
    household.account("Claire Martin", "nurse")
    desk = open_window(household.home).unlock("Claire Martin")
    (household.home.path / DEMO_MARKER).write_bytes(b"{}")
    fresh = type(desk.settings)(desk.workspace, household.home)
    qtbot.addWidget(fresh)
    fresh.show()
    assert "pin" not in vars(fresh)
