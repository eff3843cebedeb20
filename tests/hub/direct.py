"""Direct envelopes made by hand, as a client would make them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from carelink.access.direct import DIRECT
from carelink.access.statements import SUITE, ZERO_HASH
from carelink.crypto.primitives import SignatureKind, sha256
from carelink.sync.wire.direct import DirectCore, Named, Opening
from carelink.sync.wire.structures import Envelope, Header
from carelink.sync.wire.verification import envelope_id
from tests.hub.people import Circle, Person


@dataclass
class DirectFeed:
    """One device's envelopes under an opening."""

    person: Person
    circle: Circle
    opening: bytes = b""
    seq: int = 0
    previous: bytes = ZERO_HASH

    def open(
        self,
        audience: Iterable[Person],
        *,
        kind: str = "restricted",
        origin: Person | None = None,
        follows: tuple[bytes, ...] = (),
        given: tuple[bytes, ...] = (),
    ) -> Envelope:
        """Seal the opening; what follows in this feed goes under it."""
        height = self.circle.now.height
        named = tuple(Named(reader.account, height) for reader in audience)
        opens = Opening(kind, secrets.token_bytes(32), named, (origin or self.person).account, follows, given)
        envelope = self._sealed(self._core(1, ZERO_HASH, opens), secrets.token_bytes(64))
        self.opening = self.previous = envelope_id(envelope.header)
        self.seq = 1
        return envelope

    def seal(self, **changes: object) -> Envelope:
        """Seal the next envelope under the opening; `changes` spoil its core."""
        core = msgspec.structs.replace(self._core(self.seq + 1, self.previous, None), **changes)
        envelope = self._sealed(core, secrets.token_bytes(64))
        self.seq, self.previous = core.seq, envelope_id(envelope.header)
        return envelope

    def under(self, person: Person) -> DirectFeed:
        """Return another device's feed under the same opening."""
        return DirectFeed(person, self.circle, self.opening)

    def _core(self, seq: int, previous: bytes, opens: Opening | None) -> DirectCore:
        state = self.circle.now
        return DirectCore(
            suite=SUITE,
            circle=state.circle,
            stream=DIRECT,
            opening=b"" if opens else self.opening,
            registry_height=state.height,
            registry_head=state.head,
            device=self.person.device,
            seq=seq,
            previous=previous,
            salt=secrets.token_bytes(32),
            opens=opens,
        )

    def _sealed(self, core: DirectCore, ciphertext: bytes) -> Envelope:
        header = msgspec.msgpack.encode(
            Header(msgspec.msgpack.encode(core), len(ciphertext), sha256(ciphertext))
        )
        signature = self.person.sign(SignatureKind.ENVELOPE, envelope_id(header))
        return Envelope(header, signature, ciphertext)
