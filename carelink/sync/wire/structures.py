"""Signed structures: statements, envelopes, letters, receipts, checkpoints.

MessagePack arrays through msgspec; unknown fields are refused. Signatures are over the exact bytes
that travel (`body`, `header`), and nothing is re-serialised to verify.
"""

from __future__ import annotations

from typing import Final

import msgspec

from carelink.access.statements import Count

MAX_CIPHERTEXT_BYTES: Final = 2 * 1024 * 1024
MAX_HEADER_BYTES: Final = 4 * 1024
MAX_SEALED_BYTES: Final = 64 * 1024
MAX_LETTER_BYTES: Final = 8 * 1024


class SignedStatement(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A registry statement as it travels.

    Attributes:
        body: Bytes of `access.statements.StatementBody`.
        signature: By the device named in the body.
        sealed: 32-byte salt and ciphertext of names and roles; its hash stands in the body.
    """

    body: bytes
    signature: bytes
    sealed: bytes


class EnvelopeCore(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The header without the ciphertext's size and hash; these bytes are the associated data.

    Attributes:
        registry_height: Position of the registry when the envelope was sealed.
        seq: 1 for the device's first envelope in the stream, then one more each time.
        previous: Id of the device's previous envelope in the stream, or 32 zero bytes.
        salt: 32 random bytes from which the once-used key is derived.
        wrap: HPKE ciphertext of the envelope's own key, in write-only streams; otherwise empty.
    """

    suite: int
    circle: bytes
    stream: str
    epoch: Count
    registry_height: Count
    registry_head: bytes
    device: bytes
    seq: Count
    previous: bytes
    salt: bytes
    wrap: bytes


class Header(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What is signed and chained: the exact bytes of the core, then the ciphertext's size and hash."""

    core: bytes
    length: Count
    digest: bytes


class Envelope(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A sealed envelope. A *stub* has an empty ciphertext."""

    header: bytes
    signature: bytes
    ciphertext: bytes


class Letter(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A signed letter that carries one epoch key to one device."""

    body: bytes
    signature: bytes


class LetterBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the sender signs; `wrap` is HPKE of the key to the recipient's device."""

    suite: int
    circle: bytes
    stream: str
    epoch: Count
    sender: bytes
    recipient: bytes
    wrap: bytes


class Receipt(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A signed "I hold this key" of one device."""

    body: bytes
    signature: bytes


class ReceiptBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the recipient signs once the key matched its commitment; `letter` is its `letter_id`."""

    suite: int
    circle: bytes
    stream: str
    epoch: Count
    device: bytes
    letter: bytes


class Checkpoint(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The relay's signed count and chain hash of one stream."""

    body: bytes
    signature: bytes


class CheckpointBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`digest` = H_N = SHA-256(H_{N-1} ‖ envelope id), H_0 = 32 zero bytes."""

    suite: int
    circle: bytes
    stream: str
    count: Count
    digest: bytes
