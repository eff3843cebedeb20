"""The devices of a member: those that came in with them, those added and revoked since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from carelink.access.registry.rights import escrowed, with_member
from carelink.access.registry.state import CircleState, Member, Reason, RefusedError, require
from carelink.access.statements import (
    MAX_DEVICES,
    SUITE,
    AddDevice,
    Certificate,
    RevokeDevices,
    SignedCertificate,
    decode_certificate,
)

HPKE_PUBLIC_BYTES = 1216
KEY_BYTES = 32
ID_BYTES = 16


def certified_devices(
    signed: Sequence[SignedCertificate], retired: Collection[bytes] = ()
) -> tuple[bytes, dict[bytes, Certificate]]:
    """Return the account and the devices that a newcomer brings, each signed by one before it.

    Those that are `retired` only vouch for others: they count for nothing in the circle.
    """
    require(0 < len(signed) <= MAX_DEVICES, Reason.MALFORMED)
    devices: dict[bytes, Certificate] = {}
    for one in signed:
        certificate = _certificate(one)
        require(not one.signer or one.signer in devices, Reason.MALFORMED)
        require(certificate.device not in devices, Reason.MALFORMED)
        devices[certificate.device] = certificate
    accounts = {certificate.account for certificate in devices.values()}
    require(len(accounts) == 1 and set(retired) <= set(devices), Reason.MALFORMED)
    devices = {device: known for device, known in devices.items() if device not in retired}
    require(bool(devices) and len(_sheets(devices.values())) <= 1, Reason.MALFORMED)
    return accounts.pop(), devices


def device_added(state: CircleState, author: Member, device: bytes, add: AddDevice) -> CircleState:
    """Add a device that the author's own device, or the identity key, certified.

    A new recovery sheet takes the place of the old one.
    """
    certificate = _certificate(add.certificate)
    require(certificate.account == author.account, Reason.NOT_ENTITLED)
    require(add.certificate.signer in {b"", device}, Reason.NOT_ENTITLED)
    require(certificate.device not in state.owners, Reason.ALREADY_MEMBER)
    after = author
    if certificate.paper:
        after = _without(after, _sheets(author.devices.values()))
        state = _due(state, author, after)
    require(len(after.devices) < MAX_DEVICES, Reason.MALFORMED)
    after = replace(
        after,
        devices={**after.devices, certificate.device: certificate},
        certified_by={**after.certified_by, certificate.device: device},
    )
    state = replace(state, owners={**state.owners, certificate.device: author.account})
    return with_member(state, after)


def devices_revoked(
    state: CircleState, author: Member, device: bytes, revoke: RevokeDevices, *, may_change: bool
) -> CircleState:
    """Revoke devices of the author's own account, or of a member whose membership they may change.

    The account's own PCs revoke no recovery sheet: a new one takes its place.
    """
    before = state.members.get(revoke.account)
    if before is None or not before.active:
        raise RefusedError(Reason.NOT_A_MEMBER)
    require(before.team is None, Reason.NOT_ENTITLED)
    own = author.account == revoke.account
    require(own or may_change, Reason.NOT_ENTITLED)
    gone = set(revoke.devices)
    require(0 < len(gone) == len(revoke.devices) and gone <= set(before.devices), Reason.MALFORMED)
    if own:
        require(not gone >= set(before.devices), Reason.NOT_ENTITLED)
        require(not (gone & _sheets(before.devices.values())) - {device}, Reason.NOT_ENTITLED)
    after = _without(before, gone)
    return with_member(_due(state, before, after), after)


def _without(member: Member, gone: Collection[bytes]) -> Member:
    return replace(member, devices={d: c for d, c in member.devices.items() if d not in gone})


def _due(state: CircleState, before: Member, after: Member) -> CircleState:
    """Make every stream of a member due of whom a device counts no more."""
    if len(after.devices) == len(before.devices):
        return state
    streams = {
        stream: replace(known, due=True)
        if known.current and (before.reads(stream) or escrowed(before, stream))
        else known
        for stream, known in state.streams.items()
    }
    return replace(state, streams=streams)


def _sheets(certificates: Collection[Certificate]) -> set[bytes]:
    return {certificate.device for certificate in certificates if certificate.paper}


def _certificate(signed: SignedCertificate) -> Certificate:
    try:
        certificate = decode_certificate(signed.body)
    except ValueError:
        raise RefusedError(Reason.MALFORMED) from None
    require(
        certificate.suite == SUITE
        and len(certificate.account_key) == KEY_BYTES
        and len(certificate.device) == ID_BYTES
        and len(certificate.signing_key) == KEY_BYTES
        and len(certificate.hpke_key) == HPKE_PUBLIC_BYTES,
        Reason.MALFORMED,
    )
    return certificate
