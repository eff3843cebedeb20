"""Work leaves the GUI thread and its results come back to it, or do not come at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from carelink.errors import KnownError
from carelink.ui.operations import Operations

SECRET = "La patiente a dit ceci"


@pytest.fixture
def operations(qapp: QApplication) -> Iterator[Operations]:
    made = Operations()
    yield made
    made.close()
    made.wait()


def test_vault_work_runs_in_order_on_one_thread_that_is_not_ours(
    operations: Operations, qtbot: QtBot
) -> None:
    threads: list[threading.Thread] = []
    results: list[int] = []

    def work(number: int) -> int:
        threads.append(threading.current_thread())
        return number

    for number in range(20):
        operations.vault(lambda number=number: work(number), results.append)  # type: ignore[misc]
    qtbot.waitUntil(lambda: len(results) == 20)
    assert results == list(range(20))
    assert len(set(threads)) == 1
    assert threads[0] is not threading.main_thread()


def test_results_come_back_on_the_gui_thread(operations: Operations, qtbot: QtBot) -> None:
    where: list[threading.Thread] = []
    operations.vault(lambda: None, lambda _: where.append(threading.current_thread()))
    operations.network(lambda: None, lambda _: where.append(threading.current_thread()))
    qtbot.waitUntil(lambda: len(where) == 2)
    assert set(where) == {threading.main_thread()}


def test_a_slow_network_does_not_hold_up_the_vault(operations: Operations, qtbot: QtBot) -> None:
    answer = threading.Event()
    done: list[str] = []
    operations.network(lambda: answer.wait(10), lambda _: done.append("network"))
    operations.vault(lambda: None, lambda _: done.append("vault"))
    qtbot.waitUntil(lambda: done == ["vault"])
    answer.set()
    qtbot.waitUntil(lambda: done == ["vault", "network"])


def test_a_known_refusal_goes_to_whoever_asked(operations: Operations, qtbot: QtBot) -> None:
    heard: list[str] = []

    def refuse() -> None:
        raise KnownError("Le code a expiré.")

    operations.vault(refuse, lambda _: heard.append("done"), lambda error: heard.append(str(error)))
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == ["Le code a expiré."]


def test_a_refusal_that_nobody_asked_for_is_a_problem_to_show(operations: Operations, qtbot: QtBot) -> None:
    def refuse() -> None:
        raise KnownError("Le disque est plein.")

    with qtbot.waitSignal(operations.problem) as shown:
        operations.vault(refuse, lambda _: None)
    assert shown.args == ["Le disque est plein."]


def test_our_own_fault_is_said_and_logged_without_a_word_of_content(
    operations: Operations, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def fail() -> None:
        raise ValueError(SECRET)

    operations.vault(fail, lambda _: None, lambda error: heard.append(str(error)))
    qtbot.waitUntil(lambda: bool(heard))
    assert "ValueError" in heard[0]
    assert "ValueError" in caplog.text
    assert SECRET not in heard[0] + caplog.text


def test_nothing_is_called_back_once_closed_but_what_was_asked_is_done(
    qapp: QApplication, qtbot: QtBot
) -> None:
    operations = Operations()
    begun, go_on = threading.Event(), threading.Event()
    kept: list[str] = []
    called: list[object] = []

    def first() -> None:
        begun.set()
        go_on.wait(10)
        kept.append("first")

    operations.vault(first, called.append)
    operations.vault(lambda: kept.append("second"), called.append)
    assert begun.wait(10)
    operations.close()
    go_on.set()
    operations.wait()
    qapp.processEvents()
    assert kept == ["first", "second"]
    assert not called
    operations.vault(lambda: kept.append("late"), called.append)
    assert kept == ["first", "second"]


def test_a_widget_that_is_gone_is_not_called(
    operations: Operations, qtbot: QtBot, qapp: QApplication
) -> None:
    go_on = threading.Event()
    label = QLabel()
    last: list[str] = []
    operations.vault(lambda: "x" if go_on.wait(10) else "", label.setText)
    operations.vault(lambda: "after", last.append)
    label.deleteLater()
    QApplication.sendPostedEvents(label, QEvent.Type.DeferredDelete)
    go_on.set()
    qtbot.waitUntil(lambda: last == ["after"])


def test_operations_of_a_window_that_is_gone_say_nothing(qtbot: QtBot, qapp: QApplication) -> None:
    owner = QObject()
    operations = Operations(owner)
    go_on = threading.Event()
    called: list[object] = []
    operations.vault(lambda: go_on.wait(10), called.append)
    operations.close()
    go_on.set()
    operations.wait()
    owner.deleteLater()
    QApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete)
    qapp.processEvents()
    assert not called
