"""A relay in memory: what the engine yields is answered at once, by the protocol's rules or by a lie."""

from __future__ import annotations

import copy
import secrets
from collections import defaultdict
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState, Member, cuts_of, escrowed, in_force
from carelink.access.statements import SUITE, ZERO_HASH, circle_id_of, decode_statement
from carelink.crypto.primitives import SignatureKind, sha256, sign, signing_public_key
from carelink.sync.exchange.context import Call, HubRefusalError
from carelink.sync.wire import api
from carelink.sync.wire.direct import decode_direct
from carelink.sync.wire.structures import Checkpoint, CheckpointBody, Envelope, Letter, SignedStatement
from carelink.sync.wire.verification import (
    decode_header,
    decode_letter,
    decode_receipt,
    envelope_id,
    letter_id,
    next_checkpoint,
    verified_apply,
    verified_receipt,
    verify_envelope,
)
from tests.sync.direct_hub import DirectHub

Tamper = Callable[[Call, Any], Any]


@dataclass
class Stored:
    """One envelope in the relay's order."""

    position: int
    index: int
    circle: bytes
    stream: Stream
    device: bytes
    epoch: int
    envelope: Envelope


@dataclass
class Hosted:
    """One circle: its chain, its feeds' heads, its checkpoints."""

    chain: list[SignedStatement]
    state: CircleState
    feeds: dict[tuple[Stream, bytes], list[bytes]] = field(default_factory=lambda: defaultdict(list))
    heights: dict[tuple[Stream, bytes], int] = field(default_factory=dict)
    digests: dict[Stream, list[bytes]] = field(default_factory=lambda: defaultdict(lambda: [ZERO_HASH]))


class MemoryHub:
    """Answers one call after the other. `tamper` sees each call and its honest answer."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.signing = secrets.token_bytes(32)
        self.key = signing_public_key(self.signing)
        self.clock = clock
        self.circles: dict[bytes, Hosted] = {}
        self.items: list[Stored] = []
        self.letters: list[tuple[bytes, Letter]] = []
        self.receipts: set[tuple[bytes, bytes]] = set()
        self.offers: dict[bytes, list[Any]] = {}
        self.tokens: dict[str, bytes] = {}
        self.tamper: Tamper = lambda call, answer: answer
        self.direct = DirectHub()
        self.offline = False
        self.calls: list[str] = []

    def take_over(self, other: MemoryHub) -> None:
        """Go on from where another relay stands, as the same relay."""
        self.signing, self.key = other.signing, other.key
        self.circles, self.receipts = copy.deepcopy(other.circles), set(other.receipts)
        self.items, self.letters = list(other.items), list(other.letters)
        self.offers = copy.deepcopy(other.offers)
        self.direct = copy.deepcopy(other.direct)

    def info(self) -> api.HubInfo:
        return api.HubInfo(api.PROTOCOL, self.key, self.clock(), "memory")

    def answer(self, call: Call) -> Any:  # noqa: ANN401  (the call names its answer's type)
        """Answer a call whose bytes went both ways."""
        self.calls.append(call.path)
        frame = msgspec.msgpack.decode(msgspec.msgpack.encode(call.frame), type=type(call.frame))
        handler = getattr(self, "_" + call.path.removeprefix("/v1/").replace("/", "_"))
        honest = handler(frame, self.tokens.get(call.token, b""))
        answered = self.tamper(call, honest)
        return msgspec.msgpack.decode(msgspec.msgpack.encode(answered), type=call.answer)

    def run(self, steps: Generator[Call, Any, Any], calls: int | None = None, lose: bool = False) -> Any:  # noqa: ANN401
        """Drive a generator; after `calls` calls it is dropped, the last answer `lose`d or not asked for."""
        left = calls
        try:
            call = next(steps)
            while left is None or left > 0:
                left = None if left is None else left - 1
                try:
                    answer = self.answer(call)
                except HubRefusalError as refusal:
                    call = steps.throw(refusal)
                else:
                    if left == 0 and lose:
                        return None
                    call = steps.send(answer)
        except StopIteration as end:
            return end.value
        finally:
            steps.close()
        return None

    # What each path answers.

    def _session_open(self, frame: api.SessionOpen, _: bytes) -> api.SessionChallenge:
        if not any(hosted.state.member_of(frame.device) for hosted in self.circles.values()):
            raise HubRefusalError(api.ProblemCode.UNKNOWN_DEVICE)
        nonce = secrets.token_bytes(32)
        content = api.SessionContent(self.key, "", frame.device, frame.client_nonce, nonce)
        signature = sign(SignatureKind.HUB_SESSION, self.signing, api.session_bytes(content))
        return api.SessionChallenge(self.key, nonce, signature)

    def _session_prove(self, frame: api.SessionProof, _: bytes) -> api.SessionGranted:
        token = secrets.token_hex(8)
        self.tokens[token] = frame.device
        return api.SessionGranted(token, self.clock() + 3_600_000, self.clock())

    def _circles(self, frame: api.CreateCircle, _: bytes) -> api.Appended:
        circle = circle_id_of(decode_statement(frame.statement.body).digest)
        if circle not in self.circles:
            state = verified_apply(None, frame.statement)
            assert isinstance(state, CircleState)
            self.circles[circle] = Hosted([frame.statement], state)
        hosted = self.circles[circle]
        return api.Appended(circle, hosted.state.height, hosted.state.head)

    def _registry_append(self, frame: api.Append, device: bytes) -> api.Appended:
        hosted = self.circles[frame.circle]
        if frame.statement not in hosted.chain:
            if self._member(hosted, device) is None:
                raise HubRefusalError(api.ProblemCode.NOT_ENTITLED)
            body = decode_statement(frame.statement.body).body
            if body.previous != hosted.state.head:
                raise HubRefusalError(api.ProblemCode.CONFLICT)
            after = verified_apply(hosted.state, frame.statement)
            if not isinstance(after, CircleState):
                raise HubRefusalError(api.ProblemCode.REFUSED, after.reason)
            if self._cuts_unseen(frame, after):
                raise HubRefusalError(api.ProblemCode.CONFLICT)
            hosted.chain.append(frame.statement)
            hosted.state = after
        return api.Appended(frame.circle, hosted.state.height, hosted.state.head)

    def _cuts_unseen(self, frame: api.Append, after: CircleState) -> bool:
        """Whether a statement cuts feeds that reach further than its author has seen."""
        cut = {cut.stream for cut in cuts_of(decode_statement(frame.statement.body).public)}
        return any(
            item.circle == frame.circle
            and item.stream in cut
            and item.position > frame.seen
            and not ((writer := after.member_of(item.device)) and writer.writes(item.stream))
            for item in self.items
        )

    def _member(self, hosted: Hosted, device: bytes) -> Member | None:
        member = hosted.state.member_of(device)
        return None if member is None else in_force(member, self.clock())

    def _may_take(self, letter: Letter) -> bool:
        """Whether what lies ready for an emergency is open to its recipient."""
        body = decode_letter(letter)
        member = self._member(self.circles[body.circle], body.recipient)
        return member is not None and member.reads(Stream(body.stream))

    def _sees(self, item: Stored, device: bytes, *, late_stub: bool = False) -> bool:
        member = self._member(self.circles[item.circle], device)
        return (
            member is not None
            and member.reads(item.stream)
            and (late_stub or item.epoch >= member.first_epoch.get(item.stream, 1))
        )

    def _given(self, item: Stored, device: bytes) -> api.Item:
        envelope = item.envelope
        if item.device == device:
            envelope = msgspec.structs.replace(envelope, ciphertext=b"")
        return api.Item(item.position, item.index, envelope)

    def _checkpoint(self, circle: bytes, stream: Stream, count: int) -> Checkpoint:
        digest = self.circles[circle].digests[stream][count]
        body = msgspec.msgpack.encode(CheckpointBody(SUITE, circle, stream, count, digest))
        return Checkpoint(body, sign(SignatureKind.CHECKPOINT, self.signing, body))

    def _pull(self, frame: api.PullRequest, device: bytes) -> api.PullPage:
        named = [
            chain
            for chain in frame.chains
            if chain.circle in self.circles and self._member(self.circles[chain.circle], device)
        ]
        circles = {chain.circle for chain in named}
        after = [
            item
            for item in self.items
            if item.circle in circles
            and item.position > frame.cursor
            and self._sees(item, device, late_stub=not item.envelope.ciphertext)
        ]
        end = len(self.items)
        page = [] if frame.cursor < 0 else after[: frame.limit]
        more = frame.cursor >= 0 and len(after) > len(page)
        cursor = page[-1].position if more else end
        checkpoints = []
        for circle in circles:
            member = self._member(self.circles[circle], device)
            assert member is not None
            for stream in Stream:
                count = sum(
                    1
                    for i in self.items
                    if i.circle == circle and i.stream == stream and i.position <= cursor
                )
                if member.reads(stream) and count:
                    checkpoints.append(self._checkpoint(circle, stream, count))
        mailbox = [
            api.LetterItem(number, letter)
            for number, (to, letter) in enumerate(self.letters, start=1)
            if to == device and number > frame.letters and self._may_take(letter)
        ]
        chains = tuple(
            api.ChainPart(
                chain.circle,
                tuple(self.circles[chain.circle].chain[chain.height + 1 : self._end(chain.circle, device)]),
            )
            for chain in frame.chains
            if chain.circle in self.circles
        )
        return api.PullPage(
            chains,
            tuple(self._given(item, device) for item in page),
            cursor,
            more,
            tuple(mailbox),
            tuple(checkpoints),
            direct=self.direct.after(
                {c: m for c in circles if (m := self._member(self.circles[c], device)) is not None},
                frame.direct,
            ),
        )

    def _direct(self, frame: api.PushRequest, device: bytes) -> api.PushAnswer:
        outcomes = []
        for envelope in frame.envelopes:
            state = self.circles[decode_direct(envelope.header)[1].circle].state
            status = self.direct.store(state, envelope, device, self.clock())
            outcomes.append(api.PushOutcome(envelope_id(envelope.header), status))
        return api.PushAnswer(tuple(outcomes))

    def _end(self, circle: bytes, device: bytes) -> int:
        """Return how many statements a device may have: all, or until the one that ended its stay."""
        hosted = self.circles[circle]
        member = hosted.state.member_of(device)
        if member is not None and member.ended is not None:
            return member.ended + 1
        return 0 if self._member(hosted, device) is None else len(hosted.chain)

    def _backfill(self, frame: api.BackfillRequest, device: bytes) -> api.BackfillPage:
        if self._member(self.circles[frame.circle], device) is None:
            raise HubRefusalError(api.ProblemCode.NOT_ENTITLED)
        older = [
            item
            for item in reversed(self.items)
            if item.circle == frame.circle and item.position < frame.before and self._sees(item, device)
        ]
        page = older[: frame.limit]
        more = len(older) > len(page)
        return api.BackfillPage(
            tuple(self._given(item, device) for item in page), page[-1].position if more else 0, more
        )

    def _push(self, frame: api.PushRequest, device: bytes) -> api.PushAnswer:
        outcomes = []
        refused: set[tuple[bytes, str]] = set()
        for envelope in frame.envelopes:
            identifier = envelope_id(envelope.header)
            core = decode_header(envelope.header)[1]
            feed = (core.circle, core.stream)
            status = api.PushStatus.GAP if feed in refused else self._store(envelope, device)
            if status not in {api.PushStatus.STORED, api.PushStatus.KNOWN}:
                refused.add(feed)
            outcomes.append(api.PushOutcome(identifier, status))
        return api.PushAnswer(tuple(outcomes))

    def _store(self, envelope: Envelope, device: bytes) -> api.PushStatus:
        core = decode_header(envelope.header)[1]
        hosted, stream = self.circles[core.circle], Stream(core.stream)
        identifier = envelope_id(envelope.header)
        known = hosted.feeds[stream, device]
        if core.seq <= len(known):
            same = known[core.seq - 1] == identifier
            return api.PushStatus.KNOWN if same else api.PushStatus.FORK
        member = self._member(hosted, device)
        if member is None or core.device != device:
            return api.PushStatus.UNKNOWN_DEVICE
        if core.seq != len(known) + 1:
            return api.PushStatus.GAP
        if not verify_envelope(member.devices[device].signing_key, identifier, envelope.signature):
            return api.PushStatus.BAD_SIGNATURE
        if not member.writes(stream):
            return api.PushStatus.NO_RIGHT
        current = hosted.state.streams[stream]
        if envelope.ciphertext and (current.due or current.current != core.epoch):
            return api.PushStatus.WRONG_EPOCH
        if core.previous != (known[-1] if known else ZERO_HASH):
            return api.PushStatus.BAD_CHAIN
        known.append(identifier)
        digests = hosted.digests[stream]
        digests.append(next_checkpoint(digests[-1], identifier))
        self.items.append(
            Stored(len(self.items) + 1, len(digests) - 1, core.circle, stream, device, core.epoch, envelope)
        )
        return api.PushStatus.STORED

    def _letters(self, frame: api.SendLetters, device: bytes) -> api.Accepted:
        for letter in frame.letters:
            body = decode_letter(letter)
            hosted, stream = self.circles[body.circle], Stream(body.stream)
            for holder in (device, body.recipient):
                member = self._member(hosted, holder)
                if member is None or not (member.may_take(stream, body.epoch) or escrowed(member, stream)):
                    raise HubRefusalError(api.ProblemCode.NOT_ENTITLED)
        self.letters += [(decode_letter(letter).recipient, letter) for letter in frame.letters]
        return api.Accepted(len(frame.letters))

    def _receipts(self, frame: api.SendReceipts, device: bytes) -> api.Accepted:
        for receipt in frame.receipts:
            owner = self._member(self.circles[decode_receipt(receipt).circle], device)
            if owner is None:
                raise HubRefusalError(api.ProblemCode.NOT_ENTITLED)
            body = verified_receipt(receipt, owner)
            self.receipts.add((body.letter, body.device))
        return api.Accepted(len(frame.receipts))

    def _letters_index(self, frame: api.LetterIndexRequest, device: bytes) -> api.LetterIndex:
        entries = []
        member = self._member(self.circles[frame.circle], device)
        if member is None:
            raise HubRefusalError(api.ProblemCode.NOT_ENTITLED)
        for to, letter in self.letters:
            body = decode_letter(letter)
            if body.circle == frame.circle and member.reads(Stream(body.stream)):
                identifier = letter_id(letter.body)
                entries.append(
                    api.LetterEntry(
                        body.stream,
                        body.epoch,
                        body.sender,
                        to,
                        identifier,
                        (identifier, to) in self.receipts,
                    )
                )
        return api.LetterIndex(tuple(entries))

    def _rendezvous_offer(self, frame: api.RendezvousOffer, _: bytes) -> api.Accepted:
        self.offers[frame.identifier] = [frame.blob, b"", self.clock() + frame.lifetime]
        return api.Accepted(1)

    def _rendezvous_read(self, frame: api.RendezvousRead, _: bytes) -> api.RendezvousBlob:
        if frame.identifier not in self.offers:
            raise HubRefusalError(api.ProblemCode.UNKNOWN_INVITATION)
        blob, answer, end = self.offers[frame.identifier]
        if end <= self.clock():
            raise HubRefusalError(api.ProblemCode.EXPIRED_INVITATION)
        if answer and sha256(answer) != frame.answer:
            raise HubRefusalError(api.ProblemCode.USED_INVITATION)
        return api.RendezvousBlob(blob, bool(answer))

    def _rendezvous_answer(self, frame: api.RendezvousAnswer, _: bytes) -> api.Accepted:
        offer = self.offers[frame.identifier]
        if offer[1] and offer[1] != frame.answer:
            raise HubRefusalError(api.ProblemCode.USED_INVITATION)
        offer[1] = frame.answer
        return api.Accepted(1)

    def _rendezvous_collect(self, frame: api.RendezvousCollect, _: bytes) -> api.RendezvousStates:
        return api.RendezvousStates(
            tuple(
                api.RendezvousState(i, self.offers[i][1], self.offers[i][2] <= self.clock())
                for i in frame.identifiers
                if i in self.offers
            )
        )
