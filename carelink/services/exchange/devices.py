"""What each exchange does for the account's own devices and its recovery sheet."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import msgspec

from carelink.access.statements import decode_certificate
from carelink.crypto.keys import sheet_id
from carelink.crypto.primitives import sha256
from carelink.crypto.recovery import PLACES_BYTES, Place, Places, encode_blob, seal_places
from carelink.models.stores.account import DeviceRow
from carelink.services.certificates import (
    active_sheet,
    known_certificates,
    ordered,
    row_of,
    signed_of,
)
from carelink.services.session import Session, Stores
from carelink.sync.exchange.context import Call, Context
from carelink.sync.exchange.devices import bring_devices, found_devices, own_circles
from carelink.sync.wire import api

_ROOM = PLACES_BYTES - 512


def look_after_devices(session: Session, context: Context, hub: int) -> Generator[Call, Any, bool]:
    """Find what other devices of the account did, and bring each circle to what this vault says.

    Returns:
        Whether something changed that the other members, or we, have to act upon.
    """
    with session.read() as stores:
        rows = stores.devices()
    if not rows:
        return False
    fresh = False
    if any(row.state == "active" and not decode_certificate(row.body).paper for row in rows):
        fresh = yield from find_circles(session, context, hub)
    adopt_devices(session, context)
    with session.read() as stores:
        rows = stores.devices()
    active = [signed_of(row) for row in rows if row.state == "active"]
    revoked = {row.device for row in rows if row.state == "revoked"}
    changed = yield from bring_devices(context, active, revoked)
    yield from _keep_sheet(session, context, hub)
    return fresh or changed


def find_circles(session: Session, context: Context, hub: int) -> Generator[Call, Any, bool]:
    """Follow the circles in which another device of the account has put this one."""
    circles = yield from own_circles(context)
    with session.read() as stores:
        fresh = [one for one in circles if not stores.has(one.circle)]
    if fresh:
        now = session.clock()
        with session.write() as stores:
            for one in fresh:
                if not stores.has(one.circle):
                    stores.add_circle(one.circle, hub, one.genesis, "waiting", now)
        with context.store.transaction() as tx:
            # Letters of circles that were not followed yet have gone by unread.
            items, _letters = tx.cursors()
            tx.set_cursors(items, 0)
            tx.set_direct_cursor(0)
    return bool(fresh)


def adopt_devices(session: Session, context: Context) -> None:
    """Keep the devices of ours that circles name; the newest recovery sheet is the one that counts."""
    with session.read() as stores:
        known = known_certificates(session, stores)
    found = found_devices(context, known)
    if not found:
        return
    now = session.clock()
    with session.write() as stores:
        for signed in found:
            state = "active"
            if (certificate := decode_certificate(signed.body)).paper:
                sheet = active_sheet(stores)
                newer = sheet is None or decode_certificate(sheet.body).issued < certificate.issued
                state = "active" if newer else "revoked"
                if newer and sheet is not None:
                    stores.set_device_state(sheet.device, "revoked")
            stores.add_device(row_of(signed, now, state=state))


def _keep_sheet(session: Session, context: Context, hub: int) -> Generator[Call, Any, None]:
    """Leave the sheet's blob at this relay, where what it should say is not what was left before."""
    with session.read() as stores:
        sheet = active_sheet(stores)
        if sheet is None or not sheet.owner:
            return
        places = _places(session, stores, sheet)
        mark = sha256(sheet.device, msgspec.msgpack.encode(places)).hex()
        key = f"sheet-at-{hub}"
        if stores.setting(key) == mark:
            return
        named = any(
            sheet.device in me.devices
            for link in stores.links()
            if (state := session.chain(stores, link.circle).state) is not None
            and stores.hub_of(link.circle) == hub
            and (me := state.members.get(session.account)) is not None
        )
    if not named:
        return
    certificate = decode_certificate(sheet.body)
    blob = encode_blob(sheet.owner, seal_places(certificate, places, session.keys))
    yield context.call(
        api.RECOVERY_KEEP, api.RecoveryKeep(sheet_id(certificate.signing_key), blob), api.Accepted
    )
    with session.write() as stores:
        stores.set_setting(key, mark)


def _places(session: Session, stores: Stores, sheet: DeviceRow) -> Places:
    known = known_certificates(session, stores)
    certificates = tuple(known[device] for device in ordered((sheet.device, session.keys.device), known))
    places = Places((), certificates)
    for row in stores.hubs():
        more = Places((*places.relays, Place(row.url, row.fingerprint, row.hub_key or b"")), certificates)
        if len(msgspec.msgpack.encode(more)) > _ROOM:
            break
        places = more
    return places
