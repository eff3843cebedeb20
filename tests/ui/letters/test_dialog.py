"""Printing the invitations of a circle from its page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from carelink.services.invitations import InvitationRequest, Invitations
from carelink.ui.letters.dialog import LettersDialog
from carelink.ui.person import PersonPage
from tests.ui.person.conftest import (
    Around,
    Open,
    around,
    empty_vault,
    grown,
    house,
    open_file,
    opened,
    workspaces,
)

__all__ = ["around", "empty_vault", "grown", "house", "open_file", "workspaces"]


def circle_tab(page: PersonPage, qtbot: QtBot) -> PersonPage:
    page.tabs.setCurrentIndex(1)
    qtbot.waitUntil(page.members.isVisible)
    return page


def test_open_invitations_are_printed_to_a_file(
    around: Around, open_file: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    for name in ("Luc", "Léa"):
        Invitations(around.nurse).invite(around.circle, InvitationRequest("relative", name, agreed="oral"))
    page = circle_tab(open_file(around.nurse), qtbot)
    qtbot.waitUntil(lambda: page.members.letters_button is not None)
    assert page.members.letters_button is not None
    page.members.letters_button.click()
    dialog = opened(page, LettersDialog, qtbot)
    assert not dialog.names_person.isChecked()
    dialog.establishment.setText("x" * 200)
    dialog.primary.click()
    qtbot.waitUntil(dialog.problem.isVisible)
    dialog.establishment.setText("Les Tilleuls")
    dialog.primary.click()
    qtbot.waitUntil(lambda: dialog.findChild(QFileDialog) is not None)
    asked = dialog.findChild(QFileDialog)
    assert asked is not None
    assert "Jeanne" not in asked.selectedFiles()[0]
    out = tmp_path / "lettres.pdf"
    with qtbot.waitSignal(dialog.saved) as saved:
        asked.fileSelected.emit(str(out))
        asked.reject()
    assert saved.args == [2]
    assert out.read_bytes().startswith(b"%PDF")


def test_there_is_nothing_to_print_without_open_invitations(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    page = circle_tab(open_file(around.nurse), qtbot)
    qtbot.wait(300)
    assert page.members.letters_button is None
