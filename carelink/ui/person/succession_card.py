"""In *Cercle*, for those who do not coordinate: what to do when the only one who does is gone."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.services.succession import SuccessionView
from carelink.ui.widgets import Button, Card, FlowLayout, Label, Paragraph, Select, Toast, announce
from carelink.ui.workspace import Workspace


class SuccessionCard(QWidget):
    """Shown while fewer than two people coordinate, to those who could name another.

    Signals:
        local_change: Someone was wanted here.
    """

    local_change = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._circle = ""
        self.card = Card(tr("Si plus personne ne coordonne"))
        self.advice = Paragraph("", tone="ink-2")
        self.wishes = Paragraph("", tone="ink-2")
        self.who = Select(tr("Qui devrait coordonner"))
        self.want = Button(tr("Je propose cette personne"), icon="user-check")
        self.want.clicked.connect(self._say)
        self.problem = Label("", "secondary", tone="urgent", wrap=True)
        self.problem.hide()
        self._choice = QWidget()
        flow = FlowLayout(self._choice, gap=10)
        flow.addWidget(self.who)
        flow.addWidget(self.want)
        policy = self._choice.sizePolicy()
        policy.setHeightForWidth(True)
        self._choice.setSizePolicy(policy)
        rows = QVBoxLayout()
        for widget in (self.advice, self.wishes, self._choice, self.problem):
            rows.addWidget(widget)
        self.card.add_row(rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.card)
        self.hide()

    def show_circle(self, view: CircleView) -> None:
        """Read who coordinates a circle."""
        if view.circle != self._circle:
            self.hide()
        self._circle = view.circle
        circle, succession = view.circle, self._workspace.succession
        if any(member.mine and member.active for member in view.members):
            self._workspace.operations.vault(
                lambda: (circle, view.may_invite, succession.read(circle)), self._show
            )

    def _show(self, found: tuple[str, bool, SuccessionView]) -> None:
        circle, runs, state = found
        if circle != self._circle:
            return
        self.setVisible(state.advised and state.possible and not runs)
        names = ", ".join(state.coordinators)
        if names:
            self.advice.set_text(
                tr(
                    "{name} est la seule personne à coordonner. Si elle ne répond plus, deux membres qui "
                    "proposent la même personne la désignent. Coordonner ne donne rien de plus à lire.",
                    name=names,
                )
            )
        else:
            self.advice.set_text(
                tr(
                    "Plus personne ne coordonne ce cercle. Deux membres qui proposent la même personne la "
                    "désignent. Coordonner ne donne rien de plus à lire."
                )
            )
        self.wishes.set_text(
            " ".join(tr("{by} propose {whom}.", by=wish.by, whom=wish.whom) for wish in state.wishes)
        )
        self.wishes.setVisible(bool(state.wishes))
        chosen = self.who.currentData()
        self.who.clear()
        for member, name in state.candidates:
            self.who.addItem(name, member)
        self.who.setCurrentIndex(max(0, self.who.findData(chosen)))

    def _say(self) -> None:
        member, circle, succession = str(self.who.currentData()), self._circle, self._workspace.succession
        self.want.setEnabled(False)
        self._fail("")
        self._workspace.operations.network(lambda: succession.want(circle, member), self._said, self._refused)

    def _said(self, appointed: bool) -> None:
        self.want.setEnabled(True)
        Toast.show_in(
            self.window(),
            tr("Cette personne coordonne maintenant le cercle")
            if appointed
            else tr("C’est noté\u00a0: il faut encore qu’une autre personne le dise"),
        )
        self.local_change.emit()

    def _refused(self, error: KnownError) -> None:
        self.want.setEnabled(True)
        self._fail(str(error))

    def _fail(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        if sentence:
            announce(self, sentence)
