"""Accesses in plain words: « Mme Petit, infirmière, a ouvert le dossier médical, mardi à 21 h 04 »."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from carelink.access.compartments import Compartment, Stream
from carelink.access.registry import CircleState
from carelink.access.roles import Role
from carelink.language import tr
from carelink.records.bodies import TraceAction
from carelink.records.transfer import CardRow
from carelink.services.moments import at_words
from carelink.services.trace.views import TracedPerson
from carelink.services.wording import role_name

# As they are named together: from what most read to what fewest read.
_ORDER = (*Compartment, Stream.TRACE.value)


def traced_person(
    account: bytes, card: CardRow | None, state: CircleState | None, own: bytes
) -> TracedPerson:
    """Return who made an access, as far as their card tells."""
    member = state.members.get(account) if state is not None else None
    left = member is None or not member.active
    if card is None:
        name = tr("Un membre dont la fiche ne peut pas être lue")
        return TracedPerson(account.hex(), name, "", "", left, known=False, mine=account == own)
    return TracedPerson(
        id=account.hex(),
        name=_one_line(card.name),
        role=card.role if card.consistent else "",
        what=_what(card),
        left=left,
        known=True,
        mine=account == own,
    )


def _what(card: CardRow) -> str:
    if not card.consistent:
        # What they say they are is not what the registry gives them.
        return tr("rôle non vérifié")
    if card.role == Role.PATIENT:
        return role_name(card.role)
    return _one_line(card.relation) or role_name(card.role)


def _one_line(text: str) -> str:
    """Return what someone wrote of themselves without line ends: after one, they could add a sentence."""
    return " ".join(text.split())


def person_words(person: TracedPerson) -> str:
    """Return who someone is, to begin a sentence: "Mme Petit, infirmière"."""
    name = tr("{name} (vous)", name=person.name) if person.mine else person.name
    left = tr("qui a quitté le cercle") if person.left else ""
    return ", ".join(part for part in (name, person.what, left) if part)


def volet_words(compartment: str) -> str:
    """Return a volet with its article, as it is opened."""
    names = {
        Compartment.LIFE: tr("la vie quotidienne"),
        Compartment.COORDINATION: tr("la coordination"),
        Compartment.CARE: tr("le dossier médical"),
        Stream.TRACE: tr("la liste des consultations"),
    }
    return {str(code): name for code, name in names.items()}.get(
        compartment, tr("un volet que cette version ne connaît pas")
    )


def action_words(action: str, volets: str) -> str:
    """Return what was done with volets, to follow a name."""
    acts = {
        TraceAction.OPENED: tr("a ouvert {volets}", volets=volets),
        TraceAction.SEARCHED: tr("a cherché dans {volets}", volets=volets),
        TraceAction.EXPORTED: tr("a exporté {volets}", volets=volets),
    }
    return {str(code): words for code, words in acts.items()}.get(
        action, tr("a utilisé, d’une façon que cette version ne connaît pas, {volets}", volets=volets)
    )


def act_words(action: str, compartments: Sequence[str]) -> str:
    """Return what was done with volets at one visit: "a ouvert la coordination et le dossier médical"."""
    ordered = sorted(compartments, key=lambda code: _ORDER.index(code) if code in _ORDER else len(_ORDER))
    names = list(dict.fromkeys(volet_words(code) for code in ordered))
    if len(names) > 1:
        names = [tr("{first} et {last}", first=", ".join(names[:-1]), last=names[-1])]
    return action_words(action, names[0])


def access_sentence(person: TracedPerson, act: str, time: int, today: datetime.date) -> str:
    """Return an access as one sentence."""
    what = f"{person_words(person)}," if person.what or person.left else person_words(person)
    return tr("{who} {act}, {when}", who=what, act=act, when=at_words(time, today))
