"""The bodies of the record kinds that this version understands."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import msgspec

from carelink.records.revision import ID_BYTES, Revision

MAX_TEXT_CHARACTERS: Final = 100_000
MAX_REASON_CHARACTERS: Final = 1_000


class RecordKind(StrEnum):
    """What a record is."""

    ENTRY = "entry"
    DECISION = "decision"
    TRACE = "trace"
    FACT = "fact"
    CHANGE = "change"
    TAKEN = "taken"


class ChangeAction(StrEnum):
    """What was changed of someone's membership."""

    ROLE = "role"
    GRANTED = "granted"
    DENIED = "denied"
    REMOVED = "removed"
    LEFT = "left"


class EntryKind(StrEnum):
    """The kind of a transmission, after the national cahier de liaison (CI-SIS CdL 3.0)."""

    NOTE = "note"
    OBSERVATION = "observation"
    INSTRUCTION = "instruction"
    ADVICE_REQUEST = "advice_request"
    INTERVENTION = "intervention"
    NEWS = "news"
    CLOSING = "closing"


class TraceAction(StrEnum):
    """What someone did with a person's file."""

    OPENED = "opened"
    SEARCHED = "searched"
    EXPORTED = "exported"


class AgreementHow(StrEnum):
    """How the person agreed that someone who is not a professional joins (CSP L.1110-4)."""

    ORAL = "oral"
    WRITTEN = "written"
    REPRESENTATIVE = "representative"
    NONE = "none"
    # Of a professional: no agreement is asked for, it is said why (CSP L.1110-12).
    CARE_TEAM = "care_team"
    # Of a representative: why no measure with representation is on record yet.
    NO_MEASURE = "no_measure"


class EntryBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """A transmission. `withdrawn` hides the text from lists; the history keeps every version.

    Attributes:
        for_circle: Whether who withdraws it does so because they run the circle: then it counts over what
            others wrote. Receivers refuse it from anyone else.
    """

    text: str
    kind: str
    urgent: bool
    withdrawn: bool
    reason: str
    for_circle: bool = False


class DecisionBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The person's agreement to a newcomer, recorded by whoever confirmed them."""

    subject: bytes
    role: str
    how: str
    reason: str


class ChangeBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Why someone's membership was changed, by whoever changed it; volet and role where they matter."""

    subject: bytes
    action: str
    compartment: str
    role: str
    reason: str


# A code, of this version or a later one; too narrow to carry what someone read or searched.
_Code = Annotated[str, msgspec.Meta(pattern=r"\A[a-z_]{1,32}\Z")]


class TraceBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An access: act, volet and time, never words."""

    action: _Code
    compartment: _Code


class TakenBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A signal to the carers was taken in charge: the record of the signal, and of the entry made of it."""

    signal: Annotated[bytes, msgspec.Meta(min_length=ID_BYTES, max_length=ID_BYTES)]
    entry: Annotated[bytes, msgspec.Meta(min_length=ID_BYTES, max_length=ID_BYTES)]


def encode_body(body: EntryBody | DecisionBody | ChangeBody | TraceBody | TakenBody) -> bytes:
    """Return a body's bytes."""
    return msgspec.msgpack.encode(body)


_stored = msgspec.msgpack.Decoder(Revision)
_entry = msgspec.msgpack.Decoder(EntryBody)
_decision = msgspec.msgpack.Decoder(DecisionBody)
_change = msgspec.msgpack.Decoder(ChangeBody)
_trace = msgspec.msgpack.Decoder(TraceBody)
_taken = msgspec.msgpack.Decoder(TakenBody)


def decode_entry(data: bytes) -> EntryBody:
    """Read a transmission's body.

    Raises:
        ValueError: Not one, or its text is over the limit.
    """
    try:
        body = _entry.decode(data)
    except msgspec.MsgspecError as error:
        raise ValueError("not an entry") from error
    if len(body.text) > MAX_TEXT_CHARACTERS or len(body.reason) > MAX_REASON_CHARACTERS:
        raise ValueError("entry too long")
    return body


def stored_version(data: bytes) -> tuple[Revision, EntryBody]:
    """Return a transmission's revision and its body, which were checked when they were stored."""
    revision = _stored.decode(data)
    return revision, _entry.decode(revision.body)


def decode_decision(data: bytes) -> DecisionBody:
    """Read a recorded decision.

    Raises:
        ValueError: Not one.
    """
    try:
        return _decision.decode(data)
    except msgspec.MsgspecError as error:
        raise ValueError("not a decision") from error


def decode_change(data: bytes) -> ChangeBody:
    """Read why a membership was changed.

    Raises:
        ValueError: Not that.
    """
    try:
        return _change.decode(data)
    except msgspec.MsgspecError as error:
        raise ValueError("not a change") from error


def decode_trace(data: bytes) -> TraceBody:
    """Read an access trace.

    Raises:
        ValueError: Not one.
    """
    try:
        return _trace.decode(data)
    except msgspec.MsgspecError as error:
        raise ValueError("not a trace") from error


def decode_taken(data: bytes) -> TakenBody:
    """Read that a signal was taken in charge.

    Raises:
        ValueError: Not that.
    """
    try:
        return _taken.decode(data)
    except msgspec.MsgspecError as error:
        raise ValueError("not a taking in charge") from error
