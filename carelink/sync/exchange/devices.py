"""An account's own devices in every circle: brought in, revoked, found in the chains."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Mapping
from typing import Any

from carelink.access.registry import CircleState, Member
from carelink.access.statements import (
    AddDevice,
    RevokeDevices,
    SignedCertificate,
    decode_certificate,
)
from carelink.sync.exchange.context import Call, Context, HubRefusalError
from carelink.sync.exchange.membership import Proposal, append_named, prepared
from carelink.sync.exchange.named import named_certificates
from carelink.sync.exchange.pull import pull
from carelink.sync.store import Transaction
from carelink.sync.wire import api


def own_circles(context: Context) -> Generator[Call, Any, tuple[api.OwnCircle, ...]]:
    """Ask the relay for the circles that this device is in."""
    found: list[api.OwnCircle] = []
    after = b""
    while True:
        request = api.OwnCirclesRequest(after)
        page: api.OwnCircles = yield context.call(api.OWN_CIRCLES, request, api.OwnCircles)
        fresh = [one for one in page.circles if one.circle > after]
        if not fresh:
            return tuple(found)
        found += fresh
        after = fresh[-1].circle


def found_devices(context: Context, known: Collection[bytes]) -> list[SignedCertificate]:
    """Return the certificates of devices of ours that a circle names and that are not `known`."""
    found: dict[bytes, SignedCertificate] = {}
    with context.store.reading() as tx:
        for link in tx.links():
            state = context.chain(tx, link.circle).state
            me = None if state is None else state.members.get(context.account)
            unknown = set() if me is None else set(me.devices) - set(known) - set(found)
            if unknown:
                named = named_certificates(tx, link.circle)
                found |= {device: named[device] for device in unknown}
    return list(found.values())


def bring_devices(
    context: Context, devices: Iterable[SignedCertificate], revoked: Collection[bytes]
) -> Generator[Call, Any, bool]:
    """Bring every circle's registry to what its owner wants: these devices, and those no more.

    Returns:
        Whether any of them changed.
    """
    # A circle takes a device from the one that certified it only, or where the identity key did.
    wanted = {
        decode_certificate(signed.body).device: signed
        for signed in devices
        if signed.signer in {b"", context.device}
    }
    with context.store.reading() as tx:
        circles = [link.circle for link in tx.links() if link.state == "member" and not link.alarm]
        behind = [c for c in circles if _change(context, context.chain(tx, c).state, wanted, revoked)]
    changed = False
    for circle in behind:

        def propose(tx: Transaction, state: CircleState) -> Proposal | None:
            public = _change(context, state, wanted, revoked)
            return None if public is None else prepared(context, tx, state.circle, public)

        try:
            while (yield from append_named(context, circle, propose, lambda: pull(context))):
                changed = True
        except HubRefusalError as refusal:
            if refusal.code not in {api.ProblemCode.NOT_ENTITLED, api.ProblemCode.REFUSED}:
                raise
    return changed


def _change(
    context: Context,
    state: CircleState | None,
    wanted: Mapping[bytes, SignedCertificate],
    revoked: Collection[bytes],
) -> AddDevice | RevokeDevices | None:
    """Return the next statement that one circle lacks."""
    me = None if state is None else _me(context, state)
    if state is None or me is None:
        return None
    gone = tuple(d for d, known in me.devices.items() if d in revoked and not known.paper)
    if gone and context.device not in gone:
        return RevokeDevices(me.account, gone)
    for device, signed in wanted.items():
        if device not in state.owners:
            return AddDevice(signed)
    return None


def _me(context: Context, state: CircleState) -> Member | None:
    member = state.member_of(context.device)
    return member if member is not None and member.active else None
