"""A member who helps a hostile relay: signs what only a member can sign."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from carelink.access.compartments import Stream
from carelink.crypto.keys import DeviceKeys
from carelink.models.vault.home import Home
from carelink.services.accounts import open_account
from carelink.sync.sealing import Body, SealingPlace, seal_envelope
from carelink.sync.wire.structures import Envelope
from carelink.sync.wire.verification import decode_header, envelope_id


@dataclass(frozen=True, slots=True)
class Accomplice:
    """A member's keys, taken out of their vault."""

    keys: DeviceKeys

    @classmethod
    def of(cls, folder: Path) -> Accomplice:
        """Open the vault of the only account in a home folder."""
        home = Home(folder)
        session = open_account(home, home.find(None), os.environ["CARELINK_PASSPHRASE"])
        try:
            return cls(session.keys)
        finally:
            session.close()

    @property
    def device(self) -> bytes:
        """The device that signs."""
        return self.keys.device

    def resigned(self, envelope: Envelope) -> Envelope:
        """Return another signed envelope for the same place of the feed."""
        return self._sealed(envelope, after=False, epoch=decode_header(envelope.header)[1].epoch)

    def under_epoch(self, envelope: Envelope, epoch: int) -> Envelope:
        """Return a signed envelope that follows this one, under an epoch of our choice."""
        return self._sealed(envelope, after=True, epoch=epoch)

    def _sealed(self, envelope: Envelope, *, after: bool, epoch: int) -> Envelope:
        core = decode_header(envelope.header)[1]
        place = SealingPlace(
            circle=core.circle,
            stream=Stream(core.stream),
            epoch=epoch,
            registry_height=core.registry_height,
            registry_head=core.registry_head,
            device=core.device,
            seq=core.seq + 1 if after else core.seq,
            previous=envelope_id(envelope.header) if after else core.previous,
        )
        body = Body(revisions=(), heads=(), checkpoint_count=0, checkpoint_digest=bytes(32))
        return seal_envelope(place, secrets.token_bytes(32), self.keys.signing, body).envelope
