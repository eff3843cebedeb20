"""How each compartment is told apart on screen: a name, a short name, an icon and a tone."""

from __future__ import annotations

from typing import Literal, NamedTuple

from carelink.language import tr
from carelink.ui.theme import ToneName

VoletCode = Literal["life", "coordination", "care", "restricted", "care_inbox"]
VOLET_CODES: tuple[VoletCode, ...] = ("life", "coordination", "care", "restricted")
# Signals to the carers stand beside the volets.
NOTE_CODES: tuple[VoletCode, ...] = (*VOLET_CODES, "care_inbox")


class VoletLook(NamedTuple):
    """What stands for a compartment; colour never stands alone."""

    code: VoletCode
    name: str
    short_name: str
    icon: str
    tone: ToneName


def volet_look(code: VoletCode) -> VoletLook:
    """Return the look of the compartment `code`, named in the user's language."""
    match code:
        case "life":
            return VoletLook(code, tr("Vie quotidienne"), tr("Vie"), "leaf", "life")
        case "coordination":
            return VoletLook(code, tr("Coordination"), tr("Coordination"), "calendar-event", "coordination")
        case "care":
            return VoletLook(code, tr("Dossier médical"), tr("Médical"), "stethoscope", "care")
        case "restricted":
            return VoletLook(code, tr("Médical restreint"), tr("Restreint"), "lock", "restricted")
        case "care_inbox":
            return VoletLook(code, tr("Signalement aux soignants"), tr("Signalement"), "speakerphone", "care")
