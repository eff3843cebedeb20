"""Lines above a file: the record is open in an emergency, or was, and someone is to acknowledge it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.services.emergency import EmergencyState, EmergencyView
from carelink.services.wording import of_name
from carelink.ui.person.emergency_words import end_words, under_way_words
from carelink.ui.person.file_notice import FileNotice
from carelink.ui.person.words import first_name
from carelink.ui.widgets import Banner
from carelink.ui.workspace import Workspace

_NAMED = 4
_AFTER_THE_END_MS = 1000


class EmergencyNotice(FileNotice):
    """Tells everybody who reads the record in an emergency, and who runs the circle until they saw it.

    Signals:
        ended: The time of an emergency is over.
    """

    ended = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(workspace, parent)
        self._to_review: tuple[int, ...] = ()
        self._said: dict[str, str] = {}
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.timeout.connect(self._is_over)

    @cached_property
    def open_banner(self) -> Banner:
        """Tells that the record is open now."""
        banner = Banner("", tone="urgent", icon="key", parent=self)
        self._column.insertWidget(0, banner)
        return banner

    @cached_property
    def review_banner(self) -> Banner:
        """Tells that the record was opened, until it is acknowledged."""
        banner = Banner("", tone="caution", icon="key", action=self.button, parent=self)
        self._column.addWidget(banner)
        return banner

    def _look_up(self, view: CircleView) -> None:
        circle, emergency = view.circle, self._workspace.emergency
        self._workspace.operations.vault(lambda: (circle, emergency.state(circle)), self._show, self._unread)

    def _show(self, found: tuple[str, EmergencyState]) -> None:
        circle, state = found
        view = self._view
        if view is None or view.circle != circle:
            return
        under_way = [opening for opening in state.opened if opening.under_way]
        to_review = [opening for opening in state.opened if opening.to_review and not opening.under_way]
        # Seen while it is under way, it is not told again once it has ended.
        reviewable = [opening for opening in state.opened if opening.to_review]
        self._to_review = tuple(opening.height for opening in reviewable)
        self._say_open(view, under_way)
        self._say_review(view, to_review)
        self.setVisible(bool(under_way or to_review))
        self._end.stop()
        if under_way:
            left = min(opening.until for opening in under_way) - self._workspace.session.clock()
            self._end.start(max(0, left) + _AFTER_THE_END_MS)

    def _say_open(self, view: CircleView, openings: Sequence[EmergencyView]) -> None:
        mine = next((opening for opening in openings if opening.mine), None)
        others = [opening for opening in openings if not opening.mine]
        sentences = [under_way_words(opening) for opening in others]
        if mine is not None:
            sentences.insert(
                0,
                tr(
                    "Vous pouvez lire le dossier jusqu’à {end}, sans y écrire. Tout le cercle en est averti.",
                    end=end_words(mine),
                ),
            )
        title = tr("Le dossier {of_name} est ouvert en urgence", of_name=_of_person(view))
        self._tell("open_banner", title, sentences)

    def _say_review(self, view: CircleView, openings: Sequence[EmergencyView]) -> None:
        told = [f"{opening.sentence}." for opening in openings[:_NAMED]]
        if rest := len(openings) - len(told):
            told.append(
                tr("1\u00a0autre fois avant cela.")
                if rest == 1
                else tr("{count}\u00a0autres fois avant cela.", count=rest)
            )
        title = tr("Le dossier {of_name} a été ouvert en urgence", of_name=_of_person(view))
        self._tell("review_banner", title, told)

    def _tell(self, which: str, title: str, sentences: Sequence[str]) -> None:
        if not sentences:
            self._said.pop(which, None)
            if which in vars(self):
                getattr(self, which).hide()
            return
        banner: Banner = getattr(self, which)
        text = "\n".join(sentences)
        # Said aloud once, and not at each exchange.
        if self._said.get(which) != title + text:
            self._said[which] = title + text
            banner.set_message(text, title=title)
        banner.show()

    def _acknowledge(self) -> None:
        view = self._view
        if view is None:
            return
        circle, heights, emergency = view.circle, self._to_review, self._workspace.emergency
        self._workspace.operations.vault(lambda: emergency.acknowledge(circle, heights), self._acknowledged)

    def _is_over(self) -> None:
        if self._view is not None:
            self.show_circle(self._view)
            self.ended.emit()


def _of_person(view: CircleView) -> str:
    return of_name(first_name(view.patient.given) if view.patient is not None else tr("cette personne"))
