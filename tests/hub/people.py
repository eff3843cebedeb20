"""People, circles and sealed envelopes made by hand, as a client would make them."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

import msgspec

from carelink.access.compartments import Stream
from carelink.access.matrix import default_matrix
from carelink.access.registry import HPKE_PUBLIC_BYTES, CircleState
from carelink.access.roles import Function, Role
from carelink.access.statements import (
    SUITE,
    ZERO_HASH,
    Add,
    Create,
    EpochOpening,
    Expire,
    Newcomer,
    OpenEpochs,
    Public,
    SignedCertificate,
    StatementBody,
    circle_id_of,
    decode_certificate,
    encode_public,
    encode_statement,
    statement_hash,
)
from carelink.crypto.keys import DeviceKeys, EnrolledDevice, enrol_first_device
from carelink.crypto.primitives import (
    SignatureKind,
    hpke_generate,
    hpke_public_key,
    sha256,
    sign,
    signing_public_key,
)
from carelink.sync.wire.structures import (
    Envelope,
    EnvelopeCore,
    Header,
    Letter,
    LetterBody,
    Receipt,
    ReceiptBody,
    SignedStatement,
)
from carelink.sync.wire.verification import envelope_id, key_commitment, letter_id, verified_apply

START = 1_800_000_000_000
DAY = 86_400_000


@dataclass
class Clock:
    """Milliseconds since 1970 that only a test moves."""

    now: int = START

    def __call__(self) -> int:
        return self.now


class Person:
    """Someone at one of their devices."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.enrolled: EnrolledDevice = enrol_first_device(name, START)
        self.device = self.enrolled.keys.device

    def other_device(self, *, paper: bool = False, of: Person | None = None) -> Person:
        """Return another device of this person, or of `of` if somebody pretends, signed by this one."""
        keys = DeviceKeys(secrets.token_bytes(32), hpke_generate())
        first = decode_certificate((of or self).enrolled.certificate.body)
        certificate = msgspec.structs.replace(
            first,
            device=keys.device,
            signing_key=signing_public_key(keys.signing),
            hpke_key=hpke_public_key(keys.hpke),
            paper=paper,
        )
        body = msgspec.msgpack.encode(certificate)
        signed = SignedCertificate(body, self.sign(SignatureKind.CERTIFICATE, body), self.device)
        other = copy.copy(self)
        other.enrolled = EnrolledDevice(keys, signed, self.enrolled.name_salt)
        other.device = keys.device
        return other

    @property
    def account(self) -> bytes:
        return decode_certificate(self.enrolled.certificate.body).account

    def sign(self, kind: SignatureKind, data: bytes) -> bytes:
        return sign(kind, self.enrolled.keys.signing, data)

    def as_newcomer(
        self,
        role: Role,
        functions: Collection[Function] = (),
        *,
        until: int | None = None,
        history: bool = True,
        invites: bool = False,
    ) -> Newcomer:
        rights = default_matrix().stream_rights(role, functions)
        return Newcomer(
            certificates=(self.enrolled.certificate,),
            rights=tuple((stream.value, int(right)) for stream, right in rights.items()),
            coordinator=Function.COORDINATOR in functions,
            patient_side=role.is_patient_side,
            patient=role is Role.PATIENT,
            emergency=role is Role.ON_CALL,
            invites=invites,
            until=until,
            history=history,
        )

    def letter_to(self, other: Person, circle: Circle, stream: str, epoch: int) -> Letter:
        body = LetterBody(
            SUITE, circle.id, stream, epoch, self.device, other.device, secrets.token_bytes(1200)
        )
        data = msgspec.msgpack.encode(body)
        return Letter(data, self.sign(SignatureKind.LETTER, data))

    def receipt_for(self, letter: Letter) -> Receipt:
        read = msgspec.msgpack.decode(letter.body, type=LetterBody)
        body = ReceiptBody(SUITE, read.circle, read.stream, read.epoch, self.device, letter_id(letter.body))
        data = msgspec.msgpack.encode(body)
        return Receipt(data, self.sign(SignatureKind.RECEIPT, data))


def opening(stream: Stream, number: int) -> EpochOpening:
    public = secrets.token_bytes(HPKE_PUBLIC_BYTES) if stream.is_write_only_for_most else b""
    public = secrets.token_bytes(32) if stream is Stream.ROSTER else public
    key = public or secrets.token_bytes(32)
    return EpochOpening(stream.value, number, key_commitment(stream.value, key), public)


@dataclass
class Circle:
    """A circle's chain as its members hold it."""

    chain: list[SignedStatement] = field(default_factory=list)
    state: CircleState | None = None

    @property
    def id(self) -> bytes:
        return circle_id_of(statement_hash(self.chain[0].body))

    @property
    def now(self) -> CircleState:
        assert self.state is not None
        return self.state

    def take(self, signed: SignedStatement) -> SignedStatement:
        """Add a statement that is right to this copy of the chain."""
        after = verified_apply(self.state, signed)
        assert isinstance(after, CircleState), after
        self.state = after
        self.chain.append(signed)
        return signed

    def statement(self, author: Person, public: Public, time: int = START) -> SignedStatement:
        """Sign a statement that follows the head of this copy."""
        kind, data = encode_public(public)
        sealed = b"sealed names " + secrets.token_bytes(16)
        state = self.state
        body = encode_statement(
            StatementBody(
                suite=SUITE,
                circle=b"" if state is None else state.circle,
                height=0 if state is None else state.height + 1,
                previous=ZERO_HASH if state is None else state.head,
                device=author.device,
                time=time,
                kind=kind,
                public=data,
                sealed_hash=sha256(sealed),
            )
        )
        return SignedStatement(body, author.sign(SignatureKind.STATEMENT, body), sealed)

    def addition(self, author: Person, newcomer: Newcomer) -> SignedStatement:
        return self.statement(author, Add(newcomer, ()))

    def openings(self, author: Person, streams: Iterable[Stream]) -> SignedStatement:
        return self.statement(
            author, OpenEpochs(tuple(opening(s, self.now.streams[s].current + 1) for s in streams))
        )

    def expiry(self, author: Person, gone: Person, time: int) -> SignedStatement:
        member = self.now.member_of(gone.device)
        assert member is not None
        return self.statement(author, Expire(member.account), time)


def new_circle(creator: Person, role: Role = Role.FAMILY_CARER) -> Circle:
    """Return a circle that its creator coordinates, with keys for all that they may open."""
    circle = Circle()
    newcomer = creator.as_newcomer(role, {Function.COORDINATOR})
    mine = [Stream(code) for code, bits in newcomer.rights if bits == 3]
    epochs = tuple(opening(stream, 1) for stream in mine)
    circle.take(circle.statement(creator, Create(secrets.token_bytes(16), newcomer, epochs)))
    return circle


@dataclass
class Feed:
    """One device's sealed envelopes in one stream."""

    person: Person
    circle: Circle
    stream: Stream
    seq: int = 0
    previous: bytes = ZERO_HASH

    def seal(self, content: bytes = b"", **changes: object) -> Envelope:
        """Seal the next envelope; `changes` spoil its core."""
        state = self.circle.now
        ciphertext = content or secrets.token_bytes(64)
        core = EnvelopeCore(
            suite=SUITE,
            circle=state.circle,
            stream=self.stream.value,
            epoch=state.streams[self.stream].current,
            registry_height=state.height,
            registry_head=state.head,
            device=self.person.device,
            seq=self.seq + 1,
            previous=self.previous,
            salt=secrets.token_bytes(32),
            wrap=b"",
        )
        core = msgspec.structs.replace(core, **changes)
        envelope = sealed(self.person, core, ciphertext)
        self.seq, self.previous = core.seq, envelope_id(envelope.header)
        return envelope

    def seal_aside(self, content: bytes = b"", **changes: object) -> Envelope:
        """Seal what would come next, without moving on."""
        return replace(self).seal(content, **changes)


def sealed(person: Person, core: EnvelopeCore, ciphertext: bytes) -> Envelope:
    header = msgspec.msgpack.encode(Header(msgspec.msgpack.encode(core), len(ciphertext), sha256(ciphertext)))
    return Envelope(header, person.sign(SignatureKind.ENVELOPE, envelope_id(header)), ciphertext)


def stub(envelope: Envelope) -> Envelope:
    """Return an envelope's header alone."""
    return msgspec.structs.replace(envelope, ciphertext=b"")
