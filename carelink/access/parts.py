"""What statements are made of: numbers with bounds, certificates, openings of epochs, cuts."""

from __future__ import annotations

import hashlib
from typing import Annotated, Final

import msgspec

SUITE: Final = 1
# Year 9999: any later date is none that a calendar, a screen or the vault could hold.
MAX_TIME: Final = 253_370_764_800_000

# Numbers as they come over the wire, bounded where they are decoded: past these no member's vault,
# calendar or memory is asked to follow.
Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]
Time = Annotated[int, msgspec.Meta(ge=0, lt=MAX_TIME)]


class Certificate(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What an account says of one of its devices.

    Attributes:
        account_key: Ed25519 public identity key of the account.
        device: Device id, 16 bytes.
        signing_key: Ed25519 public key of the device.
        hpke_key: ML-KEM-768 and X25519 public keys of the device, 1,216 bytes.
        name_hash: SHA-256 of salt and name; the salt travels in sealed parts only.
        issued: Milliseconds since 1970.
        paper: Whether it is the recovery sheet: keys that only its words give.
        portable: Whether it is no PC either, but what the account becomes one with on shared workstations.
    """

    suite: int
    account_key: bytes
    device: bytes
    signing_key: bytes
    hpke_key: bytes
    name_hash: bytes
    issued: Time
    paper: bool = False
    portable: bool = False

    @property
    def keeps_letters(self) -> bool:
        """Whether its letters stay at the relay: each time that its keys are used they are read anew."""
        return self.paper or self.portable

    @property
    def account(self) -> bytes:
        """Account id: the first 16 bytes of SHA-256 of the identity key."""
        return hashlib.sha256(self.account_key).digest()[:16]


class SignedCertificate(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A certificate's exact bytes with a signature.

    Attributes:
        signer: The device of the same account that signed, or empty for the identity key itself.
    """

    body: bytes
    signature: bytes
    signer: bytes = b""


class EpochOpening(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A new key of a stream: symmetric (commitment only) or an HPKE pair (public key).

    Attributes:
        stream: The stream's code.
        number: One more than the stream's current epoch.
        commitment: Labelled SHA-256 of the key, or of the public key.
        public_key: HPKE public key for a stream that most may only write; otherwise empty.
    """

    stream: str
    number: Count
    commitment: bytes
    public_key: bytes = b""


class SealedCut(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """How far the feeds of devices that lose a right reach in one stream.

    How many envelopes a stream holds is no business of those who don't read it: the places are sealed
    under an epoch of the stream, padded.

    Attributes:
        stream: The stream's code.
        epoch: The epoch whose key opens it.
        sealed: Salt and ciphertext.
    """

    stream: str
    epoch: Count
    sealed: bytes
