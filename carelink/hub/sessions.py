"""Sessions: a device proves that it holds its key, and gets a token for an hour."""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from carelink.sync.wire.api import SessionChallenge
from carelink.sync.wire.relay import signed_challenge

NONCE_LIFETIME: Final = 60_000
SESSION_LIFETIME: Final = 3_600_000
_MAX_SESSIONS: Final = 200_000
_TIME_BYTES: Final = 6
_RANDOM_BYTES: Final = 10
_MAC_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Session:
    """Who holds a token, until when (milliseconds since 1970)."""

    device: bytes
    expires: int


class Sessions:
    """Challenges and tokens, in memory.

    A nonce carries its own end and a mac over what it was given for, so that asking for many costs
    no memory; only those that were used are remembered, until they would have ended anyway.
    """

    def __init__(self, hub_seed: bytes, clock: Callable[[], int]) -> None:
        self._seed = hub_seed
        self._clock = clock
        self._mac_key = secrets.token_bytes(32)
        self._used: OrderedDict[bytes, int] = OrderedDict()
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()

    def challenge(self, device: bytes, client_nonce: bytes) -> SessionChallenge:
        """Return a nonce for this device, signed by the relay."""
        ends = self._clock() + NONCE_LIFETIME
        start = ends.to_bytes(_TIME_BYTES, "big") + secrets.token_bytes(_RANDOM_BYTES)
        nonce = start + self._mac(start, device, client_nonce)
        return signed_challenge(self._seed, device, client_nonce, nonce)

    def accepts(self, nonce: bytes, device: bytes, client_nonce: bytes) -> bool:
        """Tell whether a nonce was given for this, is not over and was not used."""
        start, mac = nonce[:-_MAC_BYTES], nonce[-_MAC_BYTES:]
        if len(start) != _TIME_BYTES + _RANDOM_BYTES:
            return False
        if not hmac.compare_digest(mac, self._mac(start, device, client_nonce)):
            return False
        return self._clock() < int.from_bytes(start[:_TIME_BYTES], "big") and nonce not in self._used

    def grant(self, device: bytes, nonce: bytes) -> tuple[str, Session]:
        """Use up a nonce and return a token."""
        now = self._clock()
        while self._used and next(iter(self._used.values())) <= now:
            self._used.popitem(last=False)
        self._used[nonce] = now + NONCE_LIFETIME
        while self._sessions and next(iter(self._sessions.values())).expires <= now:
            self._sessions.popitem(last=False)
        if len(self._sessions) >= _MAX_SESSIONS:
            self._sessions.popitem(last=False)
        token = secrets.token_urlsafe(32)
        session = Session(device, now + SESSION_LIFETIME)
        self._sessions[_fingerprint(token)] = session
        return token, session

    def find(self, token: str) -> Session | None:
        """Return the session of a token that is still good."""
        session = self._sessions.get(_fingerprint(token))
        return None if session is None or session.expires <= self._clock() else session

    def _mac(self, start: bytes, device: bytes, client_nonce: bytes) -> bytes:
        parts = start + len(device).to_bytes(4, "big") + device + client_nonce
        return hmac.digest(self._mac_key, parts, "sha256")[:_MAC_BYTES]


def _fingerprint(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()
