"""Bringing one more PC in: a code to type on it, then the words that it shows."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.moments import clock_words, local_time
from carelink.services.pairing import Paired, Pairing, PairingCode
from carelink.ui.qr import qr_matrix
from carelink.ui.theme import metrics
from carelink.ui.widgets import (
    Banner,
    Button,
    CodeDisplay,
    Dialog,
    FoldingColumns,
    LabeledField,
    Paragraph,
    QrCode,
    TextField,
    announce,
)
from carelink.ui.workspace import Workspace


class AddDialog(Dialog):
    """Asks the relay for a code at once.

    Signals:
        paired: The Paired.
    """

    paired = Signal(object)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Ajouter un ordinateur"),
            tr(
                "Il aura tout ce que vous lisez, sous votre nom. Ouvrez-y CareLink et choisissez "
                "«\u00a0Ajouter cet ordinateur à mon compte\u00a0»."
            ),
            width=620,
            parent=parent,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._pairing, self._operations = Pairing(workspace.session), workspace.operations
        self._busy = True
        self.code: HandedCode | None = None
        self.told = Banner(tr("Le relais est prévenu…"))
        self.words = TextField(
            tr("Les trois mots affichés sur l’autre ordinateur"), placeholder=tr("trois mots")
        )
        self.words_field = LabeledField(
            tr("Les trois mots affichés sur l’autre ordinateur"),
            self.words,
            help_text=tr("Ils prouvent que c’est bien votre ordinateur qui a répondu."),
        )
        self.words_field.hide()
        self.body.addWidget(self.told)
        self.body.addWidget(self.words_field)
        self.body.addStretch(1)
        self.act_button = self.set_primary(tr("Ajouter"), icon="check")
        self.act_button.clicked.connect(self._confirm)
        self.act_button.hide()
        self._operations.network(self._pairing.offer, self._offered, self._not_offered)

    def reject(self) -> None:
        """Leave; not while the other PC may be coming in."""
        if not self._busy or self.code is None:
            super().reject()

    def _offered(self, made: PairingCode) -> None:
        self._busy = False
        self.told.hide()
        self.code = HandedCode(made)
        self.body.insertWidget(0, self.code)
        self.words_field.show()
        self.act_button.show()
        self.fit()
        self.code.code.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, self.code.code.accessibleName())

    def _not_offered(self, error: KnownError) -> None:
        self._busy = False
        self.told.set_message(str(error), tone="urgent")
        self.set_closing(tr("Fermer"))
        self.fit()

    def _confirm(self) -> None:
        words = self.words.text().strip()
        if self._busy:
            return
        if not words:
            self._say(tr("Écrivez d’abord les trois mots que montre l’autre ordinateur."))
            return
        self._set_busy(busy=True)
        pairing = self._pairing
        self._operations.network(lambda: pairing.confirm(words), self._paired, self._refused)

    def _paired(self, paired: Paired) -> None:
        self._set_busy(busy=False)
        self.accept()
        self.paired.emit(paired)

    def _refused(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        self._say(str(error))

    def _say(self, sentence: str) -> None:
        self.words_field.set_error(sentence)
        self.words.setFocus(Qt.FocusReason.OtherFocusReason)
        self.bring_into_view(self.words_field)
        announce(self, sentence)

    def _set_busy(self, *, busy: bool) -> None:
        self._busy = busy
        for widget in (self.words, self.act_button, self.cancel_button):
            widget.setEnabled(not busy)
        self.act_button.set_text(tr("Vérification…") if busy else tr("Ajouter"))
        if busy:
            self.words_field.set_error("")


class HandedCode(QWidget):
    """The code, its link and its square."""

    def __init__(self, made: PairingCode, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._link = made.link
        gap = metrics().gap
        self.code = CodeDisplay(made.code, name=tr("Code d’appareil"))
        self.qr = QrCode(qr_matrix(f"carelink://{made.link}"), name=tr("Lien d’appareil à scanner"), size=150)
        self.copy_link = Button(tr("Copier le lien"), icon="link")
        self.copy_link.clicked.connect(self._copy_link)
        said = QWidget()
        words = QVBoxLayout(said)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(gap(10))
        clock = clock_words(local_time(made.expires))
        words.addWidget(
            Paragraph(
                tr(
                    "Tapez ce code sur l’autre ordinateur avant {clock}, ou collez-y le lien. Le code seul "
                    "demande aussi l’adresse du relais.",
                    clock=clock,
                )
            )
        )
        self.place = Paragraph(made.link.partition("@")[2], "secondary", tone="ink-2")
        words.addWidget(self.place)
        words.addWidget(self.copy_link, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        square = QWidget()
        corner = QVBoxLayout(square)
        corner.setContentsMargins(0, 0, 0, 0)
        corner.addWidget(self.qr, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap(14))
        column.addWidget(self.code)
        column.addWidget(FoldingColumns(said, square, fold_at=480))

    def _copy_link(self) -> None:
        QGuiApplication.clipboard().setText(self._link)
        self.copy_link.set_text(tr("Lien copié"), icon="check")
        announce(self, tr("Lien copié"))
