"""Recording decisions, where only the patient's side and coordinators read them."""

from __future__ import annotations

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.language import tr
from carelink.records.bodies import AgreementHow, DecisionBody, RecordKind, encode_body
from carelink.records.revision import Revision, encode_revision, new_record_id, revision_id
from carelink.records.transfer import OpenedRevision
from carelink.services.facts import represented
from carelink.services.session import Session, Stores


def record_decision(session: Session, stores: Stores, circle: bytes, body: DecisionBody) -> None:
    """Record how something was agreed, or why it was not."""
    now = session.clock()
    revision = Revision(
        record=new_record_id(now),
        kind=RecordKind.DECISION,
        parents=(),
        author=session.account,
        wall=now,
        audience=(),
        body=encode_body(body),
    )
    data = encode_revision(revision)
    stores.publish(circle, Stream.DECISIONS, OpenedRevision(revision_id(data), data, revision), now)


def record_no_measure(session: Session, stores: Stores, circle: bytes, subject: bytes, why: str) -> None:
    """Record why someone represents the person while no measure with representation is on record."""
    if represented(session, stores, circle):
        return
    reason = why or tr("à compléter")
    body = DecisionBody(subject, Role.LEGAL_REPRESENTATIVE, AgreementHow.NO_MEASURE, reason)
    record_decision(session, stores, circle, body)
