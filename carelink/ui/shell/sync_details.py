"""What the panel of exchange shows, gathered on the vault thread."""

from __future__ import annotations

from dataclasses import dataclass

from carelink.language import tr
from carelink.services.cahier import HeldNote
from carelink.services.exchange.state import SyncState
from carelink.services.wording import compartment_name, of_name
from carelink.ui.shell.sync_words import refusal_words
from carelink.ui.workspace import Workspace

EXCERPT_CHARACTERS = 140


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A note of ours that waits: whom it is about, its first words, and who would read it."""

    note: HeldNote
    person: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class SyncDetails:
    """Everything there is to say about the exchange.

    Attributes:
        refusals, missing: One sentence each.
        alarms: Names of persons whose circle's membership is stopped.
    """

    state: SyncState
    refusals: tuple[str, ...]
    missing: tuple[str, ...]
    alarms: tuple[str, ...]
    held: tuple[HeldLine, ...]
    relays: tuple[str, ...]


def gather(workspace: Workspace) -> SyncDetails:
    """Return where things stand, with the names of those concerned."""
    state = workspace.state.read()
    persons = {summary.circle: summary.name for summary in workspace.circles.summaries()}
    owners = workspace.state.device_owners(
        {(refusal.circle, refusal.device) for refusal in state.refusals}
        | {(absent.circle, absent.device) for absent in state.missing}
    )
    refusals = tuple(
        tr(
            "{author}, {stream} {of_person}\u00a0: {reason}.",
            author=owners[item.circle, item.device],
            stream=stream_name(item.stream),
            of_person=of_name(persons.get(item.circle, "")),
            reason=refusal_words(item.why),
        )
        for item in state.refusals
    )
    missing = tuple(
        tr(
            "{author}, {stream} {of_person}\u00a0: une note existe que le relais n’a pas donnée.",
            author=owners[item.circle, item.device],
            stream=stream_name(item.stream),
            of_person=of_name(persons.get(item.circle, "")),
        )
        for item in state.missing
    )
    held = []
    for note in workspace.cahier.held():
        text = " ".join(workspace.cahier.entry(note.entry).text.split())
        short = text if len(text) <= EXCERPT_CHARACTERS else f"{text[:EXCERPT_CHARACTERS].rstrip()}…"
        held.append(HeldLine(note, persons.get(note.circle, ""), short))
    return SyncDetails(
        state=state,
        refusals=refusals,
        missing=missing,
        alarms=tuple(persons.get(circle, "") for circle in state.alarms),
        held=tuple(held),
        relays=workspace.state.relays(),
    )


def stream_name(stream: str) -> str:
    """Return the volet, or what else a circle exchanges, in words."""
    if stream == "registry":
        return tr("liste des membres")
    if stream == "trace":
        return tr("trace des accès")
    return compartment_name(stream)
