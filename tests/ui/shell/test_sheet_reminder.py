"""Until there is a recovery sheet, the first screen says so: on opening, never elsewhere, not for a week."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from carelink.models.vault.home import DEMO_MARKER
from carelink.services.recovery import Recovery
from carelink.ui.recovery.dialogs import SheetDialog
from carelink.ui.shell.desk import Desk
from tests.ui.households import Household, Open


def with_circles(household: Household, count: int, profession: str = "nurse") -> None:
    household.account("Claire Martin", profession)
    session = household.session("Claire Martin")
    for n in range(count):
        household.circle(session, given=f"Jeanne {chr(65 + n)}")


def said(desk: Desk) -> str:
    banner = desk.reminder.banner
    return banner.accessibleName() if banner is not None and desk.reminder.isVisible() else ""


def test_it_stands_on_the_first_screen_alone(household: Household, open_window: Open, qtbot: QtBot) -> None:
    with_circles(household, 2)
    desk = open_window(household.home).unlock("Claire Martin")
    assert "pas encore de feuille de secours" in said(desk)
    desk.show_person(desk.persons.model.summaries()[0])
    assert said(desk) == ""
    desk.show_settings()
    assert said(desk) == ""
    desk.show_persons()
    assert said(desk)


def test_whoever_has_one_person_alone_finds_it_above_the_cahier(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    with_circles(household, 1, profession="")
    desk = open_window(household.home).unlock("Claire Martin")
    assert desk.stack.currentWidget() is desk.person
    assert "pas encore de feuille de secours" in said(desk)


def test_later_is_a_week(household: Household, open_window: Open, qtbot: QtBot) -> None:
    with_circles(household, 1)
    opened = open_window(household.home)
    desk = opened.unlock("Claire Martin")
    later = desk.reminder.later_button
    later.setFocus(Qt.FocusReason.TabFocusReason)
    assert "dans une semaine" in later.accessibleDescription()
    QTest.keyClick(later, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: said(desk) == "")
    opened.window.lock()
    desk = opened.unlock("Claire Martin")
    desk.show_persons()
    assert said(desk) == ""


def test_made_from_there_it_goes_away(household: Household, open_window: Open, qtbot: QtBot) -> None:
    with_circles(household, 1)
    desk = open_window(household.home).unlock("Claire Martin")
    desk.reminder.act_button.click()
    (dialog,) = desk.window().findChildren(SheetDialog)
    dialog.act_button.click()
    qtbot.waitUntil(lambda: dialog.making.step == "paper", timeout=10_000)
    words = dialog.making.paper.words()
    dialog.act_button.click()
    for number in dialog.making.check.fields:
        dialog.making.check.typed(number).setText(words[number - 1])
    dialog.act_button.click()
    qtbot.waitUntil(lambda: dialog.making.step == "done", timeout=20_000)
    dialog.act_button.click()
    assert said(desk) == ""


def test_an_address_to_add_is_said_until_it_is_written(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    session = household.session("Claire Martin")
    recovery = Recovery(session)
    recovery.confirm(recovery.new_sheet())
    household.circle(session)
    desk = open_window(household.home).unlock("Claire Martin")
    assert household.relay.url in said(desk)
    desk.reminder.act_button.click()
    qtbot.waitUntil(lambda: said(desk) == "")
    assert recovery.state().to_write == ""


def test_the_demonstration_asks_for_none(household: Household, open_window: Open, qtbot: QtBot) -> None:
    with_circles(household, 1)
    opened = open_window(household.home)
    (household.home.path / DEMO_MARKER).write_bytes(b"{}")
    desk = opened.unlock("Claire Martin")
    assert said(desk) == ""
