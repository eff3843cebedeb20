"""Looking around first: the demonstration from the window, each account in one click, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from carelink.models.vault.home import Home
from carelink.services.demo import Demo
from carelink.services.demo.corpus import Corpus
from tests.services.demo.conftest import smallest_corpus
from tests.ui.households import Household, Open


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = smallest_corpus()
    monkeypatch.setattr(Corpus, "whole", classmethod(lambda _cls: corpus))


@pytest.mark.long
@pytest.mark.usefixtures("small")
def test_the_demonstration_opens_each_account_in_one_click_and_leads_back(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    window = opened.window
    window.unlock.demo_button.click()
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.demo, timeout=10_000)
    qtbot.waitUntil(lambda: window.stack.currentWidget() is window.unlock, timeout=90_000)
    demo = Demo(Home(household.home.path / "demo"))
    assert demo.home.is_demo
    assert not household.home.is_demo
    assert window.unlock.card.isHidden()
    for account in demo.accounts():
        assert window.unlock.grid.tile(account.account).accessibleDescription() == account.description

    daughter = next(account for account in demo.accounts() if account.name == "Anne Maurel")
    tile = window.unlock.grid.tile(daughter.account)
    tile.setFocus()
    QTest.keyClick(tile, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.desk is not None and bool(window.desk.rail.current()), timeout=20_000)
    assert opened.desk.stack.currentWidget() is opened.desk.person
    qtbot.waitUntil(lambda: opened.desk.sync.indicator.text().startswith("À jour"), timeout=20_000)

    window.lock()
    assert window.unlock.card.isHidden()
    window.unlock.leave_button.click()
    assert window.unlock.card.isVisible()
    assert window.unlock.field.label.text() == "Phrase de passe de Claire Martin"


@pytest.mark.usefixtures("small")
def test_going_back_gives_up_what_is_being_made(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    window = open_window(household.home).window
    window.unlock.demo_button.click()
    qtbot.waitUntil(
        lambda: window.stack.currentWidget() is window.demo and window.demo.bar.maximum() > 0, timeout=30_000
    )
    window.demo.back_button.click()
    assert window.stack.currentWidget() is window.unlock
    QTest.qWait(200)
    assert window.stack.currentWidget() is window.unlock


def test_a_folder_that_holds_something_else_is_said_and_left_alone(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    folder: Path = household.home.path / "demo"
    folder.mkdir(parents=True)
    (folder / "thèse.txt").write_text("à garder")
    window = open_window(household.home).window
    window.welcome.demo_button.click()
    qtbot.waitUntil(window.demo.problem.isVisible, timeout=30_000)
    assert "autre chose qu’une démonstration" in window.demo.problem.accessibleName()
    window.demo.back_button.click()
    assert window.stack.currentWidget() is window.welcome
    assert (folder / "thèse.txt").read_text() == "à garder"
