"""Recording decisions, where only the patient's side and coordinators read them."""

from __future__ import annotations

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.language import tr
from carelink.records.bodies import AgreementHow, DecisionBody, RecordKind, encode_body
from carelink.services.facts import represented
from carelink.services.publishing import publish_record
from carelink.services.session import Session, Stores


def record_decision(session: Session, stores: Stores, circle: bytes, body: DecisionBody) -> None:
    """Record how something was agreed, or why it was not."""
    publish_record(session, stores, circle, Stream.DECISIONS, RecordKind.DECISION, encode_body(body))


def record_no_measure(session: Session, stores: Stores, circle: bytes, subject: bytes, why: str) -> None:
    """Record why someone represents the person while no measure with representation is on record."""
    if represented(session, stores, circle):
        return
    reason = why or tr("à compléter")
    body = DecisionBody(subject, Role.LEGAL_REPRESENTATIVE, AgreementHow.NO_MEASURE, reason)
    record_decision(session, stores, circle, body)
