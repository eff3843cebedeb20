"""Bringing in a list: which file, what would be done with each line, then all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QDir, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.circles import checked_address
from carelink.services.imports.files import read_list
from carelink.services.imports.identities import resident_columns
from carelink.services.imports.lines import Step
from carelink.services.imports.residents import (
    ImportedResident,
    ResidentImport,
    ResidentPlan,
)
from carelink.ui.imports.preview import Preview
from carelink.ui.widgets import (
    Banner,
    Button,
    Dialog,
    FlowLayout,
    Label,
    LabeledField,
    Paragraph,
    TextField,
    announce,
)
from carelink.ui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class _Read:
    """A file as it was read: what is shown is what is brought in, whatever becomes of the file."""

    name: str
    data: bytes
    plan: ResidentPlan


class ImportDialog(Dialog):
    """Residents of a spreadsheet, one circle each.

    Signals:
        imported: How many circles were made.
    """

    imported = Signal(int)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Importer une liste"),
            tr(
                "Un cercle est créé pour chaque personne du tableau qui n’en a pas encore. Rien n’est "
                "importé tant qu’une ligne est à corriger, et recommencer ne crée rien en double."
            ),
            width=860,
            parent=parent,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workspace = workspace
        self._residents = ResidentImport(workspace.session)
        self._read: _Read | None = None
        self._words = {
            Step.NEW: tr("cercle à créer"),
            Step.KNOWN: tr("déjà là"),
            Step.WRONG: tr("à corriger"),
        }
        titles = ", ".join(column.title for column in resident_columns() if column.required)
        self._columns = Paragraph(
            tr(
                "Un fichier CSV, tel que votre tableur l’enregistre, avec au moins les colonnes\u00a0: "
                "{titles}. Les colonnes inconnues sont laissées de côté.",
                titles=titles,
            ),
            "secondary",
            tone="ink-2",
        )
        self.choose = Button(tr("Choisir un fichier"), icon="upload")
        self.choose.clicked.connect(self._ask_file)
        self.model_button = Button(tr("Enregistrer un modèle"), variant="quiet", icon="download")
        self.model_button.clicked.connect(self._ask_model)
        self.file = Label("", "strong")
        self.relay = TextField(tr("Adresse du relais"), placeholder="https://relais.exemple.fr")
        self.relay_field = LabeledField(tr("Adresse du relais"), self.relay)
        self.relay_field.hide()
        self.summary = Label("", "strong", wrap=True)
        self.ignored = Paragraph("", "secondary", tone="ink-2")
        self.preview = Preview(self._words)
        self.problem = Banner("", tone="urgent")
        for widget in (self.summary, self.ignored, self.preview, self.problem):
            widget.hide()
        ways = QWidget()
        row = FlowLayout(ways, gap=12)
        for part in (self.choose, self.model_button, self.file):
            row.addWidget(part)
        policy = ways.sizePolicy()
        policy.setHeightForWidth(True)
        ways.setSizePolicy(policy)
        self.body.addWidget(self._columns)
        self.body.addWidget(ways)
        for widget in (self.problem, self.summary, self.ignored):
            self.body.addWidget(widget)
        self.body.addWidget(self.preview, 1)
        self.body.addWidget(self.relay_field)
        self.primary = self.set_primary(tr("Importer"), icon="upload")
        self.primary.setEnabled(False)
        self.primary.clicked.connect(self._import)
        self.choose.setFocus()
        workspace.operations.vault(workspace.state.relays, self._know_relays)

    def read(self, path: str) -> None:
        """Look at a file."""
        file, residents = Path(path), self._residents

        def look() -> _Read:
            data = read_list(file)
            return _Read(file.name, data, residents.check(data))

        self._workspace.operations.vault(look, self._show, self._refused)

    def save_model(self, path: str) -> None:
        """Write an empty list to fill in; the system has asked whether a file may be replaced."""
        residents, out = self._residents, Path(path)
        self._workspace.operations.vault(
            lambda: residents.save_model(out, replacing=True), self._model_saved, self._refused
        )

    def _show(self, read: _Read) -> None:
        self._read = read
        plan = read.plan
        self.problem.hide()
        self.file.setText(read.name)
        self.choose.set_text(tr("Choisir un autre fichier"))
        self.summary.setText(_summary(plan))
        self.ignored.set_text(tr("Colonnes non reprises\u00a0: {titles}.", titles=", ".join(plan.ignored)))
        self.ignored.setVisible(bool(plan.ignored))
        for widget in (self.summary, self.preview):
            widget.show()
        self.preview.show_lines(plan.lines, self._words)
        self.primary.setEnabled(not plan.wrong and plan.count(Step.NEW) > 0)
        self.fit()
        announce(self, self.summary.text())

    def _import(self) -> None:
        read, residents = self._read, self._residents
        if read is None:
            return
        relay = self.relay.text().strip()
        if not self.relay_field.isHidden():
            try:
                checked_address(relay)
            except KnownError as error:
                self.relay_field.set_error(str(error))
                self.relay.setFocus()
                return
        self.primary.setEnabled(False)
        self._workspace.operations.vault(
            lambda: residents.carry_out(read.data, relay), self._done, self._not_imported
        )

    def _done(self, residents: tuple[ImportedResident, ...]) -> None:
        self._workspace.poke()
        self.imported.emit(sum(resident.new for resident in residents))
        self.accept()

    def _refused(self, error: KnownError) -> None:
        self._read = None
        self.primary.setEnabled(False)
        for widget in (self.summary, self.ignored, self.preview):
            widget.hide()
        self.file.setText("")
        self._say(error)

    def _not_imported(self, error: KnownError) -> None:
        self.primary.setEnabled(True)
        self._say(error)

    def _say(self, error: KnownError) -> None:
        self.problem.set_message(str(error))
        self.problem.show()
        self.fit()
        announce(self, str(error))

    def _model_saved(self, _nothing: None) -> None:
        self.model_button.set_text(tr("Modèle enregistré"), icon="check")
        announce(self, tr("Modèle enregistré"))

    def _know_relays(self, relays: tuple[str, ...]) -> None:
        """Ask for a relay where none is known."""
        self.relay_field.setVisible(not relays)

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, tr("Choisir une liste"), _documents())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([tr("Tableau CSV (*.csv *.txt *.tsv)"), tr("Tous les fichiers (*)")])
        dialog.fileSelected.connect(self.read)
        dialog.open()

    def _ask_model(self) -> None:
        name = QDir(_documents()).filePath(tr("liste des résidents.csv"))
        dialog = QFileDialog(self, tr("Enregistrer un modèle"), name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("Tableau CSV (*.csv)"))
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(self.save_model)
        dialog.open()


def _summary(plan: ResidentPlan) -> str:
    new, known, wrong = (plan.count(step) for step in (Step.NEW, Step.KNOWN, Step.WRONG))
    parts = [
        tr("1\u00a0ligne à corriger") if wrong == 1 else tr("{n}\u00a0lignes à corriger", n=wrong),
        tr("1\u00a0cercle à créer") if new == 1 else tr("{n}\u00a0cercles à créer", n=new),
        tr("1\u00a0personne déjà là") if known == 1 else tr("{n}\u00a0personnes déjà là", n=known),
    ]
    said = " · ".join(part for part, count in zip(parts, (wrong, new, known), strict=True) if count)
    return said or tr("Aucune personne dans ce tableau")


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
