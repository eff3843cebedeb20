"""What the first screen of an account shows, read at once: it is painted when all of it is there."""

from __future__ import annotations

from dataclasses import dataclass

from carelink.models.vault.home import Home
from carelink.services.circles import CircleSummary
from carelink.services.recovery import Recovery, SheetState
from carelink.ui.person import PersonFile, read_file
from carelink.ui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What is there when an account opens; `file` of the one person of somebody who has no list.

    Attributes:
        reminder: What remains to be done of the recovery sheet, or None.
    """

    summaries: list[CircleSummary]
    file: PersonFile | None
    reminder: SheetState | None


def first_look(workspace: Workspace, home: Home) -> FirstLook:
    """Read it."""
    summaries = workspace.circles.summaries()
    alone = has_one_alone(workspace, summaries) and summaries[0].state != "waiting"
    # Nobody loses an account of the demonstration.
    reminder = None if home.is_demo else Recovery(workspace.session).reminder()
    return FirstLook(summaries, read_file(workspace, summaries[0].circle) if alone else None, reminder)


def has_one_alone(workspace: Workspace, summaries: list[CircleSummary]) -> bool:
    """Say whether someone is a family member with a single circle."""
    return len(summaries) == 1 and not workspace.session.profession
