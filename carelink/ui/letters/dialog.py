"""Letters for invitations that nobody has answered: in whose name, naming whom, in which file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QDir, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.letters import LetterPage, Letters, LetterWishes
from carelink.ui.letters.pages import letters_pdf
from carelink.ui.person.moments import today
from carelink.ui.widgets import Banner, CheckBox, Dialog, Label, LabeledField, TextField, announce
from carelink.ui.workspace import Workspace


class LettersDialog(Dialog):
    """Prints invitations to a PDF, a page each.

    Signals:
        saved: How many letters are in the file.
    """

    saved = Signal(int)

    def __init__(
        self,
        workspace: Workspace,
        circle: str,
        person: str = "",
        invitations: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        """Make the dialog.

        Args:
            workspace: The open account.
            circle: Whose invitations, a circle's or a team's.
            person: Name of the person cared for, where there is one to name.
            invitations: Which ones; by default all that nobody has answered.
            parent: The Qt parent.
        """
        super().__init__(
            tr("Lettres d’invitation"),
            tr("Une page par invitation sans réponse, à remettre ou à poster."),
            parent=parent,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workspace, self._circle = workspace, circle
        self._invitations = tuple(invitations)
        self._letters = Letters(workspace.session)
        self._pages: tuple[LetterPage, ...] = ()
        self.establishment = TextField(tr("Établissement"), placeholder=tr("EHPAD Les Tilleuls, Aurillac"))
        self.names_person = CheckBox(tr("Nommer {name} dans la lettre", name=person))
        self.names_person.setVisible(bool(person))
        self.problem = Label("", "secondary", tone="urgent", wrap=True)
        self.problem.hide()
        self.body.addWidget(
            LabeledField(
                tr("Établissement"), self.establishment, help_text=tr("Sous votre nom, si vous le voulez.")
            )
        )
        self.body.addWidget(self.names_person)
        self.body.addWidget(
            Banner(
                tr(
                    "Une lettre peut être ouverte par quelqu’un d’autre. Le fichier porte les codes en "
                    "clair\u00a0: effacez-le une fois imprimé."
                ),
                tone="caution",
            )
        )
        self.body.addWidget(self.problem)
        self.primary = self.set_primary(tr("Enregistrer les lettres"), icon="printer")
        self.primary.clicked.connect(self.write)

    def save_to(self, path: str) -> None:
        """Print to a file; the system has asked whether it may be replaced."""
        letters, out, document = self._letters, Path(path), letters_pdf(self._pages)
        self._workspace.operations.vault(
            lambda: letters.save(out, document, replacing=True), self._saved, self._refused
        )

    def write(self) -> None:
        """Read what the letters say, then ask where they go."""
        self.problem.hide()
        letters, circle = self._letters, self._circle
        wishes = LetterWishes(
            self.establishment.text(), self.names_person.isChecked(), invitations=self._invitations
        )
        self._workspace.operations.vault(
            lambda: letters.pages(circle, wishes), self._ask_where, self._refused
        )

    def _ask_where(self, pages: tuple[LetterPage, ...]) -> None:
        self._pages = pages
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        # No name of a person: a file's name is seen by whoever sees the folder.
        name = tr("lettres d’invitation {day}.pdf", day=today().isoformat())
        dialog = QFileDialog(self, tr("Enregistrer les lettres"), QDir(folder).filePath(name))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("Document PDF (*.pdf)"))
        dialog.setDefaultSuffix("pdf")
        dialog.fileSelected.connect(self.save_to)
        dialog.open()

    def _saved(self, _nothing: None) -> None:
        self.saved.emit(len(self._pages))
        self.accept()

    def _refused(self, error: KnownError) -> None:
        self.problem.setText(str(error))
        self.problem.show()
        self.bring_into_view(self.problem)
        announce(self, str(error))
