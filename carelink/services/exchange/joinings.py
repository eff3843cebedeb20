"""Asking a relay whether the invitations that this account answered still stand."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from carelink.services.session import Session
from carelink.sync.exchange.context import Call, HubRefusalError
from carelink.sync.wire import api

ASK_AGAIN_MS = 10 * 60_000
_ENDED = (api.ProblemCode.EXPIRED_INVITATION, api.ProblemCode.UNKNOWN_INVITATION)


def ask_after(session: Session, hub: int) -> Generator[Call, Any, list[str]]:
    """Ask after each invitation answered at a relay that is not known to have ended.

    Returns:
        The circles whose invitation turns out to have ended, by id in hexadecimal.
    """
    with session.read() as stores:
        waiting = [row for row in stores.joinings() if not row.ended and stores.hub_of(row.circle) == hub]
    ended: list[str] = []
    for row in waiting:
        try:
            yield Call(api.RENDEZVOUS_READ, api.RendezvousRead(row.identifier), api.RendezvousBlob)
        except HubRefusalError as error:
            if error.code == api.ProblemCode.USED_INVITATION:
                # It is open still: a code that was answered shows nothing more to who does not repeat it.
                continue
            if error.code not in _ENDED:
                # Too many questions from here, say: the exchange itself went well.
                return ended
            with session.write() as stores:
                stores.end_joining(row.circle)
            ended.append(row.circle.hex())
    return ended
