"""By what right someone is invited: the care team, the person's agreement, a measure that represents them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.access.roles import Role
from carelink.language import tr
from carelink.records.bodies import AgreementHow
from carelink.services.rights import RoleView
from carelink.services.wording import of_name
from carelink.ui.theme import metrics
from carelink.ui.widgets import Card, LabeledField, Paragraph, RadioButton, TextField


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is recorded of it: how the person agreed, why they could not, why no measure is on record."""

    how: str
    reason: str
    no_measure: str


class AgreementQuestions(QWidget):
    """Asks what the role chosen needs.

    A professional is in the care team (CSP L.1110-12) or there by consent; anybody else by the person's
    agreement (L.1110-4); whoever represents the person by a measure that says so (L.1111-7).
    """

    changed = Signal()

    def __init__(self, person: str, parent: QWidget | None = None) -> None:
        """Ask about `person`, whose first name this is."""
        super().__init__(parent)
        self._measured = True
        self._role: RoleView | None = None
        ways = {
            AgreementHow.ORAL: tr("{name} a donné son accord à l’oral", name=person),
            AgreementHow.WRITTEN: tr("{name} a donné son accord par écrit", name=person),
            AgreementHow.REPRESENTATIVE: tr(
                "La personne qui représente {name} a donné son accord", name=person
            ),
        }
        team = {AgreementHow.CARE_TEAM: tr("Cette personne fait partie de l’équipe de soins")}
        unable = {AgreementHow.NONE: tr("L’accord ne peut pas être recueilli")}
        self.professional = {how: RadioButton(words) for how, words in (team | ways).items()}
        self.professional[AgreementHow.CARE_TEAM].setChecked(True)
        self.other = {how: RadioButton(words) for how, words in (ways | unable).items()}
        self.reason = TextField(tr("Raison"), placeholder=tr("par exemple\u00a0: ne peut plus s’exprimer"))
        self._reason_field = LabeledField(tr("Pour quelle raison"), self.reason)
        self.no_measure = TextField(
            tr("Raison"), placeholder=tr("par exemple\u00a0: jugement attendu le 12\u00a0janvier")
        )
        self._no_measure_field = LabeledField(tr("Pourquoi elle n’est pas encore notée"), self.no_measure)
        self._lay_out(person)
        for button in (*self.professional.values(), *self.other.values()):
            button.toggled.connect(self._follow)
        self.follow(None)

    def follow(self, role: RoleView | None) -> None:
        """Ask what this role needs."""
        self._role = role
        self._follow()

    def set_measured(self, measured: bool) -> None:
        """Tell whether a measure that represents the person is on record."""
        self._measured = measured
        self._follow()

    def missing(self) -> tuple[str, QWidget] | None:
        """Return what is not answered yet, in a sentence, and where."""
        if not self._other.isHidden():
            if self._chosen() is None:
                first = self.other[AgreementHow.ORAL]
                return tr("Dites comment l’accord de la personne a été recueilli."), first
            if self._chosen() is AgreementHow.NONE and not self.reason.text().strip():
                return tr("Dites pourquoi l’accord n’a pas pu être recueilli."), self.reason
        if not self._measure.isHidden() and not self.no_measure.text().strip():
            return tr("Dites pourquoi la mesure de protection n’est pas encore notée."), self.no_measure
        return None

    def given(self) -> Agreement:
        """Return the answers."""
        how = self._chosen()
        return Agreement(
            how=how.value if how is not None else "",
            reason=self.reason.text().strip() if how is AgreementHow.NONE else "",
            no_measure="" if self._measure.isHidden() else self.no_measure.text().strip(),
        )

    def _chosen(self) -> AgreementHow | None:
        shown = ((self._professional, self.professional), (self._other, self.other))
        buttons: Mapping[AgreementHow, RadioButton] = next(
            (b for card, b in shown if not card.isHidden()), {}
        )
        return next((how for how, button in buttons.items() if button.isChecked()), None)

    def _follow(self) -> None:
        role = self._role
        asked = role is not None and role.role != Role.ON_CALL
        self._professional.setVisible(asked and role is not None and role.professional)
        self._other.setVisible(asked and role is not None and not role.professional)
        represents = role is not None and role.role == Role.LEGAL_REPRESENTATIVE
        self._measure.setVisible(represents and not self._measured)
        self._reason_field.setVisible(self.other[AgreementHow.NONE].isChecked())
        self.changed.emit()

    def _lay_out(self, person: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics().gap(16))
        self._professional = self._card(
            tr("À quel titre"),
            tr(
                "Un professionnel lit parce qu’il fait partie de l’équipe de soins (CSP L.1110-12), ou parce "
                "que la personne y consent. C’est gardé dans le cercle."
            ),
            *self.professional.values(),
        )
        self._other = self._card(
            tr("L’accord {of_name}", of_name=of_name(person)),
            tr(
                "Inviter quelqu’un qui n’est pas professionnel demande son accord (CSP L.1110-4). "
                "Il est gardé dans le cercle."
            ),
            *self.other.values(),
            self._reason_field,
        )
        self._measure = self._card(
            tr("La mesure de protection"),
            tr(
                "Aucune mesure avec représentation relative à la personne n’est notée dans ce cercle "
                "(CSP L.1111-7). Notez-la dans «\u00a0Cercle\u00a0», ou dites pourquoi elle manque encore."
            ),
            self._no_measure_field,
        )
        for card in (self._professional, self._other, self._measure):
            column.addWidget(card)

    @staticmethod
    def _card(title: str, law: str, *rows: QWidget) -> Card:
        card = Card(title)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics().gap(8))
        for widget in (Paragraph(law, "secondary", tone="ink-2"), *rows):
            column.addWidget(widget)
        card.add_row(holder)
        return card
