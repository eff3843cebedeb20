"""Feeds sealed for real, to be spoilt one byte or one rule at a time."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from carelink.access.compartments import Stream
from carelink.access.roles import Function, Role
from carelink.access.statements import ZERO_HASH, Create, EpochOpening, decode_certificate
from carelink.crypto.primitives import hpke_generate, hpke_public_key
from carelink.records.bodies import EntryBody, encode_body
from carelink.records.revision import Revision, encode_revision
from carelink.records.transfer import Feed, FeedKey, StatementRow
from carelink.sync.chain import Chain
from carelink.sync.opening import take_in
from carelink.sync.outcome import Known, Outcome
from carelink.sync.sealing import Body, SealedEnvelope, SealingPlace, SeenHead, seal_envelope
from carelink.sync.wire.api import Item
from carelink.sync.wire.structures import Envelope
from carelink.sync.wire.verification import key_commitment
from tests.hub.people import START, Circle, Person

STREAMS = (Stream.LIFE, Stream.COORDINATION, Stream.CARE, Stream.TRACE)


def account_of(person: Person) -> bytes:
    return decode_certificate(person.enrolled.certificate.body).account


class Scene:
    """A circle whose keys a test knows: a nurse who made it, and a daughter."""

    def __init__(self) -> None:
        self.claire, self.anne = Person("Claire"), Person("Anne")
        self.reader = Person("Reader")
        self.circle = Circle()
        self.keys: dict[tuple[str, int], bytes] = {}
        newcomer = self.claire.as_newcomer(Role.NURSE, {Function.COORDINATOR})
        public = Create(secrets.token_bytes(16), newcomer, tuple(self.epoch(s, 1) for s in STREAMS))
        self.circle.take(self.circle.statement(self.claire, public))
        self.circle.take(self.circle.addition(self.claire, self.anne.as_newcomer(Role.RELATIVE)))
        self.circle.take(self.circle.addition(self.claire, self.reader.as_newcomer(Role.PHYSICIAN)))

    def epoch(self, stream: Stream, number: int) -> EpochOpening:
        if stream is Stream.TRACE:
            secret = hpke_generate()
            public = hpke_public_key(secret)
            self.keys[stream, number] = secret
            return EpochOpening(stream, number, key_commitment(stream, public), public)
        self.keys[stream, number] = secrets.token_bytes(32)
        return EpochOpening(stream, number, key_commitment(stream, self.keys[stream, number]))

    def chain(self) -> Chain:
        chain = Chain()
        chain.replay(
            StatementRow(n, b"", s.body, s.signature, s.sealed) for n, s in enumerate(self.circle.chain)
        )
        return chain

    def revision(self, author: Person, text: str, record: bytes = b"") -> bytes:
        body = EntryBody(text, "note", False, False, "")
        return encode_revision(
            Revision(
                record or secrets.token_bytes(16),
                "entry",
                (),
                account_of(author),
                START,
                (),
                encode_body(body),
            )
        )


@dataclass
class Writer:
    """One device's feed in one stream."""

    scene: Scene
    person: Person
    stream: Stream = Stream.LIFE
    seq: int = 0
    previous: bytes = ZERO_HASH
    made: list[SealedEnvelope] = field(default_factory=list)

    def seal(
        self,
        text: str = "text",
        *,
        heads: tuple[SeenHead, ...] = (),
        author: Person | None = None,
        height: int | None = None,
        data: bytes | None = None,
        **place: object,
    ) -> Envelope:
        """Seal the next envelope; `place` spoils where it says that it is."""
        scene = self.scene
        chain = scene.chain()
        state = chain.at(chain.height if height is None else height)
        assert state is not None
        epoch = state.streams[self.stream].current
        values: dict[str, object] = {
            "circle": state.circle,
            "stream": self.stream,
            "epoch": epoch,
            "registry_height": state.height,
            "registry_head": state.head,
            "device": self.person.device,
            "seq": self.seq + 1,
            "previous": self.previous,
        } | place
        secret = state.streams[self.stream].epochs[-1].public_key or scene.keys[self.stream, epoch]
        written = scene.revision(author or self.person, text) if data is None else data
        body = Body((written,), heads, 0, ZERO_HASH)
        sealed = seal_envelope(
            SealingPlace(**values),  # type: ignore[arg-type]
            secret,
            self.person.enrolled.keys.signing,
            body,
        )
        self.made.append(sealed)
        self.seq, self.previous = sealed.seq, sealed.identifier
        return sealed.envelope

    @property
    def key(self) -> FeedKey:
        return (self.stream.value, self.person.device)


@dataclass
class Holder:
    """What one reader holds so far: pages go through the engine, and what it accepts is kept."""

    scene: Scene
    complete: bool = True
    keys: Mapping[tuple[str, int], bytes] | None = None
    may_carry: Callable[..., bool] = lambda *_: True
    feeds: dict[FeedKey, Feed] = field(default_factory=dict)
    ids: dict[FeedKey, dict[int, bytes]] = field(default_factory=dict)
    position: int = 0

    def known(self) -> Known:
        def held(key: FeedKey, first: int, last: int) -> dict[int, bytes]:
            return {s: i for s, i in self.ids.get(key, {}).items() if first <= s <= last}

        return Known(
            circle=self.scene.circle.id,
            device=self.scene.reader.device,
            chain=self.scene.chain(),
            feeds=self.feeds,
            keys=self.scene.keys if self.keys is None else self.keys,
            may_carry=self.may_carry,
            held=held,
            complete=self.complete,
        )

    def take(self, *envelopes: Envelope) -> Outcome:
        """Take a page in and keep what it brought."""
        items = []
        for envelope in envelopes:
            self.position += 1
            items.append(Item(self.position, self.position, envelope))
        outcome = take_in(self.known(), items)
        self.feeds.update(outcome.feeds)
        for accepted in outcome.accepted:
            key = (accepted.stream, accepted.device)
            self.ids.setdefault(key, {})[accepted.seq] = accepted.identifier
        return outcome


def reasons(outcome: Outcome) -> list[str]:
    return [str(item.why) for item in outcome.refused]


def read_texts(outcome: Outcome) -> list[str]:
    return [
        msgspec.msgpack.decode(opened.revision.body, type=EntryBody).text
        for accepted in outcome.accepted
        for opened in accepted.revisions
    ]


def missing_seqs(outcome: Outcome) -> list[int]:
    return sorted(item.seq for item in outcome.missing)


def flipped(data: bytes, at: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
