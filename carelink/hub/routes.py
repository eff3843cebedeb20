"""The relay's operations: path, request, answer, and who may ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from carelink.access.statements import MAX_STATEMENT_BYTES
from carelink.hub import (
    admission,
    direct,
    feeds,
    letters,
    pairing,
    reading,
    recovery,
    rendezvous,
    workstations,
)
from carelink.hub.hub import Caller, Hub
from carelink.sync.wire import api
from carelink.sync.wire import workstations as stations
from carelink.sync.wire.structures import MAX_HEADER_BYTES, MAX_SEALED_BYTES

_SMALL: Final = 64 * 1024
_STATEMENT: Final = MAX_STATEMENT_BYTES + MAX_SEALED_BYTES + 1024
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        request: The Struct that the body must be exactly.
        answer: The Struct that a good answer is.
        action: What carries it out.
        max_bytes: Longest body read.
        needs_session: Whether `Authorization: Bearer …` must name a session.
    """

    name: str
    path: str
    summary: str
    request: type[msgspec.Struct]
    answer: type[msgspec.Struct]
    action: Callable[[Hub, Caller, Any], Awaitable[msgspec.Struct]]
    max_bytes: int = _SMALL
    needs_session: bool = True


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        name="openSession",
        path=api.SESSION_OPEN,
        summary="A device asks for a nonce",
        request=api.SessionOpen,
        answer=api.SessionChallenge,
        action=admission.open_session,
        needs_session=False,
    ),
    Operation(
        name="proveSession",
        path=api.SESSION_PROVE,
        summary="A device proves its key and gets a token",
        request=api.SessionProof,
        answer=api.SessionGranted,
        action=admission.prove_session,
        needs_session=False,
    ),
    Operation(
        name="createCircle",
        path=api.CIRCLES,
        summary="A circle begins with its statement 0",
        request=api.CreateCircle,
        answer=api.Appended,
        action=admission.create_circle,
        max_bytes=_STATEMENT,
        needs_session=False,
    ),
    Operation(
        name="append",
        path=api.REGISTRY_APPEND,
        summary="One more statement, on the current head only",
        request=api.Append,
        answer=api.Appended,
        action=admission.append,
        max_bytes=_STATEMENT,
    ),
    Operation(
        name="pull",
        path=api.PULL,
        summary="Everything new for this device after a cursor",
        request=api.PullRequest,
        answer=api.PullPage,
        action=reading.pull,
    ),
    Operation(
        name="backfill",
        path=api.BACKFILL,
        summary="A circle's older items, newest first",
        request=api.BackfillRequest,
        answer=api.BackfillPage,
        action=reading.backfill,
    ),
    Operation(
        name="push",
        path=api.PUSH,
        summary="Sealed envelopes, in feed order",
        request=api.PushRequest,
        answer=api.PushAnswer,
        action=feeds.push,
        max_bytes=api.MAX_PUSH_BYTES + api.MAX_PUSH_ENVELOPES * (MAX_HEADER_BYTES + 256),
    ),
    Operation(
        name="pushDirect",
        path=api.DIRECT,
        summary="Sealed envelopes for people who are named, in feed order",
        request=api.PushRequest,
        answer=api.PushAnswer,
        action=direct.push,
        max_bytes=api.MAX_PUSH_BYTES + api.MAX_PUSH_ENVELOPES * (MAX_HEADER_BYTES + 256),
    ),
    Operation(
        name="sendLetters",
        path=api.LETTERS,
        summary="Keys for entitled devices",
        request=api.SendLetters,
        answer=api.Accepted,
        action=letters.send_letters,
        max_bytes=8 * _MIB,
    ),
    Operation(
        name="sendReceipts",
        path=api.RECEIPTS,
        summary="Letters that were taken",
        request=api.SendReceipts,
        answer=api.Accepted,
        action=letters.send_receipts,
        max_bytes=_MIB,
    ),
    Operation(
        name="letterIndex",
        path=api.LETTER_INDEX,
        summary="Which devices have which keys",
        request=api.LetterIndexRequest,
        answer=api.LetterIndex,
        action=letters.letter_index,
    ),
    Operation(
        name="offerRendezvous",
        path=api.RENDEZVOUS_OFFER,
        summary="An invitation's blob is left",
        request=api.RendezvousOffer,
        answer=api.Accepted,
        action=rendezvous.offer,
    ),
    Operation(
        name="readRendezvous",
        path=api.RENDEZVOUS_READ,
        summary="The invitee takes the blob",
        request=api.RendezvousRead,
        answer=api.RendezvousBlob,
        action=rendezvous.read,
        needs_session=False,
    ),
    Operation(
        name="answerRendezvous",
        path=api.RENDEZVOUS_ANSWER,
        summary="The invitee answers, once",
        request=api.RendezvousAnswer,
        answer=api.Accepted,
        action=rendezvous.answer,
        needs_session=False,
    ),
    Operation(
        name="collectRendezvous",
        path=api.RENDEZVOUS_COLLECT,
        summary="The inviter takes the answers",
        request=api.RendezvousCollect,
        answer=api.RendezvousStates,
        action=rendezvous.collect,
        max_bytes=128 * 1024,
    ),
    Operation(
        name="offerPairing",
        path=api.PAIRING_OFFER,
        summary="A device waits for another of its account",
        request=api.PairingOffer,
        answer=api.Accepted,
        action=pairing.offer,
    ),
    Operation(
        name="collectPairing",
        path=api.PAIRING_COLLECT,
        summary="It takes the answer",
        request=api.RendezvousCollect,
        answer=api.RendezvousStates,
        action=pairing.collect,
    ),
    Operation(
        name="finishPairing",
        path=api.PAIRING_FINISH,
        summary="It leaves what the new device takes with it",
        request=api.PairingFinish,
        answer=api.Accepted,
        action=pairing.finish,
    ),
    Operation(
        name="keepRecovery",
        path=api.RECOVERY_KEEP,
        summary="The blob of a recovery sheet, in the place of the one before",
        request=api.RecoveryKeep,
        answer=api.Accepted,
        action=recovery.keep,
    ),
    Operation(
        name="readRecovery",
        path=api.RECOVERY_READ,
        summary="The blob of a recovery sheet",
        request=api.RecoveryRead,
        answer=api.RecoveryBlob,
        action=recovery.read,
        needs_session=False,
    ),
    Operation(
        name="ownCircles",
        path=api.OWN_CIRCLES,
        summary="The circles of this device",
        request=api.OwnCirclesRequest,
        answer=api.OwnCircles,
        action=recovery.own_circles,
    ),
    Operation(
        name="keepBoard",
        path=stations.BOARD_KEEP,
        summary="What a team's shared workstations are",
        request=stations.BoardKeep,
        answer=api.Accepted,
        action=workstations.keep_board,
        max_bytes=_MIB,
    ),
    Operation(
        name="readBoard",
        path=stations.BOARD_READ,
        summary="It, for the team's members",
        request=stations.BoardRead,
        answer=stations.BoardBlob,
        action=workstations.read_board,
    ),
    Operation(
        name="keepSlot",
        path=stations.SLOT_KEEP,
        summary="An account is left for the team's workstations",
        request=stations.SlotKeep,
        answer=api.Accepted,
        action=workstations.keep_slot,
    ),
    Operation(
        name="listSlots",
        path=stations.SLOT_LIST,
        summary="Who may open their account on a workstation",
        request=stations.SlotList,
        answer=stations.Slots,
        action=workstations.list_slots,
        needs_session=False,
    ),
    Operation(
        name="readSlot",
        path=stations.SLOT_READ,
        summary="A workstation takes an account under its locks",
        request=stations.SlotRead,
        answer=stations.SlotBody,
        action=workstations.read_slot,
        needs_session=False,
    ),
    Operation(
        name="readWorkstationLetter",
        path=stations.LETTER_READ,
        summary="A workstation takes its team's newest secret",
        request=stations.LetterRead,
        answer=stations.LetterBlob,
        action=workstations.read_letter,
        needs_session=False,
    ),
)
