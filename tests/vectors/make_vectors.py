"""Writes the frozen vectors of a format: `python -m tests.vectors.make_vectors` from the top folder.

Run it only when the format is meant to change: other versions must keep reading what this one wrote.
Encryption is randomised, so sealed bytes are for decryption only and differ at each run.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from carelink.access.compartments import Stream
from carelink.access.statements import (
    SUITE,
    ZERO_HASH,
    Certificate,
    Create,
    EpochOpening,
    Newcomer,
    SignedCertificate,
    StatementBody,
    circle_id_of,
    encode_public,
    encode_statement,
    statement_hash,
)
from carelink.crypto.keys import DeviceKeys, device_id, name_hash
from carelink.crypto.primitives import (
    SignatureKind,
    derive,
    hpke_public_key,
    hpke_seal,
    sha256,
    sign,
    signing_public_key,
    stretch,
)
from carelink.records.bodies import EntryBody, encode_body
from carelink.records.patient import GenesisPart, MemberCard, PatientIdentity
from carelink.records.revision import Revision, encode_revision, revision_id
from carelink.sync.invitation import code_secret, proof_words
from carelink.sync.letters import write_letter
from carelink.sync.sealed_parts import seal_part
from carelink.sync.sealing import Body, SealingPlace, SeenHead, padded_size, seal_envelope
from carelink.sync.wire.verification import decode_header, key_commitment, next_checkpoint

FOLDER = Path(__file__).parent / "format-0"
TIME = 1_800_000_000_000
IDENTITY = bytes(range(32))
CLAIRE = DeviceKeys(bytes(range(32, 64)), bytes(range(64, 160)))
PAUL = DeviceKeys(bytes(range(96, 128)), bytes(range(128, 224)))
LIFE_KEY = bytes(range(200, 232))
TRACE_KEY = bytes(range(1, 97))
CODE = "ABCD-EFGH-JKMN"
HUB = "https://relais.exemple.fr"


def _certificate() -> SignedCertificate:
    keys = CLAIRE
    signing, hpke = signing_public_key(keys.signing), hpke_public_key(keys.hpke)
    certificate = Certificate(
        SUITE,
        signing_public_key(IDENTITY),
        device_id(signing, hpke),
        signing,
        hpke,
        name_hash(b"salt", "Claire Martin"),
        TIME,
    )
    body = msgspec.msgpack.encode(certificate)
    return SignedCertificate(body, sign(SignatureKind.CERTIFICATE, IDENTITY, body))


def _genesis(certificate: SignedCertificate) -> bytes:
    rights = (("life", 3), ("registry", 3), ("trace", 3), ("decisions", 3))
    newcomer = Newcomer((certificate,), rights, True, False, True, None, True)
    trace = hpke_public_key(TRACE_KEY)
    epochs = (
        EpochOpening("life", 1, key_commitment("life", LIFE_KEY)),
        EpochOpening("trace", 1, key_commitment("trace", trace), trace),
    )
    kind, public = encode_public(Create(bytes(16), newcomer, epochs))
    return encode_statement(
        StatementBody(SUITE, b"", 0, ZERO_HASH, CLAIRE.device, TIME, kind, public, sha256(b"sealed"))
    )


def _envelope(circle: bytes, head: bytes, stream: Stream, epoch_key: bytes, data: bytes) -> dict[str, Any]:
    place = SealingPlace(circle, stream, 1, 0, head, CLAIRE.device, 1, ZERO_HASH)
    body = Body((data,), (SeenHead(PAUL.device, 7, bytes(8)),), 3, sha256(b"checkpoint"))
    sealed = seal_envelope(place, epoch_key, CLAIRE.signing, body)
    envelope = sealed.envelope
    _, core = decode_header(envelope.header)
    return {
        "header": envelope.header,
        "id": sealed.identifier,
        "signature": envelope.signature,
        "ciphertext": envelope.ciphertext,
        "signing_key": signing_public_key(CLAIRE.signing),
        "seq": core.seq,
        "stream": stream.value,
        "body": msgspec.msgpack.encode(body),
    }


def vectors() -> dict[str, dict[str, Any]]:
    """Return the vectors by file; bytes are written in hexadecimal."""
    certificate = _certificate()
    genesis = _genesis(certificate)
    head = statement_hash(genesis)
    circle = circle_id_of(head)
    entry = EntryBody("Promenade au jardin, œil bien.", "note", True, False, "")
    revision = Revision(
        bytes(16), "entry", (bytes(range(16)),), bytes(16), TIME, (bytes(16),), encode_body(entry)
    )
    data = encode_revision(revision)
    identity = PatientIdentity("Jeanne", "Moreau", "", "1938-04-12", "F")
    card = MemberCard("Claire Martin", b"salt", "nurse", ("coordinator",), "nurse", "", "", b"")
    letter = write_letter(CLAIRE, circle, Stream.LIFE, 1, LIFE_KEY, PAUL.device, hpke_public_key(PAUL.hpke))
    secret = code_secret(CODE, HUB)
    digests, digest = [], ZERO_HASH
    for number in range(4):
        digest = next_checkpoint(digest, sha256(bytes([number])))
        digests.append(digest)
    return {
        "identities": {
            "device_signing_seed": CLAIRE.signing,
            "device_hpke_key": CLAIRE.hpke,
            "device": CLAIRE.device,
            "certificate": certificate.body,
            "certificate_signature": certificate.signature,
            "name": "Claire Martin",
            "name_salt": b"salt",
            "name_hash": name_hash(b"salt", "Claire Martin"),
        },
        "registry": {
            "statement": genesis,
            "hash": head,
            "circle": circle,
            "signature": sign(SignatureKind.STATEMENT, CLAIRE.signing, genesis),
            "sealed": b"sealed",
            "life_key": LIFE_KEY,
            "life_commitment": key_commitment("life", LIFE_KEY),
            "trace_private": TRACE_KEY,
            "trace_commitment": key_commitment("trace", hpke_public_key(TRACE_KEY)),
            "genesis_part": seal_part(GenesisPart(identity, card), LIFE_KEY, 0),
            "genesis_part_patient": "Jeanne Moreau",
            "checkpoints": digests,
        },
        "envelopes": {
            "life": _envelope(circle, head, Stream.LIFE, LIFE_KEY, data),
            "trace": _envelope(circle, head, Stream.TRACE, hpke_public_key(TRACE_KEY), data),
            "life_secret": LIFE_KEY,
            "trace_secret": TRACE_KEY,
            "revision": data,
            "revision_id": revision_id(data),
            "text": entry.text,
            "padded_sizes": [[n, padded_size(n)] for n in (0, 1, 2, 9, 100, 1000, 4097, 65_537, 1_000_000)],
        },
        "letters": {
            "body": letter.body,
            "signature": letter.signature,
            "recipient_signing_seed": PAUL.signing,
            "recipient_hpke_key": PAUL.hpke,
            "secret": LIFE_KEY,
            "hpke_private": TRACE_KEY,
            "hpke_info": b"carelink vectors",
            "hpke_ciphertext": hpke_seal(hpke_public_key(TRACE_KEY), b"carelink vectors", b"plain"),
            "hpke_plain": b"plain",
        },
        "invitations": {
            "code": CODE,
            "hub": HUB,
            "identifier": secret.identifier,
            "key": secret.key,
            "blob": b"blob",
            "answer": b"answer",
            "words": list(proof_words(CODE, b"blob", b"answer")),
        },
        "derivations": {
            "derived": derive(bytes(range(32)), bytes(32), b"carelink vectors"),
            "stretched": stretch("cheval batterie agrafe correct", b"0123456789abcdef"),
        },
    }


def plain(value: object) -> object:
    """Return a value as JSON holds it."""
    match value:
        case bytes():
            return value.hex()
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
        case list():
            return [plain(inner) for inner in value]
        case _:
            return value


def main() -> None:
    """Write every file."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in vectors().items():
        text = json.dumps(plain(content), indent=1, ensure_ascii=False)
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
