"""A person's file: who it is about, then its parts in tabs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QMoveEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from carelink.access.compartments import NOTE_STREAMS, RESTRICTED
from carelink.access.roles import Role
from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.ui.person.cahier_page import CahierPage
from carelink.ui.person.circle_notice import StayNotice
from carelink.ui.person.emergency_notice import EmergencyNotice
from carelink.ui.person.identity import IdentityBanner
from carelink.ui.person.trace_notice import OpeningNotice
from carelink.ui.theme import current_theme, metrics, on_theme
from carelink.ui.widgets import Separator, TabsBar
from carelink.ui.workspace import Workspace

if TYPE_CHECKING:
    from carelink.ui.person.circle_page import CirclePage
    from carelink.ui.person.emergency_panel import EmergencyPanel


@dataclass(frozen=True, slots=True)
class PersonFile:
    """What stands around a person's cahier.

    Attributes:
        readable, writable: The volets that this account reads, or keeps something of, and writes.
    """

    view: CircleView
    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()


def read_file(workspace: Workspace, circle: str) -> PersonFile:
    """Return a person's file as the vault has it, for any thread."""
    view = workspace.circles.show(circle)
    mine = view.mine
    if mine is None:
        return PersonFile(view)
    reads = workspace.cahier.readable(circle) if mine.active else ()
    # What came before a volet was closed, or before the stay ended, is still one's own to read; but an
    # emergency gives to read, not to keep.
    kept = () if mine.role == Role.ON_CALL else view.kept
    readable = tuple(stream.value for stream in NOTE_STREAMS if stream in reads or stream in kept)
    writable = workspace.cahier.writable(circle)
    if workspace.restricted.may_write(circle):
        writable = (*writable, RESTRICTED)
    if RESTRICTED in writable or workspace.restricted.reads(circle):
        readable = (*readable, RESTRICTED)
    return PersonFile(view, readable, writable)


class PersonPage(QWidget):
    """The file of one person at a time; `show_circle` chooses whose."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._circle = ""
        self._view: CircleView | None = None
        self._telling = False
        self._shut = False
        self.identity = IdentityBanner(self)
        self.tabs = TabsBar(tr("Parties du dossier"), [tr("Cahier"), tr("Cercle")], self)
        self.emergency = EmergencyNotice(workspace, self)
        self.notice = OpeningNotice(workspace, self)
        self.over = StayNotice(self)
        self._stack = QStackedWidget(self)
        self.cahier = CahierPage(workspace, self._stack)
        self._stack.addWidget(self.cahier)
        head = _Head(self)
        self._tab_row = QHBoxLayout(head)
        self._tab_row.addWidget(self.tabs)
        self._tab_row.addStretch(1)
        self.setFocusProxy(self.cahier)
        QWidget.setTabOrder(self.tabs, self.identity.say_where)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.identity)
        column.addWidget(head)
        column.addWidget(Separator(parent=self))
        column.addWidget(self.over)
        column.addWidget(self.emergency)
        column.addWidget(self.notice)
        column.addWidget(self._stack, 1)
        self.tabs.currentChanged.connect(self._turn_to)
        self.identity.status_wanted.connect(self._ask_status)
        self.emergency.ended.connect(self._refresh)
        self.cahier.circle_wanted.connect(self._show_members)
        self.cahier.local_change.connect(self._tell_others)
        workspace.circles_changed.connect(self._changed)
        on_theme(self._space)

    @cached_property
    def members(self) -> CirclePage:
        """Who is in and who reads what; built when first shown, for the cahier comes first."""
        from carelink.ui.person.circle_page import CirclePage

        page = CirclePage(self._workspace, self._stack)
        page.local_change.connect(self._members_changed)
        self._stack.addWidget(page)
        if self._view is not None:
            page.show_circle(self._view)
        return page

    @cached_property
    def panel(self) -> EmergencyPanel:
        """What stands in place of the cahier for who is on call, until they opened it."""
        from carelink.ui.person.emergency_panel import EmergencyPanel

        panel = EmergencyPanel(self._workspace, self._stack)
        panel.opened.connect(self._members_changed)
        self._stack.addWidget(panel)
        return panel

    @property
    def circle(self) -> str:
        """The id of the circle shown, or nothing."""
        return self._circle

    def show_circle(self, circle_id: str, known: PersonFile | None = None) -> None:
        """Open a person's file at the cahier; the opening is recorded for those who may see it.

        Args:
            circle_id: The circle around the person.
            known: The file, where it was just read.
        """
        self._circle = circle_id
        file = known or self._read()
        if file is None:
            return
        readable = file.readable
        self._show_view(file.view)
        self._shut = _is_shut(file)
        if self._shut:
            self.panel.show_circle(file.view)
        else:
            self.cahier.show_circle(file.view, readable, file.writable)
        self._turn_to(0)
        self.tabs.setCurrentIndex(0)
        trace = self._workspace.trace
        if readable:
            self._workspace.operations.vault(lambda: trace.record(circle_id, readable), self._recorded)

    def _read(self) -> PersonFile | None:
        try:
            return read_file(self._workspace, self._circle)
        except KnownError as error:
            self._workspace.operations.problem.emit(str(error))
            return None

    def _changed(self, circles: set[str]) -> None:
        if self._circle not in circles or self._telling:
            return
        self._refresh()

    def _refresh(self) -> None:
        file = self._read()
        if file is None:
            return
        if _is_shut(file) != self._shut:
            # The record has just been opened in an emergency, or closed again.
            self.show_circle(self._circle, file)
            return
        self._show_view(file.view)
        if self._shut:
            self.panel.show_circle(file.view)
        else:
            self.cahier.update_circle(file.view, file.readable, file.writable)

    def _show_view(self, view: CircleView) -> None:
        self._view = view
        self.identity.show_person(view)
        self.over.show_circle(view)
        self.emergency.show_circle(view)
        self.notice.show_circle(view)
        if "members" in vars(self):
            self.members.show_circle(view)

    def _recorded(self, _nothing: None) -> None:
        """The trace goes with the next exchange; it is not worth one of its own."""

    def _members_changed(self) -> None:
        self._refresh()
        self._workspace.poke()
        self._tell_others()

    def _ask_status(self) -> None:
        """Ask where the person is."""
        from carelink.ui.person.status_dialog import StatusDialog

        if self._view is not None:
            dialog = StatusDialog(self._workspace, self._view, self.window())
            dialog.said.connect(self._members_changed)
            dialog.open()

    def _tell_others(self) -> None:
        """Let the other screens follow what was written or read in this one."""
        self._telling = True
        self._workspace.circles_changed.emit({self._circle})
        self._telling = False

    def _turn_to(self, tab: int) -> None:
        front = self.panel if self._shut else self.cahier
        self._stack.setCurrentWidget(self.members if tab else front)
        self.setFocusProxy(front)
        # The ring follows its widget's moves; for it, another tab is one.
        QApplication.sendEvent(self.tabs, QMoveEvent(self.tabs.pos(), self.tabs.pos()))

    def _show_members(self) -> None:
        self.tabs.setCurrentIndex(1)
        self.tabs.setFocus(Qt.FocusReason.OtherFocusReason)

    def _space(self) -> None:
        self._tab_row.setContentsMargins(metrics().gap(16), 0, metrics().gap(28), 0)


def _is_shut(file: PersonFile) -> bool:
    """Whether the file is that of a person for whom the reader is on call, and not open to them."""
    mine = file.view.mine
    return mine is not None and mine.role == Role.ON_CALL and not file.readable


class _Head(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(current_theme().colors.card))
