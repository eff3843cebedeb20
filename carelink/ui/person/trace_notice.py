"""A line that stays until it is acknowledged: a professional opened the medical record."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from PySide6.QtWidgets import QWidget

from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.services.trace import FirstOpening
from carelink.services.wording import of_name
from carelink.ui.person.file_notice import FileNotice
from carelink.ui.person.words import first_name
from carelink.ui.widgets import Banner
from carelink.ui.workspace import Workspace

_NAMED = 4


class OpeningNotice(FileNotice):
    """Tells the patient's side who first opened the medical record; hidden while there is nothing to tell."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(workspace, parent)
        self._openings: list[FirstOpening] = []

    @cached_property
    def banner(self) -> Banner:
        """Tells it."""
        banner = Banner("", tone="info", icon="stethoscope", action=self.button, parent=self)
        self._column.addWidget(banner)
        return banner

    def _look_up(self, view: CircleView) -> None:
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
