"""A nurse, a doctor and a daughter around Jeanne, with a relay in memory; each can open a window."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from carelink.services.cahier import Cahier
from carelink.services.session import Session
from carelink.ui.person import PersonPage
from carelink.ui.workspace import Workspace
from tests.sync.fixtures import Grown, empty_vault, grown, house
from tests.sync.house import House, sync
from tests.ui.conftest import Show

__all__ = ["empty_vault", "grown", "house"]

HOUR = 3_600_000
DAY = 24 * HOUR


@dataclass
class Around:
    """Jeanne's circle."""

    house: House
    circle: str

    def __post_init__(self) -> None:
        self.nurse, self.doctor, self.daughter = self.house.sessions[:3]

    def exchange(self) -> None:
        for session in (self.nurse, self.doctor, self.daughter, self.nurse):
            sync(session)

    def write(self, session: Session, compartment: str, text: str, *, urgent: bool = False) -> str:
        return Cahier(session).write(self.circle, compartment, text, urgent=urgent)


def begun(house: House) -> str:
    house.clock.now = time.time_ns() // 1_000_000 - 2 * DAY
    nurse = house.account("Claire Martin", "nurse")
    doctor = house.account("Dr Paul Petit", "physician")
    daughter = house.account("Anne Maurel")
    circle = house.circle(nurse)
    house.let_in(nurse, circle, doctor, "physician", relation="médecin traitant")
    house.let_in(nurse, circle, daughter, "relative", relation="fille")
    Around(house, circle).exchange()
    return circle


@pytest.fixture
def around(house: House, grown: Grown) -> Around:
    return Around(house, grown(house, begun))


Open = Callable[[Session], PersonPage]
D = TypeVar("D", bound=QDialog)


def opened(page: PersonPage, kind: type[D], qtbot: QtBot) -> D:
    """Return the dialog that a page has just opened, once it has the keyboard."""
    dialog = page.findChild(kind)
    assert dialog is not None
    qtbot.waitActive(dialog)
    QApplication.processEvents()
    return dialog


@pytest.fixture
def workspaces() -> Iterator[Callable[[Session], Workspace]]:
    made: list[Workspace] = []

    def make(session: Session) -> Workspace:
        made.append(Workspace(session))
        return made[-1]

    yield make
    for workspace in made:
        workspace.close()
    for workspace in made:
        workspace.wait_closed(10)


@pytest.fixture
def open_file(
    around: Around,
    workspaces: Callable[[Session], Workspace],
    show: Show,
    qapp: QApplication,
) -> Iterator[Open]:
    """Open Jeanne's file as someone, in a window of the usual size."""
    kept: list[PersonPage] = []

    def open_as(session: Session) -> PersonPage:
        page = PersonPage(workspaces(session))
        page.resize(1348, 840)
        kept.append(page)
        page.show_circle(around.circle)
        show(page)
        qapp.processEvents()
        return page

    yield open_as
    kept.clear()
