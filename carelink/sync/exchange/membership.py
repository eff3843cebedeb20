"""Making statements and appending them: compare-and-swap on the head, pulling and trying again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass
from typing import Any

import msgspec

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState, Member, Reason, Refusal, apply, openings_of
from carelink.access.statements import (
    SUITE,
    ZERO_HASH,
    Add,
    AddDevice,
    ChangeRole,
    Create,
    Deny,
    Enrol,
    EpochOpening,
    Grant,
    MoveTeam,
    Public,
    Remove,
    RevokeDevices,
    SealedCut,
    Statement,
    StatementBody,
    decode_statement,
    encode_public,
    encode_statement,
)
from carelink.crypto.keys import DeviceKeys
from carelink.crypto.primitives import (
    KEY_BYTES,
    SignatureKind,
    hpke_generate,
    hpke_public_key,
    sha256,
    sign,
    signing_public_key,
)
from carelink.records.transfer import StatementRow
from carelink.sync.cuts import lost_writers, seal_cut, uncut_writers
from carelink.sync.exchange.context import Call, Context, HubRefusalError
from carelink.sync.exchange.teams import enrolment
from carelink.sync.sealed_parts import SealedPart, seal_part
from carelink.sync.store import Transaction
from carelink.sync.wire import api
from carelink.sync.wire.structures import SignedStatement
from carelink.sync.wire.verification import key_commitment

_TRIES = 8


@dataclass(frozen=True, slots=True, repr=False)
class NewEpoch:
    """An epoch about to be opened: what the registry will hold, and the secret."""

    opening: EpochOpening
    secret: bytes


@dataclass(frozen=True, slots=True)
class Proposal:
    """A statement to append: its public part, sealed part, and the epochs it opens."""

    public: Public
    sealed: bytes
    epochs: tuple[NewEpoch, ...] = ()


def new_epoch(stream: Stream, number: int) -> NewEpoch:
    """Return a fresh epoch: a key, or a key pair where most may only write."""
    if stream is Stream.ROSTER:
        secret = secrets.token_bytes(KEY_BYTES)
        public = signing_public_key(secret)
        return NewEpoch(EpochOpening(stream, number, key_commitment(stream, public), public), secret)
    if stream.is_write_only_for_most:
        secret = hpke_generate()
        public = hpke_public_key(secret)
        return NewEpoch(EpochOpening(stream, number, key_commitment(stream, public), public), secret)
    secret = secrets.token_bytes(KEY_BYTES)
    return NewEpoch(EpochOpening(stream, number, key_commitment(stream, secret)), secret)


def epochs_to_open(state: CircleState, member: Member, due: Collection[Stream]) -> tuple[NewEpoch, ...]:
    """Return new epochs of those streams in `due` that `member` may open."""
    return tuple(
        new_epoch(stream, state.streams[stream].current + 1)
        for stream in Stream
        if stream in due and member.writes(stream) and member.reads(stream)
    )


def signed_statement(
    keys: DeviceKeys, state: CircleState | None, public: Public, sealed: bytes, time: int
) -> SignedStatement:
    """Return the next statement of a chain, signed by our device."""
    kind, data = encode_public(public)
    body = encode_statement(
        StatementBody(
            suite=SUITE,
            circle=b"" if state is None else state.circle,
            height=0 if state is None else state.height + 1,
            previous=ZERO_HASH if state is None else state.head,
            device=keys.device,
            time=time,
            kind=kind,
            public=data,
            sealed_hash=sha256(sealed),
        )
    )
    return SignedStatement(body, sign(SignatureKind.STATEMENT, keys.signing, body), sealed)


class RefusedChangeError(Exception):
    """The rules refuse what was asked for."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def prepared(
    context: Context, tx: Transaction, circle: bytes, public: Public, part: SealedPart | None = None
) -> Proposal:
    """Return a statement with new epochs of all that it makes due and that we may open, and their cuts.

    Args:
        context: The exchange.
        tx: A view of the vault.
        circle: Whose registry.
        public: What to say, without epochs.
        part: What its sealed part says.

    Raises:
        RefusedChangeError: The rules refuse it.
    """
    chain, keys = context.chain(tx, circle), tx.keys(circle)
    state = chain.state
    if state is None:
        raise RefusedChangeError(Reason.WRONG_POSITION)
    after = _after(context, state, public)
    me = after.member_of(context.device)
    due = {stream for stream, known in after.streams.items() if known.due}
    can_open = isinstance(
        public, Add | ChangeRole | Grant | Deny | Remove | AddDevice | RevokeDevices | Enrol | MoveTeam
    )
    epochs = () if me is None or not can_open else epochs_to_open(after, me, due)
    public = opened_in(public, epochs, cuts_for(context, tx, circle, after, epochs))
    secret = next(
        (e.secret for e in epochs if e.opening.stream == Stream.REGISTRY),
        keys.get((Stream.REGISTRY, state.streams[Stream.REGISTRY].current), b""),
    )
    if part is not None and not secret:
        raise RefusedChangeError(Reason.NOT_ENTITLED)
    sealed = b"" if part is None else seal_part(part, secret, state.height + 1)
    return Proposal(public, sealed, epochs)


def cuts_for(
    context: Context, tx: Transaction, circle: bytes, after: CircleState, epochs: Collection[NewEpoch]
) -> tuple[SealedCut, ...]:
    """Return the cuts that go with new epochs: the heads of all who lost the right to write before."""
    chain, keys, feeds = context.chain(tx, circle), tx.keys(circle), tx.feeds(circle)
    state = chain.state
    if state is None:
        return ()
    cuts = []
    for epoch in epochs:
        stream, number = Stream(epoch.opening.stream), epoch.opening.number - 1
        secret = keys.get((stream, number))
        devices = uncut_writers(chain, stream) | lost_writers(state, after, stream)
        if devices and secret is not None:
            cuts.append(seal_cut(stream, number, secret, devices, feeds))
    return tuple(cuts)


def opened_in(public: Public, epochs: Collection[NewEpoch], cuts: tuple[SealedCut, ...]) -> Public:
    """Return a statement with the epochs that it opens, and the cuts where it can carry them."""
    openings = tuple(epoch.opening for epoch in epochs)
    if isinstance(public, ChangeRole | Deny | Remove | RevokeDevices | Enrol | MoveTeam):
        return msgspec.structs.replace(public, epochs=openings, cuts=cuts)
    return msgspec.structs.replace(public, epochs=openings) if openings else public


def _after(context: Context, state: CircleState, public: Public) -> CircleState:
    """Return what the rules make of a statement of ours.

    Raises:
        RefusedChangeError: They refuse it.
    """
    body = StatementBody(
        SUITE, state.circle, state.height + 1, state.head, context.device, context.now(), "", b"", b""
    )
    after = apply(state, Statement(body, public, ZERO_HASH))
    if isinstance(after, Refusal):
        raise RefusedChangeError(after.reason)
    return after


def own_member(context: Context, tx: Transaction, state: CircleState | None) -> Member | None:
    """Return ourselves where a circle names our device and our stay, and that in our team, is under way."""
    named = None if state is None else state.member_of(context.device)
    if state is None or named is None or not named.active:
        return None
    if named.through and not context.is_member(tx, state.circle):
        return None
    return named


def adopt(context: Context, tx: Transaction, circle: bytes, row: StatementRow) -> None:
    """Store a statement that is in the chain now, and keep the keys that we had proposed in it."""
    tx.add_statement(circle, row, context.now())
    public = decode_statement(row.body).public
    if isinstance(public, Create) and public.team:
        tx.set_team(circle)
        context.teams = None
    for opening in openings_of(public):
        secret = tx.proposed_key(circle, opening.stream, opening.commitment)
        if secret is not None:
            tx.add_key(circle, opening.stream, opening.number, secret)
    context.report.changed.add(circle)


def append(
    context: Context,
    circle: bytes,
    propose: Callable[[Transaction, CircleState], Proposal | None],
    pull: Callable[[], Generator[Call, Any, None]],
) -> Generator[Call, Any, bool]:
    """Append a statement; where someone was faster, pull and propose again on the new state.

    Whoever is in the circle by their team alone is named there first.

    The secrets of new epochs are in the vault before the statement is sent.

    Returns:
        Whether a statement was appended; False where `propose` found nothing left to do.

    Raises:
        HubRefusalError: The relay refuses it for another reason than the race.
    """
    yield from enrol(context, circle, pull)
    return (yield from append_named(context, circle, propose, pull))


def enrol(
    context: Context, circle: bytes, pull: Callable[[], Generator[Call, Any, None]]
) -> Generator[Call, Any, bool]:
    """Have a circle name our device where we are in it by our team and it does not yet.

    Returns:
        Whether it was named now.
    """

    def propose(tx: Transaction, state: CircleState) -> Proposal | None:
        found = enrolment(context, tx, state)
        return None if found is None else prepared(context, tx, circle, *found)

    return (yield from append_named(context, circle, propose, pull))


def append_named(
    context: Context,
    circle: bytes,
    propose: Callable[[Transaction, CircleState], Proposal | None],
    pull: Callable[[], Generator[Call, Any, None]],
) -> Generator[Call, Any, bool]:
    """Append as of `append`, without having the circle name us first."""
    for _ in range(_TRIES):
        with context.store.transaction() as tx:
            state = context.chain(tx, circle).state
            proposal = None if state is None or tx.link(circle).alarm else propose(tx, state)
            if state is None or proposal is None:
                return False
            for epoch in proposal.epochs:
                tx.propose_key(circle, epoch.opening.stream, epoch.opening.commitment, epoch.secret)
            seen = tx.cursors()[0]
        signed = signed_statement(context.keys, state, proposal.public, proposal.sealed, context.now())
        try:
            yield context.call(api.REGISTRY_APPEND, api.Append(circle, signed, seen), api.Appended)
        except HubRefusalError as refusal:
            if refusal.code not in {api.ProblemCode.CONFLICT, api.ProblemCode.NOT_ENTITLED}:
                raise
            yield from pull()
            with context.store.reading() as tx:
                still_in = context.is_member(tx, circle)
            if refusal.code == api.ProblemCode.NOT_ENTITLED and still_in:
                raise
            # Someone was faster; where they removed us, it is the rules that refuse what we say next.
            continue
        with context.store.transaction() as tx:
            chain = context.chain(tx, circle)
            row = chain.extended(signed, tx.link(circle).genesis)
            if row is not None:
                adopt(context, tx, circle, row)
            tx.drop_proposed_keys(circle)
        return True
    raise HubRefusalError(api.ProblemCode.CONFLICT)
