"""What was decided in a circle and how it was agreed, for the patient's side and coordinators."""

from __future__ import annotations

from dataclasses import dataclass

from carelink.access.policy import Permission
from carelink.language import tr
from carelink.records.bodies import ChangeAction, RecordKind, decode_change, decode_decision
from carelink.records.revision import decode_revision
from carelink.services.facts_words import agreement_words
from carelink.services.requirements import Service, requires
from carelink.services.session import CircleContext
from carelink.services.wording import compartment_name, role_name

_MOST = 200


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A recorded decision.

    Attributes:
        sentence: What was decided, of whom.
        by: Name of who recorded it.
        time: Milliseconds since 1970.
    """

    sentence: str
    by: str
    time: int


class Decisions(Service):
    """The recorded decisions of one circle."""

    @requires(Permission.FACT_WRITE, reading=True)
    def read(self, circle: str) -> list[DecisionView]:
        """Return what was decided, newest first."""
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            context = self.session.context(stores, identifier)
            rows = stores.decisions(identifier, _MOST)
        views = []
        for kind, data in rows:
            revision = decode_revision(data)
            try:
                sentence = _sentence(context, kind, revision.body)
            except ValueError:
                # Kept and passed on, but nothing that this version can show.
                continue
            if sentence:
                views.append(DecisionView(sentence, _name(context, revision.author), revision.wall))
        return views


def _sentence(context: CircleContext, kind: str, body: bytes) -> str:
    if kind == RecordKind.DECISION:
        agreed = decode_decision(body)
        return tr(
            "{name}, {role}\u00a0: {how}",
            name=_name(context, agreed.subject),
            role=role_name(agreed.role),
            how=agreement_words(agreed.how, agreed.reason),
        )
    if kind != RecordKind.CHANGE:
        return ""
    change = decode_change(body)
    name = _name(context, change.subject)
    sentences = {
        ChangeAction.ROLE: tr("{name} devient {role}", name=name, role=role_name(change.role)),
        ChangeAction.GRANTED: tr(
            "{volet} ouvert à {name}", volet=compartment_name(change.compartment), name=name
        ),
        ChangeAction.DENIED: tr(
            "{volet} fermé à {name}", volet=compartment_name(change.compartment), name=name
        ),
        ChangeAction.REMOVED: tr("{name} ne fait plus partie du cercle", name=name),
        ChangeAction.LEFT: tr("{name} a quitté le cercle", name=name),
    }
    try:
        said = sentences[ChangeAction(change.action)]
    except ValueError:
        return ""
    return tr("{said}\u00a0: {reason}", said=said, reason=change.reason) if change.reason else said


def _name(context: CircleContext, account: bytes) -> str:
    card = context.cards.get(account)
    return card.name if card else tr("quelqu’un qui n’est plus connu")
