"""Requests and answers between a client and the relay: MessagePack bodies over HTTPS.

Paths are constants here so that both sides agree. Every answer with a status of 400 or more carries
a `Problem`. All are POST with a body, except `INFO` (GET) and `WAKE` (WebSocket).

    INFO                                -> HubInfo
    SESSION_OPEN       SessionOpen      -> SessionChallenge
    SESSION_PROVE      SessionProof     -> SessionGranted
    CIRCLES            CreateCircle     -> Appended           no session
    REGISTRY_APPEND    Append           -> Appended
    PULL               PullRequest      -> PullPage
    BACKFILL           BackfillRequest  -> BackfillPage
    PUSH               PushRequest      -> PushAnswer
    DIRECT             PushRequest      -> PushAnswer         envelopes for named readers
    LETTERS            SendLetters      -> Accepted
    RECEIPTS           SendReceipts     -> Accepted
    LETTER_INDEX       LetterIndexRequest -> LetterIndex
    RENDEZVOUS_OFFER   RendezvousOffer  -> Accepted
    RENDEZVOUS_READ    RendezvousRead   -> RendezvousBlob     no session
    RENDEZVOUS_ANSWER  RendezvousAnswer -> Accepted           no session
    RENDEZVOUS_COLLECT RendezvousCollect -> RendezvousStates
    PAIRING_OFFER      PairingOffer     -> Accepted
    PAIRING_COLLECT    RendezvousCollect -> RendezvousStates
    PAIRING_FINISH     PairingFinish    -> Accepted
    RECOVERY_KEEP      RecoveryKeep     -> Accepted
    RECOVERY_READ      RecoveryRead     -> RecoveryBlob       no session
    OWN_CIRCLES        OwnCirclesRequest -> OwnCircles
    WAKE               each binary message from the relay is a MessagePack integer, the position of the
                       latest thing that there is for this device to ask for; the first one, 0, comes at
                       once; the session travels in the Authorization header
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import msgspec

from carelink.access.statements import Count, SignedTeamEpoch, Time
from carelink.sync.wire.direct import DirectItem
from carelink.sync.wire.structures import Checkpoint, Envelope, Letter, Receipt, SignedStatement

POSITIONS_END: Final = 1 << 62
Position = Annotated[int, msgspec.Meta(ge=0, lt=POSITIONS_END)]
# -1 while a long chain is still being given to a device that has no cursor yet.
Cursor = Annotated[int, msgspec.Meta(ge=-1, lt=POSITIONS_END)]

MEDIA_TYPE: Final = "application/msgpack"
PROTOCOL: Final = 1
MAX_PUSH_ENVELOPES: Final = 200
MAX_PUSH_BYTES: Final = 8 * 1024 * 1024
MAX_PAGE_ITEMS: Final = 1000
RENDEZVOUS_BLOB_BYTES: Final = 16 * 1024
RECOVERY_BLOB_BYTES: Final = 32 * 1024

INFO: Final = "/v1/hub"
SESSION_OPEN: Final = "/v1/session/open"
SESSION_PROVE: Final = "/v1/session/prove"
CIRCLES: Final = "/v1/circles"
REGISTRY_APPEND: Final = "/v1/registry/append"
PULL: Final = "/v1/pull"
BACKFILL: Final = "/v1/backfill"
PUSH: Final = "/v1/push"
DIRECT: Final = "/v1/direct"
LETTERS: Final = "/v1/letters"
RECEIPTS: Final = "/v1/receipts"
LETTER_INDEX: Final = "/v1/letters/index"
RENDEZVOUS_OFFER: Final = "/v1/rendezvous/offer"
RENDEZVOUS_READ: Final = "/v1/rendezvous/read"
RENDEZVOUS_ANSWER: Final = "/v1/rendezvous/answer"
RENDEZVOUS_COLLECT: Final = "/v1/rendezvous/collect"
PAIRING_OFFER: Final = "/v1/pairing/offer"
PAIRING_COLLECT: Final = "/v1/pairing/collect"
PAIRING_FINISH: Final = "/v1/pairing/finish"
RECOVERY_KEEP: Final = "/v1/recovery/keep"
RECOVERY_READ: Final = "/v1/recovery/read"
OWN_CIRCLES: Final = "/v1/own/circles"
WAKE: Final = "/v1/wake"


class ProblemCode(StrEnum):
    """Why a request was not carried out."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNAUTHENTICATED = "unauthenticated"
    UNKNOWN_DEVICE = "unknown_device"
    WRONG_ADDRESS = "wrong_address"
    NOT_ENTITLED = "not_entitled"
    CONFLICT = "conflict"
    REFUSED = "refused"
    UNKNOWN_CIRCLE = "unknown_circle"
    UNKNOWN_INVITATION = "unknown_invitation"
    UNKNOWN_SHEET = "unknown_sheet"
    UNKNOWN_WORKSTATION = "unknown_workstation"
    EXPIRED_INVITATION = "expired_invitation"
    USED_INVITATION = "used_invitation"
    TOO_MANY_TRIES = "too_many_tries"
    FULL = "full"
    INTERNAL = "internal"


class Problem(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An answer of refusal. `detail` is a code for machines, never a user's text."""

    code: str
    detail: str = ""


class HubInfo(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Who the relay is. `time` is milliseconds since 1970."""

    protocol: int
    hub_key: bytes
    time: Time
    version: str


class SessionOpen(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A device asks for a session; `client_nonce` is 32 random bytes."""

    device: bytes
    client_nonce: bytes


class SessionChallenge(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The relay's nonce, and its signature (kind hub-session) over `session_bytes`.

    The relay signs an empty `hub_address`: it doesn't know by which name the device reached it.
    """

    hub_key: bytes
    hub_nonce: bytes
    signature: bytes


class SessionProof(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The device's signature (kind session) over `session_bytes`."""

    device: bytes
    client_nonce: bytes
    hub_nonce: bytes
    hub_address: str
    signature: bytes


class SessionGranted(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A bearer token (`Authorization: Bearer …`) and its end, milliseconds since 1970."""

    token: str
    expires: int
    time: int


class SessionContent(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What both sides sign of a session."""

    hub_key: bytes
    hub_address: str
    device: bytes
    client_nonce: bytes
    hub_nonce: bytes


class CreateCircle(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Statement 0 of a new circle; needs no session (it names and proves its device)."""

    statement: SignedStatement


class Append(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One more statement, accepted only on the current head (compare-and-swap).

    Attributes:
        seen: The author's pull cursor: a cut is accepted only if it knew all that was stored before it.
    """

    circle: bytes
    statement: SignedStatement
    seen: Cursor = 0


class Appended(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where the chain stands after an append; the same answer if it was already there."""

    circle: bytes
    height: int
    head: bytes


class KnownChain(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """How far a client's copy of a chain goes; -1 for a circle it only knows by name."""

    circle: bytes
    height: int


class PullRequest(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Everything new for this device.

    Attributes:
        chains: What the client holds of each circle's registry.
        cursor: What the page before said; -1 asks where to begin, and no items (a first sync starts
            there and backfills).
        letters: Position of the last letter taken.
        limit: At most this many items.
        direct: Position of the last direct envelope taken.
    """

    chains: tuple[KnownChain, ...]
    cursor: int
    letters: int
    limit: int
    direct: int = 0


class ChainPart(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Statements after the height that the client named, oldest first."""

    circle: bytes
    statements: tuple[SignedStatement, ...]


class Item(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One stored envelope.

    Attributes:
        position: Place in the relay's one sequence, which cursors point into. It grows with the time
            of arrival and by chance, and tells nothing of what stands between two places.
        index: N-th envelope of its stream in its circle, from 1; checkpoints count in it.
        envelope: Ciphertext empty for the asking device's own envelopes.
    """

    position: Position
    index: Count
    envelope: Envelope


class LetterItem(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A letter to this device, or to a team of its owner, with its position in the mailbox.

    Attributes:
        received: Whether somebody of the team said already that it opens.
    """

    position: Position
    letter: Letter
    received: bool = False


class TeamNews(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a team announced after a serial, which some circle of the device has yet to follow."""

    team: bytes
    after: Count
    moves: tuple[SignedTeamEpoch, ...]


class PullPage(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Answer to a pull.

    Attributes:
        chains: Statements of the named circles, and whole chains of those that a team of the device's owner
            came to serve.
        cursor: What to ask next time, once this page is applied; no less than what was asked with.
        more: Whether to ask again at once.
        checkpoints: For each readable stream of the named circles: the state at the stream's last
            item at or before `cursor`.
        teams: What teams announced that named circles have yet to follow.
        direct: Of the named circles, what was written to this account by name, in order.
    """

    chains: tuple[ChainPart, ...]
    items: tuple[Item, ...]
    cursor: Cursor
    more: bool
    letters: tuple[LetterItem, ...]
    checkpoints: tuple[Checkpoint, ...]
    teams: tuple[TeamNews, ...] = ()
    direct: tuple[DirectItem, ...] = ()


class BackfillRequest(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Older items of one circle, newest first, at positions strictly below `before`."""

    circle: bytes
    before: int
    limit: int


class BackfillPage(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Answer to a backfill; `before` is what to ask next; `more` false once nothing is older."""

    items: tuple[Item, ...]
    before: Position
    more: bool


class PushRequest(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Sealed envelopes, in feed order."""

    envelopes: tuple[Envelope, ...]


class PushOutcome(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What became of one envelope: `status` is stored, known, or a `Refused` code."""

    identifier: bytes
    status: str


class PushAnswer(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One outcome for each envelope, in order."""

    outcomes: tuple[PushOutcome, ...]


class PushStatus(StrEnum):
    """Outcomes of a push. After `stored` and `known` the client may forget to send it again."""

    STORED = "stored"
    KNOWN = "known"
    BAD_SIGNATURE = "bad_signature"
    BAD_CHAIN = "bad_chain"
    GAP = "gap"
    FORK = "fork"
    WRONG_EPOCH = "wrong_epoch"
    NO_RIGHT = "no_right"
    UNKNOWN_DEVICE = "unknown_device"
    TOO_LARGE = "too_large"


class SendLetters(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Letters for entitled devices; refused as a whole if one recipient is not entitled."""

    letters: tuple[Letter, ...]


class SendReceipts(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Receipts for letters taken."""

    receipts: tuple[Receipt, ...]


class Accepted(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """How many were new."""

    count: int


class LetterIndexRequest(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Which devices have which keys of a circle."""

    circle: bytes


class LetterEntry(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One letter of a stream that the asking device reads; `received` once a receipt came.

    `letter` is the letter's `letter_id`.
    """

    stream: str
    epoch: Count
    sender: bytes
    recipient: bytes
    letter: bytes
    received: bool


class LetterIndex(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """All letters of the streams that the asking device reads."""

    entries: tuple[LetterEntry, ...]


class RendezvousOffer(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An invitation's blob, left by a member who may invite.

    Attributes:
        lifetime: Milliseconds from now.
    """

    circle: bytes
    identifier: bytes
    blob: bytes
    lifetime: int


class RendezvousRead(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The invitee asks for the blob; no session.

    Once someone has answered, only they may read it again, as after an answer that was lost.

    Attributes:
        answer: SHA-256 of the answer that the invitee gives.
    """

    identifier: bytes
    answer: bytes = b""


class RendezvousBlob(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The blob, and whether someone has answered already."""

    blob: bytes
    answered: bool


class RendezvousAnswer(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The invitee's sealed answer; only the first one (or the same again) is taken."""

    identifier: bytes
    answer: bytes


class RendezvousCollect(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The inviter asks for the answers to its invitations."""

    identifiers: tuple[bytes, ...]


class RendezvousState(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What became of one invitation; `answer` empty while nobody answered."""

    identifier: bytes
    answer: bytes
    expired: bool


class RendezvousStates(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One state for each known identifier."""

    states: tuple[RendezvousState, ...]


class PairingOffer(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a device leaves for another of its account to come; read and answered as an invitation.

    Attributes:
        lifetime: Milliseconds from now.
    """

    identifier: bytes
    blob: bytes
    lifetime: int


class PairingFinish(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the new device takes with it, in the place of what it answered."""

    identifier: bytes
    blob: bytes


class RecoveryKeep(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The blob of an account's recovery sheet; it takes the place of the sheet before it."""

    identifier: bytes
    blob: bytes


class RecoveryRead(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Whoever has the words asks for the blob; no session."""

    identifier: bytes


class RecoveryBlob(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The blob of a recovery sheet."""

    blob: bytes


class OwnCirclesRequest(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """In which circles the asking device is, by id after `after`, which is empty at first."""

    after: bytes


class OwnCircle(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A circle, with the hash of its statement 0."""

    circle: bytes
    genesis: bytes


class OwnCircles(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Circles in which the relay serves the asking device; none once there are no more."""

    circles: tuple[OwnCircle, ...]


def session_bytes(content: SessionContent) -> bytes:
    """Return the bytes that a session signature covers."""
    return msgspec.msgpack.encode(content)
