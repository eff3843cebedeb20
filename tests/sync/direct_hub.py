"""Direct streams at the relay in memory: whom it serves what was written to people by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from carelink.access.direct import DirectKind, is_over, may_be_named, may_open
from carelink.access.registry import CircleState, Member, in_force
from carelink.access.statements import ZERO_HASH
from carelink.sync.wire import api
from carelink.sync.wire.direct import DirectItem, Opening, decode_direct
from carelink.sync.wire.structures import Envelope
from carelink.sync.wire.verification import envelope_id, is_ciphertext_of, verify_envelope


@dataclass
class Opened:
    """An opening with its readers: since when their stay is, and the state in which they came."""

    opens: Opening
    named: frozenset[bytes]
    came: dict[bytes, CircleState]
    feeds: dict[bytes, list[bytes]] = field(default_factory=dict)
    envelopes: list[Envelope] = field(default_factory=list)


@dataclass
class DirectHub:
    """Stores and gives direct envelopes by the rules of the protocol."""

    opened: dict[bytes, Opened] = field(default_factory=dict)
    # (circle, account, its stay, envelope), in order.
    deliveries: list[tuple[bytes, bytes, int, Envelope]] = field(default_factory=list)

    def store(self, state: CircleState, envelope: Envelope, device: bytes, now: int) -> api.PushStatus:
        """Return what becomes of an envelope."""
        header, core = decode_direct(envelope.header)
        identifier = envelope_id(envelope.header)
        opened = self.opened.get(core.opening or identifier)
        feed = opened.feeds.get(device, []) if opened else []
        if core.seq <= len(feed):
            return api.PushStatus.KNOWN if feed[core.seq - 1] == identifier else api.PushStatus.FORK
        known = state.member_of(device)
        member = None if known is None else in_force(known, now)
        if member is None or core.device != device:
            return api.PushStatus.UNKNOWN_DEVICE
        signed = verify_envelope(member.devices[device].signing_key, identifier, envelope.signature)
        if not signed or not is_ciphertext_of(header, envelope.ciphertext):
            return api.PushStatus.BAD_SIGNATURE
        if core.opens is None:
            return self._under(state, envelope, member, core.opening, identifier)
        return self._open(state, envelope, member, core.opens, identifier)

    def _under(
        self, state: CircleState, envelope: Envelope, member: Member, opening: bytes, identifier: bytes
    ) -> api.PushStatus:
        opened, core = self.opened.get(opening), decode_direct(envelope.header)[1]
        if opened is None or member.account not in opened.named or opened.opens.kind == DirectKind.KEYS:
            return api.PushStatus.NO_RIGHT
        if any(is_over(came, state, [account]) for account, came in opened.came.items()):
            return api.PushStatus.WRONG_EPOCH
        feed = opened.feeds.setdefault(core.device, [])
        if core.seq != len(feed) + 1:
            return api.PushStatus.GAP
        if core.previous != (feed[-1] if feed else ZERO_HASH):
            return api.PushStatus.BAD_CHAIN
        feed.append(identifier)
        opened.envelopes.append(envelope)
        self._deliver(opened, core.circle, envelope, list(opened.came))
        return api.PushStatus.STORED

    def _open(
        self, state: CircleState, envelope: Envelope, member: Member, opens: Opening, identifier: bytes
    ) -> api.PushStatus:
        core = decode_direct(envelope.header)[1]
        if not may_open(opens.kind, member, opens.accounts, opens.origin, follows=bool(opens.follows)):
            return api.PushStatus.NO_RIGHT
        for before in (*opens.follows, *opens.given):
            known = self.opened.get(before)
            if known is None or member.account not in known.came or known.opens.origin != opens.origin:
                return api.PushStatus.NO_RIGHT
        if core.registry_height != state.height:
            return api.PushStatus.WRONG_EPOCH
        members = [state.members.get(account) for account in opens.accounts]
        if opens.kind != DirectKind.KEYS and not all(m is not None and may_be_named(m) for m in members):
            return api.PushStatus.NO_RIGHT
        came = dict.fromkeys(opens.accounts, state)
        opened = Opened(opens, frozenset(opens.accounts), came, {core.device: [identifier]}, [envelope])
        self.opened[identifier] = opened
        self._deliver(opened, core.circle, envelope, list(came))
        for given in opens.given:
            earlier = self.opened[given]
            fresh = [account for account in came if account not in earlier.came]
            earlier.came |= dict.fromkeys(fresh, state)
            for old in earlier.envelopes:
                self._deliver(earlier, core.circle, old, fresh)
        return api.PushStatus.STORED

    def _deliver(self, opened: Opened, circle: bytes, envelope: Envelope, accounts: list[bytes]) -> None:
        for account in accounts:
            since = opened.came[account].members[account].since
            self.deliveries.append((circle, account, since, envelope))

    def after(self, members: dict[bytes, Member], position: int) -> tuple[DirectItem, ...]:
        """Return what is written to someone after a position; `members` is who they are in each circle."""
        return tuple(
            DirectItem(place, envelope)
            for place, (circle, account, since, envelope) in enumerate(self.deliveries, start=1)
            if place > position
            and (member := members.get(circle)) is not None
            and may_be_named(member)
            and (member.account, member.since) == (account, since)
        )
