"""Changing what opens my vault, from the settings."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from carelink.models.vault import slots
from carelink.models.vault.home import DEMO_MARKER
from carelink.ui.settings.passphrase import PassphraseDialog
from carelink.ui.shell.desk import Desk
from carelink.ui.theme import apply_theme
from carelink.ui.widgets import Toast
from tests.ui.households import PASSPHRASE, Household, Open, open_claire
from tests.ui.settings.steps import try_to_leave_in_between

NEW = "girafe trombone brioche lundi"


def ask(desk: Desk, qtbot: QtBot) -> PassphraseDialog:
    """Press "Changer…" in the settings."""
    desk.show_settings()
    desk.settings.passphrase.click()
    (dialog,) = desk.window().findChildren(PassphraseDialog)
    qtbot.waitActive(dialog)
    qtbot.waitUntil(dialog.current.hasFocus)
    return dialog


def fill(dialog: PassphraseDialog, current: str, new: str, again: str | None = None) -> None:
    dialog.current.setText(current)
    dialog.choice.first.setText(new)
    dialog.choice.second.setText(new if again is None else again)


def wholly_seen(widget: QWidget) -> bool:
    return widget.visibleRegion().boundingRect() == widget.rect()


def said(desk: Desk) -> list[str]:
    return [toast.accessibleName() for toast in desk.window().findChildren(Toast)]


def test_with_the_keyboard_alone_i_change_it_and_the_new_one_opens(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    opened = open_claire(household, open_window)
    desk = opened.desk
    desk.show_settings()
    desk.settings.passphrase.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(desk.settings.passphrase, Qt.Key.Key_Space)
    (dialog,) = opened.window.findChildren(PassphraseDialog)
    qtbot.waitActive(dialog)
    qtbot.waitUntil(dialog.current.hasFocus)
    QTest.keyClicks(dialog.current, PASSPHRASE)
    for field in (dialog.choice.first, dialog.choice.second):
        while not field.hasFocus():
            before = QApplication.focusWidget()
            assert before is not None
            QTest.keyClick(before, Qt.Key.Key_Tab)
            assert QApplication.focusWidget() is not before
        QTest.keyClicks(field, NEW)
    changing: list[bool] = []
    dialog.change_button.clicked.connect(lambda: changing.append(dialog.change_button.isEnabled()))
    QTest.keyClick(dialog.choice.second, Qt.Key.Key_Return)
    assert changing == [False]
    qtbot.waitUntil(lambda: said(desk) == ["Votre phrase de passe est changée"], timeout=20_000)
    opened.window.lock()
    unlock = opened.window.unlock
    unlock.passphrase.setText(PASSPHRASE)
    unlock.submit()
    qtbot.waitUntil(lambda: bool(unlock.field.error()), timeout=20_000)
    assert "pas la bonne phrase de passe" in unlock.field.error()
    unlock.passphrase.clear()
    assert opened.unlock("Claire Martin", NEW).workspace.session.name == "Claire Martin"


def test_what_is_asked_has_a_name_for_those_who_listen(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    desk = open_window(household.home).unlock("Claire Martin")
    dialog = ask(desk, qtbot)
    assert desk.settings.passphrase.accessibleName() == "Changer la phrase de passe"
    assert dialog.accessibleName() == "Changer la phrase de passe"
    named = [field.accessibleName() for field in (dialog.current, dialog.choice.first, dialog.choice.second)]
    assert named == ["Phrase de passe actuelle", "Nouvelle phrase de passe", "Encore une fois"]


@pytest.mark.parametrize(
    ("current", "new", "again", "where", "sentence"),
    [
        ("", NEW, NEW, "current", "Tapez la phrase de passe qui ouvre votre coffre"),
        ("pas la bonne phrase", NEW, NEW, "current", "Ce n’est pas la bonne phrase de passe"),
        (PASSPHRASE, "1234567", "1234567", "new", "trop courte"),
        (PASSPHRASE, NEW, f"{NEW}s", "again", "Les deux phrases diffèrent"),
        (PASSPHRASE, PASSPHRASE, PASSPHRASE, "new", "la même que l’actuelle"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    household: Household,
    open_window: Open,
    qtbot: QtBot,
    current: str,
    new: str,
    again: str,
    where: str,
    sentence: str,
) -> None:
    household.account("Claire Martin", "nurse")
    dialog = ask(open_window(household.home).unlock("Claire Martin"), qtbot)
    fields = {
        "current": dialog.current_field,
        "new": dialog.choice.first_field,
        "again": dialog.choice.second_field,
    }
    fill(dialog, current, new, again)
    dialog.change_button.click()
    qtbot.waitUntil(lambda: bool(fields[where].error()), timeout=20_000)
    assert sentence in fields[where].error()
    assert [name for name, field in fields.items() if field.error()] == [where]
    assert fields[where].field.hasFocus()
    assert dialog.change_button.isEnabled()
    assert dialog.change_button.text() == "Changer"
    assert dialog.problem.isHidden()
    fill(dialog, PASSPHRASE, NEW)
    with qtbot.waitSignal(dialog.accepted, timeout=20_000):
        dialog.change_button.click()


def test_a_full_disk_is_said_above_and_the_old_one_still_opens(
    household: Household, open_window: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    household.account("Claire Martin", "nurse")
    dialog = ask(open_window(household.home).unlock("Claire Martin"), qtbot)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    fill(dialog, PASSPHRASE, NEW)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        dialog.change_button.click()
        qtbot.waitUntil(dialog.problem.isVisible, timeout=20_000)
    assert "plus de place" in dialog.problem.accessibleName()
    household.session("Claire Martin")


def test_the_window_derives_no_key_itself_and_cannot_be_left_in_between(
    household: Household, open_window: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    household.account("Claire Martin", "nurse")
    dialog = ask(open_window(household.home).unlock("Claire Martin"), qtbot)
    fill(dialog, PASSPHRASE, NEW)
    assert try_to_leave_in_between(dialog, slots, "Changement…", qtbot, monkeypatch) == 2


@pytest.mark.parametrize("leave", ["cancel", "lock"])
def test_nothing_typed_is_kept_when_i_leave_or_lock(
    household: Household, open_window: Open, qtbot: QtBot, leave: str
) -> None:
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    dialog = ask(opened.unlock("Claire Martin"), qtbot)
    fill(dialog, PASSPHRASE, NEW)
    fields = (dialog.current, dialog.choice.first, dialog.choice.second)
    if leave == "cancel":
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        opened.window.lock()
    assert not dialog.isVisible()
    assert [field.text() for field in fields] == ["", "", ""]
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not isValid(dialog)
    household.session("Claire Martin")


def test_the_four_words_proposed_can_be_taken(household: Household, open_window: Open, qtbot: QtBot) -> None:
    household.account("Claire Martin", "nurse")
    dialog = ask(open_window(household.home).unlock("Claire Martin"), qtbot)
    dialog.current.setText(PASSPHRASE)
    dialog.choice.take.click()
    words = dialog.choice.words.text()
    with qtbot.waitSignal(dialog.accepted, timeout=20_000):
        dialog.change_button.click()
    slots.unlock(
        household.home.folder(household.home.find(None).account),
        words,
        household.home.secrets(household.home.find(None)),
    )


def test_at_150_percent_what_is_wrong_is_in_view(
    household: Household, open_window: Open, qtbot: QtBot, qapp: QApplication
) -> None:
    household.account("Claire Martin", "nurse")
    desk = open_window(household.home).unlock("Claire Martin")
    apply_theme(qapp, "light", 150)
    dialog = ask(desk, qtbot)
    for field, filled in (
        (dialog.choice.second_field, (PASSPHRASE, NEW, "autre chose")),
        (dialog.current_field, ("", NEW, NEW)),
    ):
        fill(dialog, *filled)
        dialog.change_button.click()
        assert field.error()
        qtbot.waitUntil(partial(wholly_seen, field))
    assert dialog.width() <= dialog.screen().availableGeometry().width()


def test_the_demonstration_keeps_its_passphrase(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    desk = open_window(household.home).unlock("Claire Martin")
    desk.show_settings()
    assert desk.settings.passphrase.isVisible()
    (household.home.path / DEMO_MARKER).write_bytes(b"{}")
    fresh = type(desk.settings)(desk.workspace, household.home)
    qtbot.addWidget(fresh)
    fresh.show()
    assert not fresh.passphrase.isVisible()
