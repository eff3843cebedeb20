"""What a relay signs and checks with a key: it holds none that opens an entry."""

from __future__ import annotations

import msgspec

from carelink.crypto.primitives import SignatureKind, sign, signing_public_key, verify
from carelink.sync.wire.api import SessionChallenge, SessionContent, SessionProof, session_bytes
from carelink.sync.wire.structures import Checkpoint, CheckpointBody


def relay_key(seed: bytes) -> bytes:
    """Return the public key that clients pin, from a relay's 32-byte seed."""
    return signing_public_key(seed)


def signed_challenge(seed: bytes, device: bytes, client_nonce: bytes, hub_nonce: bytes) -> SessionChallenge:
    """Return a relay's nonce for a device, signed with an empty address."""
    hub_key = signing_public_key(seed)
    content = SessionContent(hub_key, "", device, client_nonce, hub_nonce)
    signature = sign(SignatureKind.HUB_SESSION, seed, session_bytes(content))
    return SessionChallenge(hub_key, hub_nonce, signature)


def verify_proof(signing_key: bytes, hub_key: bytes, proof: SessionProof) -> bool:
    """Tell whether a device signed its session with this relay."""
    content = SessionContent(hub_key, proof.hub_address, proof.device, proof.client_nonce, proof.hub_nonce)
    return verify(SignatureKind.SESSION, signing_key, proof.signature, session_bytes(content))


def signed_checkpoint(seed: bytes, checkpoint: CheckpointBody) -> Checkpoint:
    """Return where a stream stands, signed."""
    body = msgspec.msgpack.encode(checkpoint)
    return Checkpoint(body, sign(SignatureKind.CHECKPOINT, seed, body))
