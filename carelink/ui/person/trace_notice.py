"""A line that stays until it is acknowledged: a professional opened the medical record."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.services.trace import FirstOpening
from carelink.services.wording import of_name
from carelink.ui.person.words import first_name
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Banner, Button
from carelink.ui.workspace import Workspace

_NAMED = 4


class OpeningNotice(QWidget):
    """Tells the patient's side who first opened the medical record; hidden while there is nothing to tell."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._view: CircleView | None = None
        self._openings: list[FirstOpening] = []
        self._column = QVBoxLayout(self)
        self.hide()
        on_theme(self._space)

    # Made when first shown: seldom is there something to tell, and the cahier comes first.

    @cached_property
    def button(self) -> Button:
        """Acknowledges what is told."""
        button = Button(tr("J’ai vu"), icon="check")
        button.clicked.connect(self._acknowledge)
        return button

    @cached_property
    def banner(self) -> Banner:
        """Tells it."""
        banner = Banner("", tone="info", icon="stethoscope", action=self.button, parent=self)
        self._column.addWidget(banner)
        return banner

    def show_circle(self, view: CircleView) -> None:
        """Tell what there is to tell about a circle."""
        if self._view is None or self._view.circle != view.circle:
            self.hide()
        self._view = view
        if view.may_read_trace:
            self._workspace.operations.vault(self._workspace.trace.first_openings, self._show, self._unread)
        else:
            self.hide()

    def _show(self, openings: list[FirstOpening]) -> None:
        view = self._view
        if view is None:
            return
        here = [opening for opening in openings if opening.circle == view.circle]
        if here != self._openings or self.isHidden() != (not here):
            self._openings = here
            if here:
                self.banner.set_message(_told(here), title=self._title(view))
            self.setVisible(bool(here))

    def _title(self, view: CircleView) -> str:
        mine = next((member for member in view.members if member.mine), None)
        if mine is not None and mine.role == "patient":
            return tr("Votre dossier médical a été ouvert")
        person = first_name(view.patient.given) if view.patient is not None else tr("cette personne")
        return tr("Le dossier médical {of_name} a été ouvert", of_name=of_name(person))

    def _acknowledge(self) -> None:
        view = self._view
        if view is None:
            return
        circle, people = view.circle, [opening.person.id for opening in self._openings]
        trace = self._workspace.trace
        self._workspace.operations.vault(lambda: trace.acknowledge(circle, people), self._acknowledged)

    def _acknowledged(self, _nothing: None) -> None:
        if self._view is not None:
            self.show_circle(self._view)

    def _unread(self, _error: KnownError) -> None:
        """What there is to tell is told when the file is opened next."""

    def _space(self) -> None:
        gap = metrics().gap
        self._column.setContentsMargins(gap(28), gap(12), gap(28), 0)


def _told(openings: Sequence[FirstOpening]) -> str:
    sentences = [f"{opening.sentence}." for opening in openings[-_NAMED:]]
    rest = len(openings) - len(sentences)
    if rest:
        sentences.insert(
            0,
            tr("1\u00a0autre personne avant cela.")
            if rest == 1
            else tr("{count}\u00a0autres personnes avant cela.", count=rest),
        )
    return "\n".join(sentences)
