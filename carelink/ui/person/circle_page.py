"""The circle: who is in it, who reads what, who waits to come in, who consulted."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from carelink.access.roles import Function, Role
from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.services.invitations import Admitted, InvitationView
from carelink.services.rights import default_roles
from carelink.services.wording import of_name
from carelink.ui.letters.dialog import LettersDialog
from carelink.ui.person.access_rows import member_rows, role_rows
from carelink.ui.person.access_table import AccessTable
from carelink.ui.person.circle_history import DecisionsCard, PastMembers
from carelink.ui.person.emergency_section import EmergencySection
from carelink.ui.person.facts_section import FactsSection
from carelink.ui.person.invitation_rows import InvitationRow, VouchRow
from carelink.ui.person.invite_dialog import InviteDialog
from carelink.ui.person.member_change import ChangeDialog
from carelink.ui.person.member_dialog import MemberDialog
from carelink.ui.person.member_plans import leaving
from carelink.ui.person.succession_card import SuccessionCard
from carelink.ui.person.trace_dialog import TraceDialog
from carelink.ui.person.words import first_name
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Banner, Button, Card, FlowLayout, Label, Paragraph, Toast, scrolling
from carelink.ui.workspace import Workspace

ASK_EVERY_MS = 20_000


class CirclePage(QWidget):
    """Everything about a circle's members.

    Signals:
        local_change: Someone was let in or countersigned here.
    """

    local_change = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._view: CircleView | None = None
        self._invitations: list[InvitationView] = []
        self._asking = False
        self._ask_soon = False
        self._rows: dict[str, InvitationRow | VouchRow] = {}
        self.title = Label("", "heading", wrap=True)
        self.subtitle = Paragraph("", tone="ink-2")
        self.trace_button = Button(tr("Qui a consulté"), icon="history")
        self.trace_button.clicked.connect(self._show_trace)
        self.leave_button = Button(tr("Quitter ce cercle"), icon="door")
        self.leave_button.clicked.connect(self.leave)
        self.invite_button = Button(tr("Inviter"), variant="primary", icon="user-plus")
        self.invite_button.clicked.connect(self.invite)
        self.alarm = Banner("", tone="urgent")
        self.alarm.hide()
        self.emergency = EmergencySection(workspace)
        self.emergency.local_change.connect(self.local_change)
        self.waiting: Card | None = None
        self.letters_button: Button | None = None
        self.members = AccessTable(tr("Membres du cercle et ce qu’ils lisent"), tr("Personne"))
        self.members.opened.connect(self.show_member)
        self.advice = Banner(
            tr(
                "Une seule personne fait vivre ce cercle : vous. Deux sont conseillées, pour que le cercle "
                "continue quand l’une s’absente."
            ),
            icon="users",
        )
        self.advice.hide()
        self.decisions = DecisionsCard()
        self.decisions.opened.connect(self.show_member)
        self.past = PastMembers()
        self.succession = SuccessionCard(workspace)
        self.succession.local_change.connect(self.local_change)
        self.facts = FactsSection(workspace)
        self.facts.local_change.connect(self.local_change)
        self.roles = AccessTable(tr("Ce que chaque rôle lit par défaut"), tr("Rôle"))
        self.roles.set_rows(role_rows(default_roles()))
        self._lay_out()
        self._ask_timer = QTimer(self)
        self._ask_timer.setInterval(ASK_EVERY_MS)
        self._ask_timer.timeout.connect(self._ask_relay)
        on_theme(self._space)

    def show_circle(self, view: CircleView) -> None:
        """Show a circle, or what changed in the one shown."""
        other = self._view is None or self._view.circle != view.circle
        self._view = view
        name = self._person()
        self.title.setText(tr("Qui est dans le cercle {of_name}, et qui lit quoi", of_name=of_name(name)))
        self.subtitle.set_text(_subtitle(view, name))
        mine = view.mine
        self.leave_button.setVisible(mine is not None and mine.active and view.state == "member")
        self.advice.setVisible(_runs_alone(view))
        self.decisions.show_decisions(view)
        self.past.show_members(view)
        self.invite_button.setVisible(view.may_invite)
        self.trace_button.setVisible(view.may_read_trace)
        self._show_alarm(view)
        self.members.set_rows(member_rows(view))
        self.emergency.show_circle(view)
        self.facts.show_circle(view)
        self.succession.show_circle(view)
        if other:
            self._invitations = []
        self._show_waiting()
        self._read_invitations()

    def invite(self) -> None:
        """Ask whom to invite."""
        view = self._view
        if view is None or not view.may_invite:
            return
        mine = view.mine
        held = mine.reads if mine is not None else ()
        dialog = InviteDialog(self._workspace, view.circle, self._person(), held, self.window())
        dialog.invited.connect(self._read_invitations)
        dialog.open()

    def leave(self) -> None:
        """Ask whether to leave, once what it does has been said."""
        view = self._view
        if view is not None:
            plan = leaving(self._workspace, view, self._person())
            dialog = ChangeDialog(self._workspace, plan, None, self)
            dialog.made.connect(self._changed)
            dialog.open()

    def show_member(self, member: str) -> None:
        """Show one member, and what may be changed of them."""
        view = self._view
        shown = next((m for m in view.members if m.id == member), None) if view is not None else None
        if view is None or shown is None:
            return
        dialog = MemberDialog(self._workspace, view, shown, self)
        dialog.changed.connect(self._changed)
        dialog.open()

    def _changed(self, done: str) -> None:
        self.local_change.emit()
        Toast.show_in(self.window(), done)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask the relay who answered, now and from time to time."""
        super().showEvent(event)
        self._ask_timer.start()
        # The first time, which invitations there are is still being read.
        self._ask_soon = True
        self._ask_relay()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask no more."""
        super().hideEvent(event)
        self._ask_timer.stop()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.addWidget(self.title)
        words.addWidget(self.subtitle)
        words.addStretch(1)
        holder = QWidget()
        buttons = FlowLayout(holder, gap=10)
        buttons.addWidget(self.trace_button)
        buttons.addWidget(self.leave_button)
        buttons.addWidget(self.invite_button)
        holder.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._head = QHBoxLayout()
        self._head.addLayout(words, 1)
        self._head.addWidget(holder)
        self._default_title = Label(tr("Qui peut lire quoi\u202f?"), "heading", wrap=True)
        self._default_text = Paragraph(
            tr("Ce que chaque rôle lit et écrit par défaut, dans tous les cercles."),
            tone="ink-2",
        )
        self._column = QVBoxLayout()
        self._column.addLayout(self._head)
        self._column.addWidget(self.alarm)
        self._column.addWidget(self.advice)
        self._column.addWidget(self.members)
        self._column.addWidget(self.decisions)
        self._column.addWidget(self.emergency)
        self._column.addWidget(self.past)
        self._column.addWidget(self.succession)
        self._column.addWidget(self.facts)
        self._column.addWidget(self._default_title)
        self._column.addWidget(self._default_text)
        self._column.addWidget(self.roles)
        self._column.addStretch(1)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(scrolling(self._column))

    def _person(self) -> str:
        patient = self._view.patient if self._view is not None else None
        return first_name(patient.given) if patient is not None else tr("cette personne")

    def _show_alarm(self, view: CircleView) -> None:
        odd = [member.name for member in view.members if not member.consistent]
        sentence = ""
        if view.alarm:
            sentence = tr(
                "Le relais a présenté une liste de membres qui se contredit\u00a0: les changements de "
                "membres sont arrêtés, vos notes restent dans votre coffre. Prévenez les autres membres."
            )
        elif odd:
            sentence = tr(
                "Les droits publiés de {names} ne sont pas ceux du rôle annoncé. Vérifiez avec la personne "
                "qui coordonne le cercle avant d’écrire.",
                names=", ".join(odd),
            )
        if sentence and self.alarm.accessibleName() != sentence:
            self.alarm.set_message(sentence)
        self.alarm.setVisible(bool(sentence))

    def _show_waiting(self) -> None:
        """Show invitations and promises; what is being typed is never thrown away."""
        view = self._view
        if view is None:
            return
        promised = [member for member in view.members if member.active and member.vouchable]
        wanted = {f"{i.invitation}/{i.state}" for i in self._invitations} | {m.id for m in promised}
        if wanted == set(self._rows):
            return
        typed = {
            key: row.words.text()
            for key, row in self._rows.items()
            if isinstance(row, InvitationRow) and row.words is not None
        }
        if self.waiting is not None:
            self._column.removeWidget(self.waiting)
            self.waiting.hide()
            self.waiting.deleteLater()
            self.waiting = None
        self._rows = {}
        if not wanted:
            return
        names = {member.id: member.name for member in view.members}
        self.letters_button = self._offer_letters()
        self.waiting = Card(
            tr("En attente de vous") if promised else tr("Invitations en cours"), action=self.letters_button
        )
        for member in promised:
            vouch = VouchRow(member, names.get(member.invited_by, ""))
            vouch.vouched.connect(self._vouch)
            self._rows[member.id] = vouch
            self.waiting.add_row(vouch)
        for invitation in sorted(self._invitations, key=lambda i: i.state != "answered"):
            key = f"{invitation.invitation}/{invitation.state}"
            row = InvitationRow(invitation)
            row.confirmed.connect(self._confirm)
            if row.words is not None:
                row.words.setText(typed.get(key, ""))
            self._rows[key] = row
            self.waiting.add_row(row)
        self._column.insertWidget(2, self.waiting)

    def _offer_letters(self) -> Button | None:
        if not any(invitation.state == "open" for invitation in self._invitations):
            return None
        button = Button(tr("Imprimer des lettres"), variant="quiet", size="compact", icon="printer")
        button.clicked.connect(self._print_letters)
        return button

    def _print_letters(self) -> None:
        view = self._view
        if view is None:
            return
        dialog = LettersDialog(self._workspace, view.circle, self._person(), parent=self.window())
        dialog.saved.connect(self._letters_saved)
        dialog.open()

    def _letters_saved(self, count: int) -> None:
        told = tr("1\u00a0lettre enregistrée") if count == 1 else tr("{n}\u00a0lettres enregistrées", n=count)
        Toast.show_in(self.window(), told)

    def _read_invitations(self) -> None:
        view = self._view
        if view is None or not view.may_invite:
            return
        circle, invitations = view.circle, self._workspace.invitations
        self._workspace.operations.vault(
            lambda: (circle, invitations.pending(circle)), self._have_invitations, self._unreadable
        )

    def _have_invitations(self, found: tuple[str, list[InvitationView]]) -> None:
        self._asking = False
        circle, invitations = found
        if self._view is not None and circle == self._view.circle:
            self._invitations = invitations
            self._show_waiting()
            if self._ask_soon and self.isVisible():
                self._ask_soon = False
                self._ask_relay()

    def _ask_relay(self) -> None:
        view = self._view
        if view is None or not view.may_invite or self._asking:
            return
        if not any(invitation.state == "open" for invitation in self._invitations):
            return
        self._asking, self._ask_soon = True, False
        circle, invitations = view.circle, self._workspace.invitations
        self._workspace.operations.network(
            lambda: (circle, invitations.refresh(circle)), self._have_invitations, self._unreadable
        )

    def _unreadable(self, _error: KnownError) -> None:
        """The sync state says it already; the list stays as it was."""
        self._asking = False

    def _confirm(self, invitation: str, words: str) -> None:
        view = self._view
        if view is None:
            return
        circle, invitations = view.circle, self._workspace.invitations
        row = self._rows.get(f"{invitation}/answered")
        self._workspace.operations.network(
            lambda: invitations.confirm(circle, invitation, words),
            self._let_in,
            row.say_error if row is not None else None,
        )

    def _let_in(self, admitted: list[Admitted]) -> None:
        names = ", ".join(person.name for person in admitted)
        if names:
            Toast.show_in(self.window(), tr("{names} fait maintenant partie du cercle", names=names))
        self.local_change.emit()
        self._read_invitations()

    def _vouch(self, member: str) -> None:
        view = self._view
        if view is None:
            return
        circle, invitations = view.circle, self._workspace.invitations
        row = self._rows.get(member)
        self._workspace.operations.network(
            lambda: invitations.vouch(circle, member),
            self._vouched,
            row.say_error if row is not None else None,
        )

    def _vouched(self, _nothing: None) -> None:
        self.local_change.emit()

    def _show_trace(self) -> None:
        if self._view is not None:
            TraceDialog(self._workspace, self._view.circle, self._person(), self.window()).open()

    def _space(self) -> None:
        gap = metrics().gap
        self._column.setContentsMargins(gap(28), gap(20), gap(28), gap(28))
        self._column.setSpacing(gap(14))
        self._head.setSpacing(gap(16))


def _subtitle(view: CircleView, person: str) -> str:
    if any(member.active and member.role == Role.PATIENT for member in view.members):
        return tr(
            "{name} peut ouvrir ou fermer un volet à tout moment. Un volet fermé par {name} ne se rouvre "
            "que par {name}.",
            name=person,
        )
    return tr("Chaque volet a ses propres clés : qui n’y a pas accès n’en a rien sur son ordinateur.")


def _runs_alone(view: CircleView) -> bool:
    """Whether the account of this vault is the only one that runs the circle."""
    side = {Role.PATIENT, Role.LEGAL_REPRESENTATIVE}
    active = [member for member in view.members if member.active]
    runs = [m for m in active if Function.COORDINATOR in m.functions or m.role in side]
    return len(runs) == 1 and runs[0].mine and len(active) > 1
