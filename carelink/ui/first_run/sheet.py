"""The step of someone's first minutes that makes their recovery sheet, or puts it off."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.services.sheets import Sheet
from carelink.ui.first_run.account import Errand, journey_steps
from carelink.ui.recovery.making import SheetMaking
from carelink.ui.widgets import Button, Card, Label, StepIndicator
from carelink.ui.widgets.centred import CentredPage
from carelink.ui.workspace import Workspace


class SheetPage(QWidget):
    """Made for one new account, with the sheet that was made with it.

    Signals:
        left: It was made, or put off: the first steps go on.
    """

    left = Signal()

    def __init__(
        self, workspace: Workspace, sheet: Sheet, errand: Errand, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        page = CentredPage(640)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        self._scroll = page.area.verticalScrollBar()
        self.making = SheetMaking(workspace.session, workspace.operations, sheet)
        self.making.moved.connect(self._moved)
        self.making.left.connect(self.left)
        self.making.finished.connect(self._finished)
        self.later_button = Button("")
        self.later_button.clicked.connect(self.making.leave)
        self.act_button = Button("", variant="primary")
        self.act_button.clicked.connect(self.making.act)
        foot = QHBoxLayout()
        foot.addWidget(self.later_button)
        foot.addStretch(1)
        foot.addWidget(self.act_button)
        card = Card()
        card.add_row(self.making)
        page.column.addWidget(StepIndicator(journey_steps(errand), current=2))
        page.column.addWidget(Label(tr("Votre feuille de secours"), "title", wrap=True))
        page.column.addWidget(card)
        page.column.addLayout(foot)
        self._moved()

    def focus_first(self) -> None:
        """Give the keyboard to the way on."""
        self.act_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _moved(self) -> None:
        making = self.making
        self.act_button.set_text(making.act_words())
        self.act_button.setEnabled(not making.busy)
        self.later_button.setEnabled(not making.busy)
        words = making.leave_words()
        self.later_button.setVisible(bool(words))
        if words:
            self.later_button.set_text(words)
        if making.step in {"what", "done"} and not making.busy:
            self.focus_first()

    def _finished(self) -> None:
        self._workspace.poke()
        self.left.emit()
