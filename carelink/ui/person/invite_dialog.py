"""Inviting someone: the questions, then the code to hand over."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.invitations import InvitationRequest, NewInvitation
from carelink.services.wording import of_name
from carelink.ui.moments import clock_words
from carelink.ui.person.invite_form import InviteForm
from carelink.ui.person.moments import day_words, local_time
from carelink.ui.qr import qr_matrix
from carelink.ui.theme import metrics
from carelink.ui.widgets import (
    Banner,
    Button,
    CodeDisplay,
    Dialog,
    FoldingColumns,
    Paragraph,
    QrCode,
    announce,
)
from carelink.ui.workspace import Workspace


class InviteDialog(Dialog):
    """Makes one invitation.

    Signals:
        invited: An invitation waits at the relay.
    """

    invited = Signal()

    def __init__(
        self,
        workspace: Workspace,
        circle: str,
        person: str,
        held: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        title = tr("Inviter dans le cercle {of_name}", of_name=of_name(person))
        super().__init__(title, width=620, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workspace = workspace
        self._circle = circle
        self._request: InvitationRequest | None = None
        self.form = InviteForm(person, held)
        self.handover: Handover | None = None
        self.body.addWidget(self.form)
        self.body.addStretch(1)
        self._make = self.set_primary(tr("Créer l’invitation"), icon="user-plus")
        self._make.clicked.connect(self._invite)
        self.form.role.setFocus()
        facts = workspace.facts
        workspace.operations.vault(lambda: facts.represented(circle), self.form.agreement.set_measured)

    def _invite(self) -> None:
        request = self.form.request()
        if request is None:
            announce(self, self.form.problem.text())
            return
        self._request = request
        self._make.setEnabled(False)
        self._make.set_text(tr("Le relais est prévenu…"))
        circle, invitations = self._circle, self._workspace.invitations
        self._workspace.operations.network(
            lambda: invitations.invite(circle, request), self._show_code, self._refused
        )

    def _show_code(self, invitation: NewInvitation) -> None:
        in_person = self._request is not None and self._request.in_person
        self.handover = Handover(invitation, in_person=in_person)
        self.form.hide()
        self.body.insertWidget(0, self.handover)
        self._make.hide()
        self.set_closing(tr("Fermer"))
        self.fit()
        self.handover.code.setFocus()
        announce(self, self.handover.code.accessibleName())
        self.invited.emit()

    def _refused(self, error: KnownError) -> None:
        self._make.setEnabled(True)
        self._make.set_text(tr("Créer l’invitation"))
        self.form.say(str(error))
        announce(self, str(error))


class Handover(QWidget):
    """The code, its link and its square."""

    def __init__(self, invitation: NewInvitation, *, in_person: bool) -> None:
        super().__init__()
        self._link = invitation.link
        self.code = CodeDisplay(invitation.code, name=tr("Code d’invitation"))
        self.qr = QrCode(
            qr_matrix(f"carelink://{invitation.link}"), name=tr("Lien d’invitation à scanner"), size=190
        )
        self.copy_link = Button(tr("Copier le lien"), icon="link")
        self.copy_link.clicked.connect(self._copy_link)
        until = local_time(invitation.expires)
        gap = metrics().gap
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap(14))
        column.addWidget(self.code)
        said = QWidget()
        words = QVBoxLayout(said)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(gap(10))
        words.addWidget(
            Paragraph(
                tr(
                    "Valable jusqu’au {day} à {clock}, pour une seule personne.",
                    day=day_words(until.date(), year=False),
                    clock=clock_words(until),
                )
            )
        )
        words.addWidget(
            Paragraph(
                tr(
                    "Donnez ce code, ou le lien, à la personne invitée seulement. À l’ouverture de "
                    "CareLink, elle choisit «\u00a0J’ai une invitation\u00a0». Si elle a déjà un "
                    "compte, elle choisit «\u00a0Rejoindre un cercle\u00a0»."
                ),
                tone="ink-2",
            )
        )
        words.addWidget(self.copy_link, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        square = QWidget()
        corner = QVBoxLayout(square)
        corner.setContentsMargins(0, 0, 0, 0)
        corner.addWidget(self.qr, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(FoldingColumns(said, square, fold_at=480))
        following = (
            tr("Elle entrera dans le cercle d’elle-même, dès que vos deux ordinateurs auront du réseau.")
            if in_person
            else tr(
                "Quand elle aura répondu, trois mots s’afficheront sur son écran. Appelez-la, et écrivez ces "
                "mots ici, dans «\u00a0Invitations en cours\u00a0»\u00a0: ils prouvent que c’est bien elle."
            )
        )
        column.addWidget(Banner(following, title=tr("Et ensuite")))
        column.addStretch(1)

    def _copy_link(self) -> None:
        QGuiApplication.clipboard().setText(self._link)
        self.copy_link.set_text(tr("Lien copié"), icon="check")
        announce(self, tr("Lien copié"))
