"""Notes kept to named readers: who reads them, who may change them, and how they are queued."""

from __future__ import annotations

from collections.abc import Sequence

from carelink.access.compartments import RESTRICTED
from carelink.access.direct import may_be_named, may_restrict
from carelink.access.registry import Member
from carelink.language import tr
from carelink.records.bodies import RecordKind, TraceAction, TraceBody, encode_body
from carelink.records.direct import readers, standing
from carelink.records.revision import Revision, encode_revision, new_record_id, revision_id
from carelink.records.transfer import OpenedRevision
from carelink.services.errors import NotAllowedError
from carelink.services.session import CircleContext, Session, Stores

SAME_VISIT_MS = 30 * 60 * 1000


def readers_of(stores: Stores, context: CircleContext, record: bytes) -> frozenset[bytes]:
    """Return who reads a restricted note, or is about to: who left is no more among them."""
    named = readers(stores.openings(context.circle, record)) | stores.wished_readers(context.circle, record)
    return frozenset(account for account in named if _nameable(context, account))


def nameable(context: CircleContext, own: bytes) -> list[Member]:
    """Return the members that this account may name: their card is right, and nothing is denied to them."""
    members = () if context.state is None else context.state.active_members()
    return [m for m in members if m.account != own and _nameable(context, m.account)]


def _nameable(context: CircleContext, account: bytes) -> bool:
    member = None if context.state is None else context.state.members.get(account)
    card = context.cards.get(account)
    return member is not None and may_be_named(member) and card is not None and card.consistent


def require_may_restrict(context: CircleContext) -> None:
    """Refuse whoever writes no medical notes.

    Raises:
        NotAllowedError: They are neither a carer nor on the patient's side.
    """
    known = context.standing is not None and context.standing.role is not None
    if not known or context.me is None or not may_restrict(context.me):
        raise NotAllowedError


def require_may_go_on(stores: Stores, context: CircleContext, record: bytes, own: bytes) -> None:
    """Refuse to change a restricted note, or add readers, to all but its author and the patient's side.

    Raises:
        NotAllowedError: They are neither, or no reader.
    """
    require_may_restrict(context)
    openings = stores.openings(context.circle, record)
    if not openings:
        # Written here, and not sealed yet.
        return
    heads = standing(openings)
    ours = all(row.origin == own for row in heads)
    reads = any(own in row.audience for row in heads)
    if not ours and not (reads and context.me is not None and context.me.patient_side):
        raise NotAllowedError(
            tr(
                "Seules la personne qui a écrit cette note et celle qui est accompagnée, ou qui la "
                "représente, peuvent la changer ou la faire lire\u00a0: rien n’a été changé."
            )
        )


def publish_named(stores: Stores, circle: bytes, record: bytes, revision: Revision) -> None:
    """Store a revision of ours about a restricted note and queue it, as one."""
    data = encode_revision(revision)
    stores.publish_restricted(
        circle, record, OpenedRevision(revision_id(data), data, revision), revision.wall
    )


def trace_named(
    session: Session, stores: Stores, circle: bytes, records: Sequence[bytes], action: TraceAction
) -> None:
    """Record, for the readers of each note alone, that we opened or exported it; once a visit."""
    now = session.clock()
    for record in records:
        openings = stores.openings(circle, record)
        if not openings or all(row.origin == session.account for row in openings):
            continue
        known = stores.direct_traces(circle, record)
        span = (now - SAME_VISIT_MS, now + SAME_VISIT_MS)
        if any(a == session.account and act == action and span[0] < t < span[1] for a, t, act in known):
            continue
        body = encode_body(TraceBody(action, RESTRICTED))
        trace = Revision(new_record_id(now), RecordKind.TRACE, (), session.account, now, (), body)
        publish_named(stores, circle, record, trace)
