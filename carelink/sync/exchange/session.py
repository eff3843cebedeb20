"""Opening a session: both sides prove their keys over the same nonces."""

from __future__ import annotations

import secrets

from carelink.crypto.primitives import KEY_BYTES, SignatureKind, sign, verify
from carelink.sync.exchange.context import Call, Context, Steps, WrongHubError
from carelink.sync.wire import api


def open_session(context: Context) -> Steps:
    """Prove who we are to the relay whose key is pinned.

    Raises:
        WrongHubError: Another relay answers.
        HubRefusalError: The relay does not know this device (yet).
    """
    nonce = secrets.token_bytes(KEY_BYTES)
    challenge: api.SessionChallenge = yield Call(
        api.SESSION_OPEN, api.SessionOpen(context.device, nonce), api.SessionChallenge
    )
    if challenge.hub_key != context.hub_key:
        raise WrongHubError
    content = api.SessionContent(context.hub_key, "", context.device, nonce, challenge.hub_nonce)
    if not verify(
        SignatureKind.HUB_SESSION, context.hub_key, challenge.signature, api.session_bytes(content)
    ):
        raise WrongHubError
    proof = api.SessionContent(context.hub_key, context.hub_url, context.device, nonce, challenge.hub_nonce)
    granted: api.SessionGranted = yield Call(
        api.SESSION_PROVE,
        api.SessionProof(
            context.device,
            nonce,
            challenge.hub_nonce,
            context.hub_url,
            sign(SignatureKind.SESSION, context.keys.signing, api.session_bytes(proof)),
        ),
        api.SessionGranted,
    )
    context.token = granted.token
    context.hub_time = granted.time
