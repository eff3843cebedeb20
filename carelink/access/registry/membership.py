"""Who comes in, as what, and how a stay ends."""

from __future__ import annotations

from dataclasses import replace

from carelink.access.compartments import Right, Stream
from carelink.access.registry.devices import certified_devices
from carelink.access.registry.emergency import require_on_call
from carelink.access.registry.rights import (
    given_by,
    losing,
    resettled,
    role_rights,
    settled,
    with_member,
)
from carelink.access.registry.state import CircleState, Member, Reason, RefusedError, require
from carelink.access.registry.team_members import team_member
from carelink.access.statements import Add, ChangeRole, Newcomer, Vouch


def created(newcomer: Newcomer, *, team: bool) -> Member:
    """Return the first member of a circle, or of a team, who gives themself what their role has."""
    member = _person(newcomer, since=0, team=team)
    member = settled(replace(member, confirmed=member.role_rights))
    return replace(member, first_epoch=dict.fromkeys(member.rights, 1))


def added(state: CircleState, author: Member, add: Add, height: int) -> CircleState:
    """Let someone in, or in again: a new stay, under the denials of the one before."""
    require(author.runs_circle, Reason.NOT_ENTITLED)
    if add.member.team is not None:
        require(not state.team, Reason.FORBIDDEN_RIGHTS)
        member = team_member(add.member, add.member.team, height)
    else:
        member = _person(add.member, since=height, team=state.team)
    require(member.account != author.account, Reason.ALREADY_MEMBER)
    earlier = state.members.get(member.account)
    require(earlier is None or not earlier.active, Reason.ALREADY_MEMBER)
    require(
        all(state.owners.get(device, member.account) == member.account for device in member.devices),
        Reason.ALREADY_MEMBER,
    )
    _require_may_appoint(state, author, member)
    _require_no_function(state, member, history=add.member.history)
    require_on_call(state, member)
    if earlier is not None:
        member = replace(member, denials=earlier.denials)
    state, member = given_by(state, author, None, member, history=add.member.history)
    state = with_member(state, member)
    return replace(state, owners={**state.owners, **dict.fromkeys(member.devices, member.account)})


def role_changed(state: CircleState, author: Member, change: ChangeRole) -> CircleState:
    """Give a member another role or other functions."""
    before = _changeable(state, author, change.account)
    _require_form(patient_side=change.patient_side, patient=change.patient)
    member = replace(
        before,
        role_rights=role_rights(
            change.rights,
            coordinator=change.coordinator,
            patient_side=change.patient_side,
            team=state.team,
        ),
        coordinator=change.coordinator,
        patient_side=change.patient_side,
        patient=change.patient,
        invites=change.invites,
        emergency=change.emergency,
        emergency_until=before.emergency_until if change.emergency else None,
    )
    _require_no_function(state, member, history=change.history)
    require_on_call(state, member)
    if (member.patient_side, member.patient) != (before.patient_side, before.patient):
        _require_may_appoint(state, author, member)
    state, member = given_by(state, author, before, member, history=change.history)
    return with_member(losing(state, before, member), member)


def vouched(state: CircleState, author: Member, vouch: Vouch) -> CircleState:
    """Make count what was promised to someone, in the volets that the author reads."""
    before = state.members.get(vouch.account)
    if before is None or not before.active or not before.promised:
        raise RefusedError(Reason.NOT_A_MEMBER)
    held = {stream: bits for stream, bits in before.promised.items() if author.reads(stream)}
    require(author.account != vouch.account and bool(held), Reason.NOT_ENTITLED)
    return with_member(state, settled(replace(before, confirmed={**before.confirmed, **held})))


def removed(state: CircleState, author: Member, account: bytes, height: int) -> CircleState:
    """End another's stay."""
    return ended(state, _changeable(state, author, account), height)


def ended(state: CircleState, before: Member, height: int) -> CircleState:
    """End a stay: every stream that the member read is due."""
    after = resettled(state, replace(before, ended=height, grants={}, emergency_until=None))
    wishes = {who: whom for who, whom in state.wishes.items() if before.account not in {who, whom}}
    return replace(with_member(losing(state, before, after), after), wishes=wishes)


def wished(state: CircleState, author: Member, account: bytes) -> CircleState:
    """Make someone coordinator once two members want it, neither of them the one who is appointed.

    It is the way on when the only coordinator is gone: it gives no right to read anything, and it is not
    open where somebody decides for the patient. Where professionals read `care`, one of the two is one
    of its readers.
    """
    before = state.members.get(account)
    if before is None or not before.active or before.runs_circle or before.team or before.through:
        raise RefusedError(Reason.NOT_A_MEMBER)
    require(account != author.account and not state.has_patient_side, Reason.NOT_ENTITLED)
    seconds = [
        state.members[who] for who, whom in state.wishes.items() if whom == account and who != author.account
    ]
    # A team brings whom it likes: however many of its people want the same, they are one.
    seconds = [second for second in seconds if not second.through or second.through != author.through]
    carers = [m for m in state.active_members() if m.reads(Stream.CARE) and m.account != account]
    if not any(not carers or author in carers or second in carers for second in seconds):
        require(state.wishes.get(author.account) != account, Reason.NOTHING_CHANGES)
        return replace(state, wishes={**state.wishes, author.account: account})
    runs = {Stream.REGISTRY, Stream.TRACE, Stream.DECISIONS}
    if state.team:
        runs |= {Stream.TEAM_KEY, Stream.ROSTER}
    rights = {**before.role_rights, **dict.fromkeys(runs, Right.READ_WRITE)}
    member = replace(before, coordinator=True, invites=True, role_rights=rights)
    state, member = given_by(state, author, before, member, history=True, volets=())
    wishes = {who: whom for who, whom in state.wishes.items() if whom != account}
    return replace(with_member(state, member), wishes=wishes)


def may_change(author: Member, member: Member) -> bool:
    """Whether the author may change another's membership: role, functions, devices, end of the stay."""
    if not author.runs_circle or author.account == member.account or not member.active:
        return False
    if member.patient or member.through:
        return False
    return author.patient_side or not member.patient_side


def _changeable(state: CircleState, author: Member, account: bytes) -> Member:
    member = state.members.get(account)
    if member is None or not member.active:
        raise RefusedError(Reason.NOT_A_MEMBER)
    require(may_change(author, member), Reason.NOT_ENTITLED)
    return member


def _require_may_appoint(state: CircleState, author: Member, member: Member) -> None:
    """Once a patient's side exists, only it appoints it; and there is one patient."""
    others = [m for m in state.active_members() if m.account != member.account]
    if member.patient_side and not author.patient_side:
        require(not any(m.patient_side for m in others), Reason.NOT_ENTITLED)
    if member.patient:
        require(not any(m.patient for m in others), Reason.NOT_ENTITLED)


def _require_form(*, patient_side: bool, patient: bool) -> None:
    require(patient_side or not patient, Reason.FORBIDDEN_RIGHTS)


def _require_no_function(state: CircleState, member: Member, *, history: bool) -> None:
    """Refuse a team that would run the circle or be on call, and whoever could not open a team's letters."""
    if member.team is not None:
        alone = not (member.coordinator or member.patient_side or member.invites or member.emergency)
        require(alone, Reason.FORBIDDEN_RIGHTS)
    if state.team:
        require(history and not member.emergency, Reason.FORBIDDEN_RIGHTS)


def _person(newcomer: Newcomer, since: int, *, team: bool) -> Member:
    _require_form(patient_side=newcomer.patient_side, patient=newcomer.patient)
    account, devices = certified_devices(newcomer.certificates, newcomer.retired)
    return Member(
        account=account,
        devices=devices,
        role_rights=role_rights(
            newcomer.rights,
            coordinator=newcomer.coordinator,
            patient_side=newcomer.patient_side,
            team=team,
        ),
        rights={},
        coordinator=newcomer.coordinator,
        patient_side=newcomer.patient_side,
        patient=newcomer.patient,
        invites=newcomer.invites,
        until=newcomer.until,
        since=since,
        emergency=newcomer.emergency,
    )
