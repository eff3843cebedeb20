"""The members of a circle as its other members see them: who, since when, reading what, by whose word."""

from __future__ import annotations

from dataclasses import dataclass

from carelink.access.compartments import Compartment, Right, Stream
from carelink.access.registry import Member, may_change, may_decide
from carelink.access.roles import Role
from carelink.access.statements import Expire, Leave, Statement, decode_statement
from carelink.language import tr
from carelink.records.transfer import CardRow
from carelink.services.session import CircleContext, Stores
from carelink.services.wording import role_name
from carelink.sync.chain import Chain


@dataclass(frozen=True, slots=True)
class StayView:
    """A stay that is over.

    Attributes:
        since, until: Milliseconds since 1970.
        how: How it ended: "left", "removed" or "expired".
    """

    since: int
    until: int
    how: str


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member as others see them.

    Attributes:
        reads, writes: Compartments, as what counts now.
        promised: Compartments that wait for someone who holds them to countersign.
        vouchable: Those of them that the account of this vault may countersign.
        since, until: Milliseconds since 1970; `until` where the stay has an end date.
        stays: Stays that are over, the last one first.
        may_change: Whether the account of this vault may change their role, or end their stay.
        may_decide: Whether it decides what they read, for the person or as that person said.
        team: Whether it is a team of carers.
        through: Id of the team by which they are here, or empty.
    """

    id: str
    name: str
    role: str
    functions: tuple[str, ...]
    relation: str
    profession: str
    rpps: str
    since: int
    until: int | None
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    promised: tuple[str, ...]
    active: bool
    mine: bool
    professional: bool
    consistent: bool
    invited_by: str
    vouchable: tuple[str, ...] = ()
    stays: tuple[StayView, ...] = ()
    may_change: bool = False
    may_decide: bool = False
    trusted: bool = False
    team: bool = False
    through: str = ""


@dataclass(frozen=True, slots=True)
class DenialView:
    """A volet that the person closed to someone.

    Attributes:
        member, by: Account ids: to whom, and who said so.
        on_behalf: Whether a coordinator recorded it for a person without a device.
        until: Milliseconds since 1970, or None.
        since: When it was said, milliseconds since 1970.
    """

    member: str
    compartment: str
    by: str
    on_behalf: bool
    until: int | None
    since: int


@dataclass(frozen=True, slots=True)
class GrantView:
    """A volet that was opened to someone beyond their role; as of `DenialView`."""

    member: str
    compartment: str
    by: str
    until: int | None
    since: int


class Past:
    """What a circle's chain tells of times before now."""

    def __init__(self, chain: Chain, stores: Stores, circle: bytes) -> None:
        self._chain = chain
        self._stores = stores
        self._circle = circle

    def stays(self, account: bytes, name_since: int) -> tuple[StayView, ...]:
        """Return the stays of an account that are over, the last one first.

        Args:
            account: Whose.
            name_since: When the current or last stay began, as their card tells.
        """
        found = []
        state = self._chain.state
        member = None if state is None else state.members.get(account)
        since = name_since
        while member is not None:
            if member.ended is not None:
                end = self._statement(member.ended)
                found.append(StayView(since, end.body.time, _how(end)))
            earlier = self._chain.at(member.since - 1)
            member = None if earlier is None else earlier.members.get(account)
            since = 0 if member is None else self._statement(member.since).body.time
        return tuple(found)

    def decided(self, member: Member, stream: Stream) -> tuple[str, int]:
        """Return who made the grant or denial of a volet that is in force, and when."""
        height = self._chain.height
        said = (member.grants.get(stream), member.denials.get(stream))
        while height > 0:
            before = self._chain.states[height - 1].members.get(member.account)
            if before is None or (before.grants.get(stream), before.denials.get(stream)) != said:
                break
            height -= 1
        body = self._statement(height).body
        return self._chain.states[height].owners.get(body.device, b"").hex(), body.time

    def _statement(self, height: int) -> Statement:
        return decode_statement(self._stores.statement_body(self._circle, height))


def _how(end: Statement) -> str:
    if isinstance(end.public, Leave):
        return "left"
    return "expired" if isinstance(end.public, Expire) else "removed"


def member_views(context: CircleContext, own: bytes, past: Past | None = None) -> list[MemberView]:
    """Return the members of a circle: those who are in first, each group by seniority.

    Args:
        context: The circle.
        own: The account of this vault.
        past: Where stays that are over are wanted.
    """
    if context.state is None or own not in context.cards:
        return []
    # Nobody is in a circle unseen: whoever's card cannot be read is shown, and as an alarm.
    views = [
        _view(context, member, context.cards.get(member.account), past)
        for member in context.state.members.values()
    ]
    return sorted(views, key=lambda view: (not view.active, view.since, view.name))


def denials_known(context: CircleContext, past: Past) -> tuple[DenialView, ...]:
    """Return the denials that this account may know: all for whoever runs the circle, else its own."""
    return tuple(
        DenialView(
            member.account.hex(),
            stream.value,
            denial.by.hex(),
            denial.on_behalf,
            denial.until,
            past.decided(member, stream)[1],
        )
        for member in _known(context)
        for stream, denial in member.denials.items()
    )


def grants_known(context: CircleContext, past: Past) -> tuple[GrantView, ...]:
    """Return the grants that this account may know, as of `denials_known`."""
    return tuple(
        GrantView(member.account.hex(), stream.value, by, grant.until, since)
        for member in _known(context)
        for stream, grant in member.grants.items()
        for by, since in (past.decided(member, stream),)
    )


def _known(context: CircleContext) -> list[Member]:
    if context.state is None or context.me is None:
        return []
    return [m for m in context.state.members.values() if context.me.runs_circle or m is context.me]


def _with_right(member: Member, right: Right) -> tuple[str, ...]:
    return tuple(c.value for c in Compartment if right in member.rights.get(Stream(c.value), Right.NONE))


def _relation(context: CircleContext, member: Member, card: CardRow | None) -> str:
    """Return what someone is to the person in words: a team, or somebody of one, says so."""
    if card is None:
        return ""
    if member.team is not None:
        return tr("équipe, {role}", role=role_name(card.role))
    team = context.cards.get(member.through) if member.through else None
    if team is not None:
        return tr("{role}, équipe {team}", role=role_name(card.role), team=team.name)
    return card.relation


def _view(context: CircleContext, member: Member, card: CardRow | None, past: Past | None) -> MemberView:
    me, state = context.me, context.state
    mine = me is not None and me.account == member.account
    since = 0 if card is None else card.since
    promised = tuple(stream for stream in member.promised)
    return MemberView(
        id=member.account.hex(),
        name=tr("membre inconnu") if card is None else card.name,
        role="" if card is None else card.role,
        functions=() if card is None else card.functions,
        relation=_relation(context, member, card),
        profession="" if card is None else card.profession,
        rpps="" if card is None else card.rpps,
        since=since,
        until=member.until,
        reads=_with_right(member, Right.READ),
        writes=_with_right(member, Right.WRITE),
        promised=tuple(stream.value for stream in promised),
        active=member.active,
        mine=mine,
        professional=card is not None and card.consistent and Role(card.role).is_professional,
        consistent=card is not None and card.consistent,
        invited_by="" if card is None else card.invited_by.hex(),
        vouchable=tuple(
            stream.value for stream in promised if me is not None and not mine and me.reads(stream)
        ),
        stays=() if past is None else past.stays(member.account, since),
        team=member.team is not None,
        through=member.through.hex(),
        may_change=me is not None and may_change(me, member),
        may_decide=(
            me is not None and state is not None and member.active and may_decide(state, me, member.account)
        ),
    )
