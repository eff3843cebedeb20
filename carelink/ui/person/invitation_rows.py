"""What waits for the inviter: codes not used yet, people to let in, promised volets to countersign."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.access.compartments import Compartment
from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.invitations import InvitationView
from carelink.services.members import MemberView
from carelink.services.wording import compartment_name, of_name, role_name
from carelink.ui.person.moments import day_words, local_time
from carelink.ui.person.words import as_what
from carelink.ui.theme import metrics
from carelink.ui.widgets import (
    Avatar,
    Button,
    Chip,
    FlowLayout,
    Label,
    Paragraph,
    TextField,
    announce,
)


class InvitationRow(QWidget):
    """One invitation under way.

    Signals:
        confirmed: (invitation id, the words typed).
    """

    confirmed = Signal(str, str)

    def __init__(self, invitation: InvitationView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.invitation = invitation
        self.words: TextField | None = None
        self.confirm: Button | None = None
        self.problem = Label("", "secondary", tone="urgent", wrap=True)
        self.problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics().gap(8))
        if invitation.state == "answered":
            self._answered(column)
        else:
            self._open(column)
        column.addWidget(self.problem)

    def say_error(self, error: KnownError) -> None:
        """Show what an attempt met."""
        self.say(str(error))

    def say(self, sentence: str) -> None:
        """Show why nobody was let in, and let the inviter try again."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        if self.confirm is not None:
            self.confirm.setEnabled(True)
        if sentence:
            announce(self, sentence)

    def _open(self, column: QVBoxLayout) -> None:
        invitation = self.invitation
        who = invitation.name or tr("Quelqu’un")
        self._copy = Button(tr("Copier le lien"), variant="quiet", size="compact", icon="link")
        self._copy.clicked.connect(self._copy_link)
        until = day_words(local_time(invitation.expires).date(), year=False)
        column.addWidget(
            _flow(
                Label(who, "strong"),
                Label(role_name(invitation.role), "secondary", tone="ink-2"),
                Chip(tr("code pas encore utilisé"), icon="clock", tone="caution"),
                Label(
                    tr("code {code}, valable jusqu’au {day}", code=invitation.code, day=until),
                    "secondary",
                    tone="ink-2",
                ),
                self._copy,
            )
        )

    def _answered(self, column: QVBoxLayout) -> None:
        invitation = self.invitation
        who = invitation.answered_by
        head: list[QWidget] = [
            Avatar(who),
            Label(who, "strong"),
            Label(
                tr("rôle proposé\u00a0: {role}", role=role_name(invitation.role)), "secondary", tone="ink-2"
            ),
            Chip(tr("a répondu"), icon="user-check", tone="selected"),
        ]
        if invitation.profession and invitation.profession != invitation.role:
            claims = tr("se présente comme {role}", role=role_name(invitation.profession))
            head.append(Chip(claims, icon="alert-circle", tone="caution"))
        column.addWidget(_flow(*head))
        if invitation.in_person:
            column.addWidget(
                Paragraph(
                    tr("Le code a été donné en main propre\u00a0: l’entrée se fait d’elle-même."),
                    tone="ink-2",
                )
            )
            return
        column.addWidget(
            Paragraph(
                tr(
                    "Appelez {name} et faites-vous lire les trois mots affichés sur son écran. "
                    "S’ils sont les bons, c’est bien cette personne, et elle entre dans le cercle.",
                    name=who,
                ),
                tone="ink-2",
            )
        )
        self.words = TextField(tr("Les trois mots lus par {name}", name=who), placeholder=tr("trois mots"))
        self.confirm = Button(tr("Laisser entrer"), icon="user-check")
        self.words.returnPressed.connect(self._confirm)
        self.confirm.clicked.connect(self._confirm)
        column.addWidget(_flow(self.words, self.confirm))

    def _confirm(self) -> None:
        if self.words is None or self.confirm is None:
            return
        typed = self.words.text().strip()
        if not typed:
            self.say(tr("Écrivez d’abord les trois mots que cette personne vous lit."))
            self.words.setFocus()
            return
        self.say("")
        self.confirm.setEnabled(False)
        self.confirmed.emit(self.invitation.invitation, typed)

    def _copy_link(self) -> None:
        QGuiApplication.clipboard().setText(self.invitation.link)
        self._copy.set_text(tr("Lien copié"), icon="check")
        announce(self, tr("Lien copié"))


def _promise_words(member: MemberView) -> str:
    """Return what was promised to someone and what this reader's countersignature gives."""
    others = ", ".join(compartment_name(code) for code in member.vouchable if code != Compartment.CARE)
    if not others:
        return tr(
            "Le dossier médical lui est promis. Contresignez si vous savez qui est cette personne et "
            "qu’elle soigne\u00a0: elle lira alors tout le dossier médical."
        )
    if Compartment.CARE in member.vouchable:
        return tr(
            "Le dossier médical lui est promis, et avec lui\u00a0: {volets}. Contresignez si vous savez qui "
            "est cette personne et qu’elle soigne\u00a0: elle lira alors tout ce qui s’y trouve.",
            volets=others,
        )
    return tr(
        "Il lui est promis de lire\u00a0: {volets}. Contresignez si vous savez qui est cette "
        "personne\u00a0: elle lira alors tout ce qui s’y trouve.",
        volets=others,
    )


class VouchRow(QWidget):
    """Someone who was promised a volet and waits for the word of one who reads it.

    Signals:
        vouched: Id of the member.
    """

    vouched = Signal(str)

    def __init__(self, member: MemberView, inviter: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.member = member
        medical = Compartment.CARE in (member.vouchable or (Compartment.CARE,))
        self.button = Button(tr("Contresigner"), icon="stethoscope" if medical else "check")
        self.button.clicked.connect(self._vouch)
        self.problem = Label("", "secondary", tone="urgent", wrap=True)
        self.problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics().gap(8))
        what = as_what(member.role, member.relation)
        details = [what]
        if member.profession and role_name(member.profession) != what:
            details.append(role_name(member.profession))
        if member.rpps:
            details.append(tr("RPPS {number}, donné par cette personne", number=member.rpps))
        if inviter:
            details.append(tr("à l’invitation {of_name}", of_name=of_name(inviter)))
        column.addWidget(
            _flow(
                Avatar(member.name, key=member.id),
                Label(member.name, "strong"),
                Label(" · ".join(details), "secondary", tone="ink-2"),
                self.button,
            )
        )
        column.addWidget(
            Paragraph(
                _promise_words(member),
                tone="ink-2",
            )
        )
        column.addWidget(self.problem)

    def say_error(self, error: KnownError) -> None:
        """Show what an attempt met."""
        self.say(str(error))

    def say(self, sentence: str) -> None:
        """Show why nothing changed."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self.button.setEnabled(True)
        if sentence:
            announce(self, sentence)

    def _vouch(self) -> None:
        self.button.setEnabled(False)
        self.vouched.emit(self.member.id)


def _flow(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    flow = FlowLayout(holder, gap=10)
    for widget in widgets:
        flow.addWidget(widget)
    policy = holder.sizePolicy()
    policy.setHeightForWidth(True)
    holder.setSizePolicy(policy)
    return holder
