"""Bringing a list in: nothing is done before each line was looked at, and then all of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from carelink.services.circles import Circles, checked_patient
from carelink.ui.imports.dialog import ImportDialog
from carelink.ui.imports.preview import REMARKS, STEP, WHO
from carelink.ui.persons.page import PersonsPage
from carelink.ui.workspace import Workspace
from tests.sync.house import URL
from tests.ui.conftest import Show

HEADINGS = "Nom;Prénom;Date de naissance;Sexe;Chambre\r\n"
GOOD = HEADINGS + "Moreau;Jeanne;12/04/1938;F;12\r\nFaure;Lucien;02/11/1931;M;14\r\n"
WRONG = GOOD + ";Odette;31/02/1929;F;15\r\n"


@pytest.fixture
def dialog(workspace: Workspace, show: Show, qtbot: QtBot) -> ImportDialog:
    Circles(workspace.session).create(checked_patient("Lucien", "Faure", "1931-11-02", sex="M"), URL)
    made = ImportDialog(workspace)
    # Tests ask it what it shows after it has closed.
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    show(made)
    return made


def file(folder: Path, text: str) -> str:
    path = folder / "liste.csv"
    path.write_bytes(text.encode("cp1252"))
    return str(path)


def cells(dialog: ImportDialog, row: int) -> list[str]:
    model = dialog.preview.lines
    return [str(model.index(row, column).data()) for column in range(model.columnCount())]


def names(workspace: Workspace) -> list[str]:
    return [summary.name for summary in Circles(workspace.session).summaries()]


def test_a_list_is_shown_then_imported(
    dialog: ImportDialog, workspace: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    assert not dialog.primary.isEnabled()
    dialog.read(file(tmp_path, GOOD))
    qtbot.waitUntil(dialog.preview.isVisible)
    assert dialog.summary.text() == "1\u00a0cercle à créer · 1\u00a0personne déjà là"
    assert "Chambre" in dialog.ignored.plain_text()
    assert cells(dialog, 0) == ["2", "Jeanne Moreau\n12/04/1938", "cercle à créer", ""]
    assert cells(dialog, 1)[STEP] == "déjà là"
    assert not dialog.relay_field.isVisible()
    with qtbot.waitSignal(dialog.imported) as imported:
        dialog.primary.click()
    assert imported.args == [1]
    assert names(workspace) == ["Jeanne Moreau", "Lucien Faure"]
    assert not dialog.isVisible()


def test_lines_to_correct_come_first_and_nothing_can_be_imported(
    dialog: ImportDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog.read(file(tmp_path, WRONG))
    qtbot.waitUntil(dialog.preview.isVisible)
    assert dialog.summary.text().startswith("1\u00a0ligne à corriger")
    shown = cells(dialog, 0)
    assert (shown[0], shown[STEP]) == ("4", "à corriger")
    assert shown[WHO] == "Odette"
    assert shown[REMARKS].splitlines()[0] == "Il manque le nom de naissance."
    assert not dialog.primary.isEnabled()
    dialog.read(file(tmp_path, GOOD))
    qtbot.waitUntil(dialog.primary.isEnabled)


def test_what_was_looked_at_is_imported_whatever_becomes_of_the_file(
    dialog: ImportDialog, workspace: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    path = file(tmp_path, GOOD)
    dialog.read(path)
    qtbot.waitUntil(dialog.primary.isEnabled)
    file(tmp_path, GOOD.replace("Moreau", "Autre"))
    with qtbot.waitSignal(dialog.imported):
        dialog.primary.click()
    assert names(workspace) == ["Jeanne Moreau", "Lucien Faure"]


def test_a_file_that_is_no_list_says_what_to_do(dialog: ImportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    dialog.read(file(tmp_path, GOOD))
    qtbot.waitUntil(dialog.primary.isEnabled)
    (tmp_path / "liste.xlsx").write_bytes(b"PK\x03\x04 workbook")
    dialog.read(str(tmp_path / "liste.xlsx"))
    qtbot.waitUntil(dialog.problem.isVisible)
    assert "CSV" in dialog.problem.accessibleName()
    assert not dialog.primary.isEnabled()
    assert not dialog.preview.isVisible()


def test_a_model_to_fill_in_is_a_list(dialog: ImportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    out = tmp_path / "modèle.csv"
    dialog.save_model(str(out))
    qtbot.waitUntil(lambda: dialog.model_button.text() == "Modèle enregistré")
    dialog.read(str(out))
    qtbot.waitUntil(dialog.summary.isVisible)
    assert dialog.summary.text() == "Aucune personne dans ce tableau"
    assert not dialog.primary.isEnabled()


def test_a_relay_is_asked_for_where_none_is_known(
    workspace: Workspace, show: Show, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = ImportDialog(workspace)
    show(dialog)
    dialog.read(file(tmp_path, GOOD))
    qtbot.waitUntil(dialog.primary.isEnabled)
    assert dialog.relay_field.isVisible()
    dialog.relay.setText("nulle part")
    dialog.primary.click()
    assert dialog.relay_field.error()
    assert Circles(workspace.session).summaries() == []
    dialog.relay.setText(URL)
    with qtbot.waitSignal(dialog.imported):
        dialog.primary.click()
    assert len(Circles(workspace.session).summaries()) == 2


def test_only_who_cares_for_many_is_offered_lists(show: Show) -> None:
    page = PersonsPage()
    show(page)
    page.show_summaries([])
    assert not page.list_button.isVisible()
    page.offer_lists(offered=True)
    assert page.list_button.isVisible()
