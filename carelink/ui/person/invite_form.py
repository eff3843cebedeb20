"""Whom to invite: as what, who, how the code is handed over, and how the person agreed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.access.roles import Function, Role
from carelink.language import tr
from carelink.services.emergency import LONGEST_HOURS
from carelink.services.invitations import InvitationRequest
from carelink.services.rights import RoleView, default_roles
from carelink.services.wording import compartment_name, of_name, role_name
from carelink.ui.person.access_rows import COLUMNS
from carelink.ui.person.invite_agreement import AgreementQuestions
from carelink.ui.theme import metrics
from carelink.ui.widgets import (
    Banner,
    Card,
    CheckBox,
    Label,
    LabeledField,
    Paragraph,
    RadioButton,
    Select,
    TextField,
)


class InviteForm(QWidget):
    """The questions. It checks the answers before anything is sent."""

    changed = Signal()

    def __init__(self, person: str, held: Sequence[str], parent: QWidget | None = None) -> None:
        """Make the form.

        Args:
            person: First name of the person cared for.
            held: Volets that the inviter reads, the only ones that an invitation opens at once.
            parent: The Qt parent.
        """
        super().__init__(parent)
        self._roles = {role.role: role for role in default_roles()}
        self._held = tuple(held)
        self.role = Select(tr("Rôle dans le cercle"))
        self.role.addItem(tr("Choisir un rôle"), "")
        for code in self._roles:
            words = role_name(code)
            self.role.addItem(words[:1].upper() + words[1:], code)
        self._role_field = LabeledField(tr("Rôle dans le cercle"), self.role)
        self.rights = Paragraph("", "secondary", tone="ink-2")
        self.on_call = Banner(
            tr(
                "La personne qui gère le relais et la personne d’astreinte, ensemble, pourraient ouvrir le "
                "dossier {of_name} sans laisser de trace. N’en invitez une que si vous faites confiance à "
                "l’une et à l’autre.",
                of_name=of_name(person),
            ),
            title=tr("Ce que l’astreinte rend possible"),
            tone="caution",
        )
        self.name = TextField(tr("Nom de la personne invitée"), placeholder=tr("Anne Maurel"))
        self._name_field = LabeledField(
            tr("Nom"), self.name, help_text=tr("Pour vous y retrouver\u202f; elle donnera elle-même le sien.")
        )
        self.relation = TextField(
            tr("Lien avec la personne"), placeholder=tr("fille, voisin, kinésithérapeute")
        )
        self._relation_field = LabeledField(tr("Lien, tel qu’il sera affiché"), self.relation)
        self.remote = RadioButton(
            tr("À distance\u00a0: je vérifierai trois mots avec elle avant de la laisser entrer")
        )
        self.in_person = RadioButton(
            tr("En main propre\u00a0: elle est devant moi et entrera dès que j’aurai du réseau")
        )
        self.remote.setChecked(True)
        self.history = CheckBox(tr("Peut lire ce qui a été écrit avant son arrivée"))
        self.history.setChecked(True)
        self.functions = {
            Function.COORDINATOR: CheckBox(
                tr(
                    "Coordonne aussi ce cercle\u00a0: invite, retire, et voit qui a consulté le dossier, "
                    "sans rien lire de plus"
                )
            ),
            Function.REFERENT: CheckBox(tr("Référent ou référente de la famille")),
        }
        self.agreement = AgreementQuestions(person)
        self.problem = Label("", "secondary", tone="urgent", wrap=True)
        self.problem.hide()
        self._lay_out()
        self.role.currentIndexChanged.connect(self._follow_role)
        self.agreement.changed.connect(self.changed)
        self._follow_role()

    def request(self) -> InvitationRequest | None:
        """Return what is asked for, or None once the form says what is missing."""
        code = str(self.role.currentData())
        if not code:
            self._miss(tr("Choisissez d’abord le rôle de la personne invitée."), self.role)
            return None
        if (missing := self.agreement.missing()) is not None:
            self._miss(*missing)
            return None
        given = self.agreement.given()
        self.say("")
        return InvitationRequest(
            role=code,
            name=self.name.text(),
            relation=self.relation.text().strip(),
            functions=tuple(
                function.value
                for function, box in self.functions.items()
                if box.isChecked() and not box.isHidden()
            ),
            in_person=self.in_person.isChecked(),
            history=self.history.isChecked() or self.history.isHidden(),
            agreed=given.how,
            agreed_reason=given.reason,
            no_measure=given.no_measure,
        )

    def say(self, sentence: str) -> None:
        """Show what went wrong, or nothing."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def _miss(self, sentence: str, where: QWidget) -> None:
        self.say(sentence)
        where.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        gap = metrics().gap
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap(16))
        column.addWidget(self._role_field)
        column.addWidget(self.rights)
        column.addWidget(self.on_call)
        column.addWidget(self._name_field)
        column.addWidget(self._relation_field)
        column.addWidget(_stack(*self.functions.values()))
        hand = Card(tr("Comment lui donner le code"))
        hand.add_row(_stack(self.remote, self.in_person))
        column.addWidget(hand)
        column.addWidget(self.history)
        column.addWidget(self.agreement)
        column.addWidget(self.problem)
        column.addStretch(1)

    def _follow_role(self) -> None:
        role = self._roles.get(str(self.role.currentData()))
        self.rights.setVisible(role is not None)
        patient_side = role is not None and Role(role.role).is_patient_side
        on_call = role is not None and role.role == Role.ON_CALL
        self.on_call.setVisible(on_call)
        # Whoever decides for the person runs the circle by that alone; who is on call has nothing else in it.
        self.functions[Function.COORDINATOR].setVisible(role is not None and not patient_side and not on_call)
        self.functions[Function.REFERENT].setVisible(role is not None and role.professional and not on_call)
        self.history.setVisible(role is not None and not role.professional and not patient_side)
        if role is not None:
            self.rights.set_text(rights_words(role, self._held))
        self.agreement.follow(role)


def rights_words(role: RoleView, held: Sequence[str]) -> str:
    """Return what a role will read and write, and what waits for someone who holds it."""
    if role.role == Role.ON_CALL:
        return tr(
            "Ne lira rien, sauf urgence\u00a0: elle dira alors pourquoi, tout le cercle en sera averti, et "
            "le dossier lui sera ouvert en lecture pendant {longest}\u00a0heures au plus.",
            longest=LONGEST_HOURS,
        )
    sentences = []
    both = [v for v in COLUMNS if v in role.reads and v in role.writes]
    reads = [v for v in COLUMNS if v in role.reads and v not in role.writes]
    nothing = [v for v in COLUMNS if v not in role.reads]
    for words, volets in (
        (tr("Lira et écrira\u00a0: {volets}."), both),
        (tr("Lira sans écrire\u00a0: {volets}."), reads),
        (tr("N’aura aucun accès\u00a0: {volets}."), nothing),
    ):
        if volets:
            sentences.append(words.format(volets=", ".join(compartment_name(v) for v in volets)))
    if any(volet not in held for volet in role.reads):
        sentences.append(
            tr(
                "Un membre qui lit le dossier médical devra donner son accord avant que cette personne "
                "le lise."
            )
        )
    return " ".join(sentences)


def _stack(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(metrics().gap(8))
    for widget in widgets:
        column.addWidget(widget)
    return holder
