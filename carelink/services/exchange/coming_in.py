"""A new device of an account comes into its circles by the keys of one that was in them already."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from carelink.crypto.keys import DeviceKeys
from carelink.models.stores.account import HubRow
from carelink.services.exchange.devices import adopt_devices, find_circles
from carelink.services.exchange.relays import Relay
from carelink.services.exchange.sync import SyncReport, exchange_with
from carelink.services.session import Session
from carelink.sync.exchange.context import Call, Context, HubRefusalError
from carelink.sync.exchange.devices import bring_devices
from carelink.sync.exchange.pull import pull
from carelink.sync.exchange.session import open_session
from carelink.sync.wire import api


def come_in(relay: Relay, keys: DeviceKeys, backfill_pages: int | None = None) -> bool:
    """Bring back the circles of one relay: the keys open what was left for them, and put this device in.

    Args:
        relay: Which.
        keys: Of a recovery sheet or of a portable device, whose letters stay for the next time.
        backfill_pages: As for `Sync.once`.

    Returns:
        Whether this relay knows those keys at all.
    """
    session = relay.session
    context = relay.context()
    context.keys, context.paper, context.token = keys, True, ""
    try:
        relay.run(open_session(context))
    except HubRefusalError as refusal:
        if refusal.code != api.ProblemCode.UNKNOWN_DEVICE:
            raise
        # In none of this relay's circles: others took their place, or there are none.
        return False
    relay.run(_take_circles(session, context, relay.row))
    exchange_with(relay, SyncReport(), backfill_pages)
    return True


def _take_circles(session: Session, context: Context, row: HubRow) -> Generator[Call, Any, None]:
    yield from find_circles(session, context, row.pk)
    yield from pull(context)
    adopt_devices(session, context)
    yield from bring_devices(context, [session.certificate], ())
