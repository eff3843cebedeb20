"""What I choose counts at once, and is still so tomorrow."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from carelink.models.vault.home import Home
from carelink.ui.settings.look import apply_look
from carelink.ui.theme import current_theme, metrics
from tests.ui.households import Household, Open


def test_the_look_changes_at_once_and_is_remembered(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    desk = open_window(household.home).unlock("Claire Martin")
    desk.show_settings()
    page = desk.settings
    page.theme.set_current("dark")
    assert current_theme().name == "dark"
    page.text_size.setCurrentIndex(page.text_size.findData(150))
    assert metrics().scale == 150
    kept = Home(household.home.path).settings()
    assert (kept.theme, kept.text_scale) == ("dark", 150)
    apply_look(kept)
    assert (current_theme().name, metrics().scale) == ("dark", 150)


def test_the_delay_before_locking_counts_at_once(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    page = opened.unlock("Claire Martin").settings
    assert page.minutes.currentData() == 10
    page.minutes.setCurrentIndex(page.minutes.findData(2))
    assert household.home.settings().auto_lock_minutes == 2
    assert opened.window.idle._limit == 120


def test_a_change_here_keeps_what_else_is_remembered(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    card = household.account("Claire Martin", "nurse")
    page = open_window(household.home).unlock("Claire Martin").settings
    page.theme.set_current("contrast")
    assert household.home.settings().last_account == card.account


def test_the_relays_in_use_are_shown(household: Household, open_window: Open, qtbot: QtBot) -> None:
    household.account("Claire Martin", "nurse")
    household.circle(household.session("Claire Martin"))
    desk = open_window(household.home).unlock("Claire Martin")
    desk.show_settings()
    qtbot.waitUntil(lambda: desk.settings.relays.plain_text() == household.relay.url)
