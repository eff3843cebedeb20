"""The certificates of an account: which devices count, and who vouches for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from carelink.access.statements import SignedCertificate, decode_certificate
from carelink.models.stores.account import DeviceRow
from carelink.services.session import Session, Stores

# With the rest of an answer to an invitation they have sixteen kibibytes.
MOST_CARRIED = 8


@dataclass(frozen=True, slots=True)
class Carried:
    """What a circle is given of an account that comes in.

    Attributes:
        certificates: Each signed by the identity key or by a device before it.
        retired: Those of them that only vouch for others, and count no more.
    """

    certificates: tuple[SignedCertificate, ...]
    retired: tuple[bytes, ...]


def signed_of(row: DeviceRow) -> SignedCertificate:
    """Return the certificate that a vault keeps of a device."""
    return SignedCertificate(row.body, row.signature, row.signer)


def row_of(
    signed: SignedCertificate, now: int, *, name: str = "", state: str = "active", owner: bytes = b""
) -> DeviceRow:
    """Return what a vault keeps of a device."""
    device = decode_certificate(signed.body).device
    return DeviceRow(device, signed.body, signed.signature, signed.signer, name, state, now, owner)


def active_sheet(stores: Stores) -> DeviceRow | None:
    """Return the recovery sheet that counts."""
    return next(
        (row for row in stores.devices() if row.state == "active" and decode_certificate(row.body).paper),
        None,
    )


def line_of(device: bytes, known: Mapping[bytes, SignedCertificate]) -> list[bytes]:
    """Return a device with those that vouch for it, the first of them first."""
    line: list[bytes] = []
    while device in known and device not in line:
        line.append(device)
        device = known[device].signer
    return line[::-1]


def ordered(devices: Iterable[bytes], known: Mapping[bytes, SignedCertificate]) -> list[bytes]:
    """Return devices with all that vouch for them, each after whoever signed it."""
    return list(dict.fromkeys(one for device in devices for one in line_of(device, known)))


def known_certificates(session: Session, stores: Stores) -> dict[bytes, SignedCertificate]:
    """Return every certificate of the account by device, this one's among them."""
    known = {row.device: signed_of(row) for row in stores.devices()}
    return {session.keys.device: session.certificate, **known}


def carried(session: Session, stores: Stores) -> Carried:
    """Return what a circle is given that this account creates or joins."""
    rows = stores.devices()
    if not rows:
        return Carried((session.certificate,), ())
    known = known_certificates(session, stores)
    gone = _gone(session, stores)
    counting = [row.device for row in rows if row.state == "active" and row.device not in gone]
    papers = [device for device in counting if decode_certificate(known[device].body).paper]
    counting = [session.keys.device, *papers, *(device for device in counting if device not in papers)]
    kept: list[bytes] = []
    for device in counting:
        more = ordered([*kept, device], known)
        kept = more if len(more) <= MOST_CARRIED else kept
    return Carried(
        tuple(known[device] for device in kept),
        tuple(device for device in kept if device not in counting),
    )


def _gone(session: Session, stores: Stores) -> set[bytes]:
    """Return devices that some circle counts no more: nobody is given new circles by one that was revoked."""
    gone: set[bytes] = set()
    for link in stores.links():
        state = session.chain(stores, link.circle).state
        me = None if state is None else state.members.get(session.account)
        if state is not None and me is not None:
            ours = {device for device, account in state.owners.items() if account == session.account}
            gone |= ours - set(me.devices)
    return gone - {session.keys.device}
