"""In the circle: who is on call, what was opened in an emergency, and opposing it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.services.emergency import LONGEST_HOURS, EmergencyState, EmergencyView
from carelink.ui.person.emergency_words import past_words, under_way_words
from carelink.ui.person.words import first_name
from carelink.ui.theme import metrics
from carelink.ui.widgets import Button, Card, Dialog, Label, Paragraph, Toast, announce
from carelink.ui.workspace import Workspace


class EmergencySection(QWidget):
    """Emergency access in one circle.

    Signals:
        local_change: It was opposed here, or allowed again.
    """

    local_change = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._view: CircleView | None = None
        self._state: EmergencyState | None = None
        self.decide_button = Button("")
        self.decide_button.clicked.connect(self._ask)
        self.problem = Label("", "secondary", tone="urgent", wrap=True)
        self.problem.hide()
        self.card: Card | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_circle(self, view: CircleView) -> None:
        """Show a circle, or what changed in the one shown."""
        if self._view is None or self._view.circle != view.circle:
            self.hide()
            self._state = None
        self._view = view
        circle, emergency = view.circle, self._workspace.emergency
        self._workspace.operations.vault(lambda: (circle, emergency.state(circle)), self._show, self._unread)

    def sentences(self) -> list[str]:
        """Return what is said of it, line by line."""
        return [] if self.card is None else [p.plain_text() for p in self.card.findChildren(Paragraph)]

    def _show(self, found: tuple[str, EmergencyState]) -> None:
        circle, state = found
        if self._view is None or self._view.circle != circle:
            return
        if state == self._state and self.card is not None:
            return
        self._state = state
        self.decide_button.setParent(self)
        self.problem.setParent(self)
        if self.card is not None:
            self._column.removeWidget(self.card)
            self.card.hide()
            self.card.deleteLater()
        self.card = Card(tr("Accès d’urgence"))
        self.card.add_row(self._standing(state))
        for opening in state.opened:
            self.card.add_row(Paragraph(_told(opening)))
        self._column.addWidget(self.card)
        self.show()

    def _standing(self, state: EmergencyState) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics().gap(12))
        column.addWidget(Paragraph(self._standing_words(state), tone="ink-2"))
        column.addWidget(self.problem)
        self.decide_button.setVisible(state.may_decide)
        if state.may_decide:
            self.decide_button.set_text(
                tr("Permettre à nouveau l’accès d’urgence")
                if state.opposed
                else tr("S’opposer à l’accès d’urgence"),
                icon="key" if state.opposed else "hand-stop",
            )
            row = QHBoxLayout()
            row.addWidget(self.decide_button)
            row.addStretch(1)
            column.addLayout(row)
        return holder

    def _standing_words(self, state: EmergencyState) -> str:
        if state.opposed:
            return tr("L’accès d’urgence est refusé\u00a0: personne ne peut ouvrir le dossier en urgence.")
        if not state.on_call:
            return tr("Personne n’est d’astreinte\u00a0: personne ne peut ouvrir le dossier en urgence.")
        return tr(
            "D’astreinte\u00a0: {names}. L’astreinte ne lit rien d’ordinaire. En urgence, elle peut ouvrir "
            "le dossier pendant {longest}\u00a0heures au plus\u00a0: elle dit pourquoi, et tout le cercle en "
            "est averti avant.",
            names=", ".join(state.on_call),
            longest=LONGEST_HOURS,
        )

    def _ask(self) -> None:
        state, view = self._state, self._view
        if state is None or view is None:
            return
        if state.opposed:
            title = tr("Permettre à nouveau l’accès d’urgence\u202f?")
            does = tr(
                "Une personne pourra de nouveau être mise d’astreinte. Celles qui l’étaient ne le "
                "redeviennent pas d’elles-mêmes."
            )
            says = tr("Permettre à nouveau")
        else:
            title = tr("S’opposer à l’accès d’urgence\u202f?")
            names = ", ".join(state.on_call)
            ends = (
                tr("{names} ne pourra plus ouvrir le dossier, ni le lire s’il est ouvert.", names=names)
                if len(state.on_call) == 1
                else tr(
                    "{names} ne pourront plus ouvrir le dossier, ni le lire s’il est ouvert.", names=names
                )
            )
            does = tr(
                "Plus personne ne pourra ouvrir ce dossier en urgence, pas même si {name} ne peut pas "
                "répondre. Les clés gardées prêtes sont effacées et changées. Ce qui a déjà été reçu reste "
                "reçu. Vous pourrez le permettre à nouveau.",
                name=self._person(),
            )
            does = f"{ends} {does}" if names else does
            says = tr("S’opposer")
        dialog = Dialog(title, parent=self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAccessibleDescription(does)
        # In the body, which scrolls where the words are many and large.
        dialog.body.addWidget(Paragraph(does))
        dialog.body.addStretch(1)
        primary = dialog.set_primary(says, variant="primary" if state.opposed else "danger")
        primary.clicked.connect(dialog.accept)
        dialog.accepted.connect(self._decide)
        dialog.open()

    def _decide(self) -> None:
        state, view = self._state, self._view
        if state is None or view is None:
            return
        self._say("")
        self.decide_button.setEnabled(False)
        circle, wanted, emergency = view.circle, not state.opposed, self._workspace.emergency
        self._workspace.operations.network(
            lambda: emergency.oppose(circle, opposed=wanted), self._decided, self._refused
        )

    def _decided(self, _nothing: None) -> None:
        self.decide_button.setEnabled(True)
        opposes = self._state is not None and not self._state.opposed
        Toast.show_in(
            self.window(),
            tr("L’accès d’urgence est refusé") if opposes else tr("L’accès d’urgence est permis à nouveau"),
        )
        self.local_change.emit()
        if self._view is not None:
            self.show_circle(self._view)

    def _refused(self, error: KnownError) -> None:
        self.decide_button.setEnabled(True)
        self._say(str(error))
        announce(self, str(error))

    def _say(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def _person(self) -> str:
        patient = self._view.patient if self._view is not None else None
        return first_name(patient.given) if patient is not None else tr("cette personne")

    def _unread(self, _error: KnownError) -> None:
        """The sync state says it already; the section stays as it was."""


def _told(opening: EmergencyView) -> str:
    return under_way_words(opening) if opening.under_way else past_words(opening)
