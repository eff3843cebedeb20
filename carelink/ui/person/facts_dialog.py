"""Writing a fact down, correcting it, saying that it does not stand any more."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.records.facts import FactType
from carelink.services.circles import CircleView
from carelink.services.facts import FactRequest, FactView
from carelink.services.facts_words import fact_explained, fact_name
from carelink.ui.person.day_field import DayField
from carelink.ui.widgets import (
    CheckBox,
    Dialog,
    FoldingColumns,
    Label,
    LabeledField,
    Paragraph,
    Select,
    TextField,
    announce,
)
from carelink.ui.workspace import Workspace

_FOLD_AT = 400


class _Keeping(Dialog):
    """What both dialogs do with what the vault says.

    Signals:
        kept: It is in the vault.
    """

    kept = Signal()

    def __init__(self, title: str, text: str, parent: QWidget | None) -> None:
        super().__init__(title, text, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.problem = Label("", "secondary", tone="urgent", wrap=True)
        self.problem.hide()

    def _done(self, _result: object) -> None:
        self.kept.emit()
        self.accept()

    def _refused(self, error: KnownError) -> None:
        self._say(str(error))

    def _say(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        if sentence:
            announce(self, sentence)
            self.bring_into_view(self.problem)


class FactDialog(_Keeping):
    """One fact: what, who, since when, and the document that was seen."""

    def __init__(
        self, workspace: Workspace, view: CircleView, known: FactView | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            tr("Corriger ce qui est noté") if known else tr("Noter un fait"),
            tr("Un fait n’ouvre aucun volet\u00a0: seuls un rôle ou un accès accordé le font."),
            parent,
        )
        self._workspace, self._circle, self._known = workspace, view.circle, known
        self.fact = Select(tr("Ce que c’est"))
        for fact in FactType:
            self.fact.addItem(fact_name(fact), fact.value)
        self.explained = Paragraph("", "secondary", tone="ink-2")
        self.member = Select(tr("Membre du cercle"))
        self.member.addItem(tr("Pas dans le cercle"), "")
        for member in view.members:
            if member.active and not member.professional:
                self.member.addItem(member.name, member.id)
        self.person = TextField(tr("Nom"), placeholder=tr("Hélène Maurel"))
        self._member_field = LabeledField(tr("Membre du cercle"), self.member)
        self._person_field = LabeledField(tr("Nom de cette personne"), self.person)
        self.represents = CheckBox(tr("Avec représentation relative à la personne (écrit dans le jugement)"))
        self.where = TextField(tr("Où ou comment joindre"))
        self._where_field = LabeledField(tr("Comment la joindre"), self.where)
        self.begins, self.ends = DayField(tr("Depuis le")), DayField(tr("Jusqu’au"))
        self.document = TextField(tr("Document vu"), placeholder=tr("jugement du 12 mars 2025"))
        self.seen = DayField(tr("Vu le"))
        days = FoldingColumns(
            LabeledField(tr("Depuis le"), self.begins),
            LabeledField(tr("Jusqu’au"), self.ends),
            fold_at=_FOLD_AT,
        )
        proof = FoldingColumns(
            LabeledField(tr("Document vu"), self.document),
            LabeledField(tr("Vu le"), self.seen),
            fold_at=_FOLD_AT,
        )
        for widget in (
            LabeledField(tr("Ce que c’est"), self.fact),
            self.explained,
            self._member_field,
            self._person_field,
            self.represents,
            self._where_field,
            days,
            proof,
            self.problem,
        ):
            self.body.addWidget(widget)
        self.primary = self.set_primary(tr("Enregistrer"))
        self.primary.clicked.connect(self._keep)
        self.fact.currentIndexChanged.connect(self._follow)
        self.member.currentIndexChanged.connect(self._follow)
        if known is not None:
            self._fill(known)
        self._follow()

    def _fill(self, known: FactView) -> None:
        self.fact.setCurrentIndex(self.fact.findData(known.fact))
        self.member.setCurrentIndex(max(0, self.member.findData(known.member)))
        self.person.setText(known.person)
        self.represents.setChecked(known.represents)
        self.where.setText(known.where)
        self.document.setText(known.document)
        for field, day in ((self.begins, known.begins), (self.ends, known.ends), (self.seen, known.seen)):
            field.set_iso(day)

    def _follow(self) -> None:
        fact = FactType(str(self.fact.currentData()))
        self.explained.set_text(fact_explained(fact))
        inside = bool(self.member.currentData())
        self._member_field.setVisible(fact.names_someone)
        self._person_field.setVisible(fact.names_someone and not inside)
        self.represents.setVisible(fact.may_represent and fact is not FactType.GUARDIANSHIP_PERSON)
        self._where_field.setVisible(not fact.is_choice)
        self._where_field.label.setText(
            tr("Où les trouver") if fact is FactType.DIRECTIVES else tr("Comment la joindre")
        )
        self._say("")

    def _keep(self) -> None:
        fact = FactType(str(self.fact.currentData()))
        try:
            begins, ends, seen = (field.iso() for field in (self.begins, self.ends, self.seen))
        except ValueError:
            self._say(tr("Écrivez les dates ainsi\u00a0: 12/04/2026."))
            return
        member = str(self.member.currentData()) if fact.names_someone else ""
        person = self.person.text() if fact.names_someone and not member else ""
        wanted = FactRequest(
            fact=fact.value,
            person=person,
            member=member,
            represents=self.represents.isChecked() and not self.represents.isHidden(),
            begins=begins,
            ends=ends,
            document=self.document.text(),
            seen=seen,
            where="" if fact.is_choice else self.where.text(),
        )
        facts, circle, known = self._workspace.facts, self._circle, self._known
        if known is None:
            self._workspace.operations.vault(lambda: facts.record(circle, wanted), self._done, self._refused)
        else:
            self._workspace.operations.vault(
                lambda: facts.correct(circle, known.id, wanted), self._done, self._refused
            )


class EndFactDialog(_Keeping):
    """Why a fact does not stand any more."""

    def __init__(
        self, workspace: Workspace, view: CircleView, known: FactView, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            tr("{what}\u00a0: ne vaut plus", what=fact_name(known.fact)),
            tr("Ce qui était noté reste dans l’historique, avec votre raison."),
            parent,
        )
        self._workspace, self._circle, self._known = workspace, view.circle, known
        self.reason = TextField(tr("Pourquoi"), placeholder=tr("par exemple\u00a0: mesure levée"))
        self.body.addWidget(LabeledField(tr("Pourquoi"), self.reason))
        self.body.addWidget(self.problem)
        self.set_primary(tr("Enregistrer")).clicked.connect(self._keep)

    def _keep(self) -> None:
        facts, circle, fact, reason = self._workspace.facts, self._circle, self._known.id, self.reason.text()
        self._workspace.operations.vault(lambda: facts.end(circle, fact, reason), self._done, self._refused)
