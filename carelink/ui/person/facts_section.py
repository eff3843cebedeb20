"""Facts about the person and what was decided, in *Cercle*: each reader sees what is theirs to know."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.services.decisions import DecisionView
from carelink.services.facts import FactView
from carelink.services.facts_words import dates_words, fact_name, proof_words
from carelink.services.wording import of_name
from carelink.ui.person.facts_dialog import EndFactDialog, FactDialog
from carelink.ui.person.moments import day_words, local_time
from carelink.ui.person.words import first_name
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Button, Card, Chip, FlowLayout, Label, Paragraph
from carelink.ui.workspace import Workspace

SHOWN_DECISIONS = 8


class FactsSection(QWidget):
    """Two cards: the facts, and the decisions for whoever runs the circle.

    Signals:
        local_change: A fact was written or ended here.
    """

    local_change = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._view: CircleView | None = None
        self.add_button = Button(tr("Ajouter"), variant="quiet", size="compact", icon="plus")
        self.add_button.clicked.connect(self.ask)
        self.facts = Card(tr("Personne de confiance, protection, directives"), action=self.add_button)
        self.decisions = Card(tr("Accords et raisons notés"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.facts)
        self._column.addWidget(self.decisions)
        self.facts.hide()
        self.decisions.hide()
        on_theme(self._space)

    def show_circle(self, view: CircleView) -> None:
        """Show what this account may know of a circle."""
        if self._view is not None and self._view.circle != view.circle:
            self.facts.hide()
            self.decisions.hide()
        self._view = view
        self.add_button.setVisible(view.may_keep_facts)
        circle, workspace = view.circle, self._workspace
        workspace.operations.vault(lambda: (circle, workspace.facts.known(circle)), self._show_facts)
        if view.may_keep_facts:
            workspace.operations.vault(
                lambda: (circle, workspace.decisions.read(circle)), self._show_decisions
            )
        else:
            self.decisions.hide()

    def ask(self) -> None:
        """Ask what to write down."""
        if self._view is not None:
            self._open(FactDialog(self._workspace, self._view, None, self.window()))

    def _open(self, dialog: FactDialog | EndFactDialog) -> None:
        dialog.kept.connect(self._kept)
        dialog.open()

    def _kept(self) -> None:
        self.local_change.emit()
        if self._view is not None:
            self.show_circle(self._view)

    def _correct(self, fact: FactView) -> None:
        if self._view is not None:
            self._open(FactDialog(self._workspace, self._view, fact, self.window()))

    def _end(self, fact: FactView) -> None:
        if self._view is not None:
            self._open(EndFactDialog(self._workspace, self._view, fact, self.window()))

    def _show_facts(self, found: tuple[str, list[FactView]]) -> None:
        circle, facts = found
        view = self._view
        if view is None or circle != view.circle:
            return
        self.facts.clear_rows()
        self.facts.setVisible(bool(facts) or view.may_keep_facts)
        name = first_name(view.patient.given) if view.patient else tr("cette personne")
        if not facts:
            self.facts.add_row(
                Paragraph(
                    tr(
                        "Rien n’est noté pour l’instant. Notez qui est la personne de confiance {of_name}, "
                        "s’il existe une mesure de protection ou des directives anticipées, et quel document "
                        "vous avez vu.",
                        of_name=of_name(name),
                    ),
                    tone="ink-2",
                )
            )
        for fact in facts:
            self.facts.add_row(self._row(fact, writable=view.may_keep_facts))
        if view.may_keep_facts:
            self.facts.add_row(
                Paragraph(
                    tr(
                        "Un fait n’ouvre aucun volet. La personne de confiance, une représentation, "
                        "l’existence de directives et le refus du SAMU sont dits à qui lit le dossier "
                        "médical\u202f; tout le reste, à vous et à qui coordonne ou représente {name}.",
                        name=name,
                    ),
                    "secondary",
                    tone="ink-2",
                )
            )

    def _row(self, fact: FactView, *, writable: bool) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        words = QVBoxLayout()
        words.setSpacing(metrics().gap(2))
        heads = QWidget()
        head = FlowLayout(heads, gap=8, row_gap=2)
        head.addWidget(Label(fact_name(fact.fact), "strong"))
        if fact.person:
            head.addWidget(Label(fact.person, "body"))
        for chip in _chips(fact):
            head.addWidget(chip)
        policy = heads.sizePolicy()
        policy.setHeightForWidth(True)
        heads.setSizePolicy(policy)
        words.addWidget(heads)
        details = [dates_words(fact.begins, fact.ends), fact.where, proof_words(fact), fact.reason]
        line = " · ".join(part for part in details if part)
        if line:
            words.addWidget(Paragraph(line, "secondary", tone="ink-2"))
        row.addLayout(words, 1)
        if writable and fact.full and not fact.over:
            what = fact_name(fact.fact)
            for text, icon, do in (
                (tr("Corriger"), "pencil", self._correct),
                (tr("Ne vaut plus"), "x", self._end),
            ):
                button = Button(text, variant="quiet", size="compact", icon=icon)
                button.setAccessibleName(
                    tr("{action}\u00a0: {what} {person}", action=text, what=what, person=fact.person).strip()
                )
                button.clicked.connect(partial(do, fact))
                row.addWidget(button)
        return holder

    def _show_decisions(self, found: tuple[str, list[DecisionView]]) -> None:
        circle, decisions = found
        if self._view is None or circle != self._view.circle:
            return
        self.decisions.clear_rows()
        self.decisions.setVisible(bool(decisions))
        for decision in decisions[:SHOWN_DECISIONS]:
            day = day_words(local_time(decision.time).date(), year=True)
            words = QVBoxLayout()
            words.setSpacing(metrics().gap(2))
            words.addWidget(Paragraph(decision.sentence))
            words.addWidget(
                Label(
                    tr("noté par {name} le {day}", name=decision.by, day=day),
                    "secondary",
                    tone="ink-2",
                    wrap=True,
                )
            )
            self.decisions.add_row(words)

    def _space(self) -> None:
        self._column.setSpacing(metrics().gap(14))


def _chips(fact: FactView) -> list[Chip]:
    chips = []
    if fact.over:
        chips.append(Chip(tr("ne vaut plus"), tone="neutral"))
    elif not fact.stands:
        chips.append(Chip(tr("ne vaut pas aujourd’hui"), icon="clock", tone="caution"))
    if fact.represents:
        chips.append(Chip(tr("représente la personne"), icon="shield-lock", tone="selected"))
    if fact.parallel:
        chips.append(Chip(tr("deux versions\u00a0: à vérifier"), icon="alert-circle", tone="caution"))
    if fact.told is False and fact.stands:
        chips.append(Chip(tr("pas encore dit aux soignants"), icon="hourglass", tone="caution"))
    return chips
