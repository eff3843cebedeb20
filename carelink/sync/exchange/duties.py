"""What a member's device does for the others when it is online: epochs, ends of stay, letters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final

from carelink.access.compartments import COMPARTMENT_STREAMS, Stream
from carelink.access.registry import (
    CircleState,
    Member,
    escrowed,
    excludes,
    in_force_in,
    through_teams,
)
from carelink.access.statements import Expire, OpenEpochs
from carelink.records.transfer import RefusedItem
from carelink.sync.exchange.cards import open_sealed_parts
from carelink.sync.exchange.context import Context, HubRefusalError, Steps
from carelink.sync.exchange.membership import (
    Proposal,
    append_named,
    cuts_for,
    enrol,
    epochs_to_open,
    own_member,
    prepared,
)
from carelink.sync.exchange.pull import pull
from carelink.sync.exchange.teams import announcement, following
from carelink.sync.letters import write_letter
from carelink.sync.outcome import Why
from carelink.sync.store import Transaction
from carelink.sync.wire import api
from carelink.sync.wire.structures import Letter, Receipt
from carelink.sync.wire.verification import decode_receipt

_LETTERS_PER_REQUEST = 200
STARVED_AFTER_MS: Final = 10 * 60 * 1000


def duties(context: Context) -> Steps:
    """Do all that falls to this device, for each circle in which it is a member."""
    with context.store.transaction() as tx:
        circles = [link.circle for link in tx.links() if link.state == "member" and not link.alarm]
        teams = {link.circle for link in tx.links() if link.team}
    # A team's own registry first: its circles follow what it announces there.
    for circle in sorted(circles, key=lambda circle: circle not in teams):
        try:
            yield from _follow_teams(context, circle)
            yield from _end_stays(context, circle)
            yield from _open_epochs(context, circle)
            yield from send_letters(context, circle)
            if circle in teams:
                yield from _announce(context, circle)
        except HubRefusalError as refusal:
            if refusal.code not in {api.ProblemCode.NOT_ENTITLED, api.ProblemCode.REFUSED}:
                raise
    yield from _send_receipts(context)


def _follow_teams(context: Context, circle: bytes) -> Steps:
    """Have a circle follow its teams to newer keys, and name us there where we have something to write.

    Of those who are there by their team alone, one who coordinates the team does it for all.
    """
    with context.store.transaction() as tx:
        state = context.chain(tx, circle).state
        if state is None or state.team or tx.link(circle).alarm:
            return
        ahead = following(context, tx, state) is not None
        writes = any(of == circle for of, _ in (*tx.outbox_streams(), *tx.direct_queue()))
        enters = writes or (ahead and _coordinates_team(context, tx, state))
        named = own_member(context, tx, state) is not None
    if not named and enters:
        yield from enrol(context, circle, lambda: pull(context))
    if not ahead or not (named or enters):
        return

    def propose(tx: Transaction, state: CircleState) -> Proposal | None:
        public = following(context, tx, state)
        if public is None or own_member(context, tx, state) is None:
            return None
        return prepared(context, tx, circle, public)

    while (yield from append_named(context, circle, propose, lambda: pull(context))):
        pass


def _coordinates_team(context: Context, tx: Transaction, state: CircleState) -> bool:
    teams = [context.team(tx, member.account) for member in state.active_members() if member.team]
    own = [team.member_of(context.device) for team in teams if team is not None]
    return any(member is not None and member.runs_circle for member in own)


def _announce(context: Context, team: bytes) -> Steps:
    def propose(tx: Transaction, state: CircleState) -> Proposal | None:
        me = own_member(context, tx, state)
        public = None if me is None else announcement(tx, state, me)
        return None if public is None else Proposal(public, b"")

    while (yield from append_named(context, team, propose, lambda: pull(context))):
        pass


def _end_stays(context: Context, circle: bytes) -> Steps:
    def propose(tx: Transaction, state: CircleState) -> Proposal | None:
        if own_member(context, tx, state) is None:
            return None
        now = context.now()
        for member in state.active_members():
            ends: list[tuple[str, int | None]] = [("", member.until), (Stream.CARE, member.emergency_until)]
            ends += [(stream, grant.until) for stream, grant in member.grants.items()]
            if member.through:
                # All else ends with their team.
                ends = []
            ends += [(stream, denial.until) for stream, denial in member.denials.items()]
            for stream, until in ends:
                if until is not None and until <= now and _borne_out(context, tx, state, until):
                    return Proposal(Expire(member.account, stream), b"")
        return None

    while (yield from append_named(context, circle, propose, lambda: pull(context))):
        pass


def _borne_out(context: Context, tx: Transaction, state: CircleState, until: int) -> bool:
    """Whether one other clock than ours says that a date has passed: the relay's, or that of a signer.

    A PC set to 2099 would end every stay alone, and so would such a relay; a relay whose clock stands
    still would keep alive for good what has ended, if it alone had to agree.
    """
    if context.hub_time >= until:
        return True
    times = context.chain(tx, state.circle).times
    signed = any(time >= until for account, time in times.items() if account != context.account)
    return signed or tx.others_wrote_since(state.circle, until)


def _open_epochs(context: Context, circle: bytes) -> Steps:
    def propose(tx: Transaction, state: CircleState) -> Proposal | None:
        me = own_member(context, tx, state)
        if me is None:
            return None
        due = {s for s, known in state.streams.items() if known.due or known.current == 0}
        epochs = epochs_to_open(state, me, due | _starved(context, tx, state, me))
        if not epochs:
            return None
        cuts = cuts_for(context, tx, circle, state, epochs)
        return Proposal(OpenEpochs(tuple(epoch.opening for epoch in epochs), cuts), b"", epochs)

    yield from append_named(context, circle, propose, lambda: pull(context))


def _starved(context: Context, tx: Transaction, state: CircleState, me: Member) -> set[Stream]:
    """Return streams where we wait for a key that its maker gives to nobody.

    Whoever opens an epoch sends its key at once. Where it has not come after ten minutes, although we
    held one before, its maker is named and the next epoch is opened over it: nobody freezes a volet by
    opening, nor by opening again and again. A volet where we have nothing to send waits for who has.
    """
    circle, starved = state.circle, set[Stream]()
    newest = tx.newest_keys(circle)
    waiting = {code for of, code in tx.outbox_streams() if of == circle}
    for stream, known in state.streams.items():
        idle = stream in COMPARTMENT_STREAMS and stream not in waiting
        if idle or not (me.reads(stream) and me.writes(stream)):
            continue
        held = newest.get(stream, 0)
        lacking = known.epochs[held:]
        if not held or not lacking:
            continue
        if context.now() - tx.statement_seen(circle, lacking[0].height) >= STARVED_AFTER_MS:
            refused = [RefusedItem(circle, stream, epoch.opener, 0, Why.UNREADABLE) for epoch in lacking]
            context.report.refused.extend(refused)
            tx.add_refused(refused, context.now())
            starved.add(stream)
    return starved


def send_letters(context: Context, circle: bytes) -> Steps:
    """Send each key that we hold to each entitled device that has not said it has it."""
    with context.store.transaction() as tx:
        open_sealed_parts(context, tx, circle)
        lacking = _lacking(context, tx, circle)
    if not lacking:
        return
    index: api.LetterIndex = yield context.call(
        api.LETTER_INDEX, api.LetterIndexRequest(circle), api.LetterIndex
    )
    with context.store.transaction() as tx:
        for entry in index.entries:
            if entry.received or entry.sender == context.device:
                tx.set_holder(circle, entry.stream, entry.epoch, entry.recipient, entry.received)
        for stream, epoch, device in _kept_for_sheets(context, tx, circle, index.entries):
            tx.set_holder(circle, stream, epoch, device, received=True)
        letters = _letters(context, tx, circle)
    for start in range(0, len(letters), _LETTERS_PER_REQUEST):
        batch = letters[start : start + _LETTERS_PER_REQUEST]
        sent = tuple(letter for _, letter in batch)
        yield context.call(api.LETTERS, api.SendLetters(sent), api.Accepted)
        with context.store.transaction() as tx:
            for (stream, epoch, device), _ in batch:
                tx.set_holder(circle, stream, epoch, device, received=False)


def _kept_for_sheets(
    context: Context, tx: Transaction, circle: bytes, entries: Sequence[api.LetterEntry]
) -> set[tuple[str, int, bytes]]:
    """Return the letters that the relay keeps for sheets and portable devices, which send no receipt.

    One from their owner's own PC is enough, otherwise two, or ours: only senders who still count are
    believed when their keys are used.
    """
    state = context.chain(tx, circle).state
    if state is None:
        return set()
    senders: dict[tuple[str, int, bytes], set[bytes]] = {}
    kept: set[tuple[str, int, bytes]] = set()
    for entry in entries:
        sender, owner = state.member_of(entry.sender), state.member_of(entry.recipient)
        if sender is None or owner is None or not owner.devices[entry.recipient].keeps_letters:
            continue
        if not sender.reads(Stream(entry.stream)):
            continue
        letter = (entry.stream, entry.epoch, entry.recipient)
        senders.setdefault(letter, set()).add(sender.account)
        if sender is owner or entry.sender == context.device or len(senders[letter]) > 1:
            kept.add(letter)
    return kept


def _entitled(context: Context, tx: Transaction, circle: bytes) -> list[tuple[Stream, int, bytes, bytes]]:
    """List (stream, epoch, device, HPKE key) for every key that we hold and someone may have."""
    state = context.chain(tx, circle).state
    if state is None or own_member(context, tx, state) is None:
        return []
    consistent = {card.account for card in tx.cards(circle) if card.consistent}
    held, holders = tx.keys(circle), tx.holders(circle)
    # Whom the relay serves no more by its clock, it refuses letters for: those of all the others with them.
    served = (in_force_in(state, member, context.hub_time) for member in state.active_members())
    members = [member for member in served if member is not None and member.account in consistent]
    members += _unnamed(context, tx, state, consistent)
    return [
        (stream, epoch.number, device, certificate.hpke_key)
        for member in members
        for stream in Stream
        if member.reads(stream) or escrowed(member, stream)
        # One letter does for a whole team, unless the volet is closed to someone of it.
        if bool(member.through) == (excludes(state, member.through or member.account, stream))
        for epoch in state.streams[stream].epochs
        if epoch.number >= member.first_epoch.get(stream, 1) and (stream, epoch.number) in held
        if not member.through or (stream, epoch.number, member.through) not in holders
        for device, certificate in member.devices.items()
        if device != context.device
    ]


def _unnamed(
    context: Context, tx: Transaction, state: CircleState, consistent: Collection[bytes]
) -> list[Member]:
    """Return the people of our teams whom a circle that closed a volet to one of them does not name."""
    found: dict[bytes, Member] = {}
    for team in [m for m in state.active_members() if m.team and m.account in consistent]:
        registry = context.team(tx, team.account)
        if registry is None or not any(excludes(state, team.account, stream) for stream in Stream):
            continue
        for person in registry.active_members():
            for device in person.devices:
                seen = through_teams(state, [registry], device).member_of(device)
                if seen is not None and seen.active and seen.through and seen.account not in state.members:
                    found[seen.account] = seen
    return list(found.values())


def _lacking(context: Context, tx: Transaction, circle: bytes) -> bool:
    holders = tx.holders(circle)
    return any(
        not holders.get((stream, epoch, device), False)
        for stream, epoch, device, _ in _entitled(context, tx, circle)
    )


def _letters(
    context: Context, tx: Transaction, circle: bytes
) -> list[tuple[tuple[Stream, int, bytes], Letter]]:
    holders, keys = tx.holders(circle), tx.keys(circle)
    return [
        (
            (stream, epoch, device),
            write_letter(context.keys, circle, stream, epoch, keys[stream, epoch], device, hpke_key),
        )
        for stream, epoch, device, hpke_key in _entitled(context, tx, circle)
        if (stream, epoch, device) not in holders
    ]


def _send_receipts(context: Context) -> Steps:
    by_circle: defaultdict[bytes, list[Receipt]] = defaultdict(list)
    with context.store.transaction() as tx:
        for body, signature in tx.receipts():
            receipt = Receipt(body, signature)
            by_circle[decode_receipt(receipt).circle].append(receipt)
    for receipts in by_circle.values():
        try:
            yield context.call(api.RECEIPTS, api.SendReceipts(tuple(receipts)), api.Accepted)
        except HubRefusalError as refusal:
            # Our stay is over: nobody waits for these, and the other circles go on.
            if refusal.code not in {api.ProblemCode.NOT_ENTITLED, api.ProblemCode.UNKNOWN_CIRCLE}:
                raise
        with context.store.transaction() as tx:
            tx.drop_receipts([receipt.body for receipt in receipts])
