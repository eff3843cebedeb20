"""Facts about people: who the person trusts, who protects them, where their directives are.

They are no roles and bring no right by themselves (PRODUCT.md, "Facts about people are not roles").
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from carelink.records.bodies import MAX_REASON_CHARACTERS
from carelink.records.merge import Version, heads, in_order
from carelink.records.revision import Revision

MAX_LINE_CHARACTERS: Final = 300


class FactType(StrEnum):
    """What the fact is."""

    TRUSTED_PERSON = "trusted_person"
    CURATORSHIP = "curatorship"
    GUARDIANSHIP_PROPERTY = "guardianship_property"
    GUARDIANSHIP_PERSON = "guardianship_person"
    FAMILY_AUTHORISATION = "family_authorisation"
    FUTURE_PROTECTION = "future_protection"
    MANDATE = "mandate"
    DIRECTIVES = "directives"
    OPPOSES_EMERGENCY_SERVICE = "opposes_emergency_service"

    @property
    def is_choice(self) -> bool:
        """Whether it is a choice of the person's side rather than something that stands in a document."""
        return self is FactType.OPPOSES_EMERGENCY_SERVICE

    @property
    def may_represent(self) -> bool:
        """Whether such a measure can come with representation relating to the person."""
        return self in {
            FactType.GUARDIANSHIP_PERSON,
            FactType.FAMILY_AUTHORISATION,
            FactType.FUTURE_PROTECTION,
        }

    @property
    def names_someone(self) -> bool:
        """Whether it says who."""
        return not self.is_choice and self is not FactType.DIRECTIVES


class FactBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A fact as it stands; a body is complete, never a delta.

    Attributes:
        person: Name of who is trusted, protects or holds the mandate.
        member: Their account where they are in the circle, or empty.
        represents: Whether the measure comes with representation relating to the person (CSP L.1111-7).
        begins, ends: ISO dates, or empty.
        document: What was seen ("jugement du tribunal judiciaire d’Aurillac"), or how a choice was made.
        seen: ISO date on which it was seen.
        seen_by: Account of who saw it.
        where: Where the directives are kept, or how to reach the person named.
        over: Whether it was recorded by mistake or no longer stands; `reason` says why.
    """

    fact: str
    person: str
    member: bytes
    represents: bool
    begins: str
    ends: str
    document: str
    seen: str
    seen_by: bytes
    where: str
    over: bool
    reason: str


class FactState(msgspec.Struct, frozen=True):
    """A fact with what was written about it at the same time elsewhere.

    Attributes:
        parallel: Other bodies that nobody has replaced: they stand side by side until someone settles.
    """

    current: Version
    body: FactBody
    parallel: tuple[FactBody, ...]
    written: tuple[Version, ...]


_decoder = msgspec.msgpack.Decoder(FactBody)


def encode_fact(body: FactBody) -> bytes:
    """Return a fact's bytes."""
    return msgspec.msgpack.encode(body)


def decode_fact(data: bytes) -> FactBody:
    """Read a fact.

    Raises:
        ValueError: Not one, too long, or a representation where none can be.
    """
    try:
        body = _decoder.decode(data)
        kind = FactType(body.fact)
        days = [datetime.date.fromisoformat(day) for day in (body.begins, body.ends, body.seen) if day]
    except (msgspec.MsgspecError, ValueError) as error:
        raise ValueError("not a fact") from error
    long = max(len(text) for text in (body.person, body.document, body.where))
    if long > MAX_LINE_CHARACTERS or len(body.reason) > MAX_REASON_CHARACTERS or len(days) > 3:
        raise ValueError("fact too long")
    if body.represents and not kind.may_represent:
        raise ValueError("no such measure represents")
    return body


def merge_fact(revisions: Mapping[bytes, Revision]) -> FactState:
    """Return a fact from any set of its revisions; what was written at the same time stands side by side.

    Raises:
        ValueError: No revision that is a fact's.
    """
    bodies: dict[bytes, FactBody] = {}
    for identifier, revision in revisions.items():
        with contextlib.suppress(ValueError):
            bodies[identifier] = decode_fact(revision.body)
    versions = in_order({identifier: revisions[identifier] for identifier in bodies})
    if not versions:
        raise ValueError("no fact")
    standing = heads(versions)
    current = standing[-1]
    parallel = tuple(bodies[version.identifier] for version in standing[:-1])
    body = bodies[current.identifier]
    others = tuple(other for other in dict.fromkeys(parallel) if other != body)
    return FactState(current, body, others, tuple(versions))


def stands(body: FactBody, day: datetime.date) -> bool:
    """Tell whether a fact is in force on a day."""
    today = day.isoformat()
    return (
        not body.over and (not body.begins or body.begins <= today) and (not body.ends or today <= body.ends)
    )


def is_told_to_carers(body: FactBody) -> bool:
    """Tell whether readers of `care` must know it: who to ask, who represents, that directives exist."""
    told = {FactType.TRUSTED_PERSON, FactType.DIRECTIVES, FactType.OPPOSES_EMERGENCY_SERVICE}
    return body.fact in told or body.represents


def told_to_carers(body: FactBody) -> FactBody:
    """Return what readers of `care` are told: not the document, nor why it ended."""
    return msgspec.structs.replace(body, document="", seen="", seen_by=b"", reason="")
