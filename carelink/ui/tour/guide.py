"""Leads one window from screen to screen, the way someone would, and waits until each is there."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QApplication, QDialog, QScrollArea, QWidget

from carelink.errors import BugError
from carelink.services.circles import CircleSummary
from carelink.services.exchange.state import SyncState
from carelink.services.session import Session
from carelink.ui.main_window import MainWindow
from carelink.ui.person import PersonPage
from carelink.ui.shell.desk import Desk
from carelink.ui.tour.camera import Camera
from carelink.ui.tour.waiting import after, settled, until
from carelink.ui.widgets import Toast
from carelink.ui.workspace import Workspace

D = TypeVar("D", bound=QDialog)


class Guide:
    """One window and one camera.

    Args:
        window: The window, shown.
        camera: Takes the pictures.
    """

    def __init__(self, window: MainWindow, camera: Camera) -> None:
        self.window = window
        self._camera = camera
        self.profile = "newcomer"

    @property
    def desk(self) -> Desk:
        """The open account's desk."""
        if self.window.desk is None:
            raise BugError("no account is open")
        return self.window.desk

    @property
    def workspace(self) -> Workspace:
        """The open account."""
        return self.desk.workspace

    @property
    def session(self) -> Session:
        """The open account's session."""
        return self.workspace.session

    @property
    def person(self) -> PersonPage:
        """The person's file."""
        return self.desk.person

    def shoot(self, screen: str) -> None:
        """Take a picture once nothing is under way."""
        if self.window.desk is not None:
            settled(self.workspace.operations)
        self._camera.shoot(self.window, self.profile, screen)

    def arrive(self) -> None:
        """Wait until an account is open, its list read and a first exchange done."""
        until(lambda: self.window.desk is not None, "an account opens")
        heard: list[SyncState] = []
        workspace = self.workspace
        workspace.sync_state_changed.connect(heard.append)
        until(
            lambda: bool(heard) and not workspace.running and heard[-1].offline_since is None,
            "the first exchange",
        )
        workspace.sync_state_changed.disconnect(heard.append)
        settled(workspace.operations)

    def open_person(self, summary: CircleSummary) -> None:
        """Open a person's file at the cahier."""
        after(self.person.cahier.model.loaded, lambda: self.desk.show_person(summary), "the cahier")

    def summaries(self) -> list[CircleSummary]:
        """Return the persons of the list."""
        until(lambda: bool(self.desk.persons.model.summaries()), "the list of persons")
        return list(self.desk.persons.model.summaries())

    def show(self, code: str) -> None:
        """Choose what the cahier shows, by the code of a chip."""
        cahier = self.person.cahier
        chips = cahier.filters.chips
        if chips is not None and chips.current() != code:
            after(cahier.model.loaded, chips.chip(code).click, f"the filter {code}")

    def search(self, words: str) -> None:
        """Look for words in the cahier."""
        cahier = self.person.cahier
        after(cahier.model.loaded, lambda: cahier.filters.search.setText(words), "the search")

    def dialog(self, kind: type[D]) -> D:
        """Return the open dialog of a kind, once it is open."""

        def find() -> D | None:
            found = (w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible())
            return next(found, None)

        until(lambda: find() is not None, f"a {kind.__name__}")
        found = find()
        if found is None:
            raise BugError("a dialog that closed by itself")
        return found

    def close(self, dialog: QDialog) -> None:
        """Close a dialog."""
        after(dialog.finished, dialog.reject, "a dialog closes")

    def scroll(self, page: QWidget, *, end: bool) -> None:
        """Scroll a page to its end, or back to its start."""
        for area in page.findChildren(QScrollArea):
            if area.isVisible():
                bar = area.verticalScrollBar()
                bar.setValue(bar.maximum() if end else bar.minimum())

    def quiet(self) -> None:
        """Take away what is said in passing, which would go by itself."""
        for toast in self.window.findChildren(Toast):
            toast.hide()

    def lock(self) -> None:
        """Close the account, and wait until its vault is closed."""
        self.window.lock()
        self.window.settle()
