"""What is built while the passphrase is typed: in small steps, empty, and for one account only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from carelink.ui.ahead import Ahead
from tests.ui.households import Household, Open, household, open_window, relay

__all__ = ["household", "open_window", "relay"]


def _words(widget: QWidget) -> str:
    shown = [label.text() for label in widget.findChildren(QLabel)]
    return " ".join([*shown, *(child.accessibleName() for child in widget.findChildren(QWidget))])


def test_steps_are_done_one_at_a_time_and_what_is_stopped_stays_undone(qtbot: QtBot) -> None:
    done: list[int] = []
    ahead = Ahead()

    def steps() -> Iterator[None]:
        for number in range(3):
            done.append(number)
            if number == 1:
                ahead.stop()
            yield

    ahead.start(steps())
    assert done == []
    qtbot.waitUntil(lambda: len(done) == 2)
    qtbot.wait(30)
    assert done == [0, 1]


def test_a_step_that_fails_is_told_and_not_tried_again(qtbot: QtBot) -> None:
    tries: list[int] = []
    ahead = Ahead()

    def steps() -> Iterator[None]:
        tries.append(1)
        yield from ()
        raise ValueError

    with qtbot.captureExceptions() as told:
        ahead.start(steps())
        qtbot.waitUntil(lambda: bool(tries))
        qtbot.wait(30)
    assert [kind for kind, *_ in told] == [ValueError]
    assert len(tries) == 1


def test_the_desk_that_opens_was_built_while_the_passphrase_was_typed(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    qtbot.waitUntil(lambda: opened.window._spare is not None, timeout=20_000)
    assert opened.window._spare is not None
    _workspace, built = opened.window._spare
    qtbot.waitUntil(lambda: "person" in vars(built) and "persons" in vars(built))
    assert opened.unlock("Claire Martin") is built


def test_nothing_of_one_account_is_in_the_desk_of_the_next(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    household.account("Anne Maurel")
    household.circle(household.session("Claire Martin"))
    opened = open_window(household.home)
    first = opened.unlock("Claire Martin")
    assert "Moreau" in "".join(summary.name for summary in first.persons.model.summaries())
    opened.window.lock()
    qtbot.waitUntil(lambda: opened.window._spare is not None, timeout=20_000)
    assert opened.window._spare is not None
    _workspace, spare = opened.window._spare
    assert spare is not first
    qtbot.waitUntil(lambda: "person" in vars(spare))
    assert "Claire" not in _words(spare)
    second = opened.unlock("Anne Maurel")
    assert second is spare
    assert not second.persons.model.summaries()
    assert "Claire" not in _words(second)
    assert "Moreau" not in _words(second)


def test_an_account_opens_before_anything_could_be_built_ahead(
    household: Household, open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    household.account("Claire Martin", "nurse")
    monkeypatch.setattr("carelink.ui.main_window.PAINT_FIRST_MS", 60_000)
    opened = open_window(household.home)
    desk = opened.unlock("Claire Martin")
    assert opened.window.stack.currentWidget() is desk
    assert desk.persons.isVisible()
