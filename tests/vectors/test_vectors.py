"""What format 0 wrote is still read, and what it computed is still computed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState
from carelink.access.statements import (
    ZERO_HASH,
    SignedCertificate,
    circle_id_of,
    decode_statement,
    encode_statement,
    statement_hash,
)
from carelink.crypto.keys import DeviceKeys, device_id, name_hash, verified_certificate
from carelink.crypto.primitives import (
    derive,
    hpke_open,
    hpke_public_key,
    sha256,
    signing_public_key,
    stretch,
)
from carelink.records.bodies import decode_entry
from carelink.records.patient import GenesisPart
from carelink.records.revision import decode_revision, encode_revision, revision_id
from carelink.sync.invitation import code_secret, proof_words
from carelink.sync.letters import read_letter
from carelink.sync.sealed_parts import open_part
from carelink.sync.sealing import Body, open_envelope, padded_size
from carelink.sync.wire.structures import Letter, SignedStatement
from carelink.sync.wire.verification import (
    decode_header,
    decode_letter,
    envelope_id,
    key_commitment,
    next_checkpoint,
    verified_apply,
    verify_envelope,
)

FOLDER = Path(__file__).parent / "format-0"


class Vectors:
    """One file: `hex` gives bytes, `value` the rest."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content

    def hex(self, name: str) -> bytes:
        return bytes.fromhex(self._content[name])

    def value(self, name: str) -> Any:  # noqa: ANN401  (JSON)
        return self._content[name]

    def part(self, name: str) -> Vectors:
        return Vectors(self._content[name])


def read(name: str) -> Vectors:
    return Vectors(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))


def genesis() -> CircleState:
    registry = read("registry")
    state = verified_apply(
        None,
        SignedStatement(registry.hex("statement"), registry.hex("signature"), registry.hex("sealed")),
    )
    assert isinstance(state, CircleState)
    return state


def test_device_ids_names_and_certificates() -> None:
    given = read("identities")
    keys = DeviceKeys(given.hex("device_signing_seed"), given.hex("device_hpke_key"))
    assert keys.device == given.hex("device")
    assert device_id(signing_public_key(keys.signing), hpke_public_key(keys.hpke)) == given.hex("device")
    assert name_hash(given.hex("name_salt"), given.value("name")) == given.hex("name_hash")
    signed = SignedCertificate(given.hex("certificate"), given.hex("certificate_signature"))
    certificate = verified_certificate(signed)
    assert certificate is not None
    assert certificate.device == given.hex("device")
    assert not certificate.paper


def test_statements_are_named_read_and_written_as_before() -> None:
    given = read("registry")
    data = given.hex("statement")
    assert statement_hash(data) == given.hex("hash")
    assert circle_id_of(given.hex("hash")) == given.hex("circle")
    assert encode_statement(decode_statement(data).body) == data
    assert genesis().circle == given.hex("circle")


def test_keys_are_committed_to_as_before() -> None:
    given, state = read("registry"), genesis()
    assert key_commitment("life", given.hex("life_key")) == given.hex("life_commitment")
    public = hpke_public_key(given.hex("trace_private"))
    assert key_commitment("trace", public) == given.hex("trace_commitment")
    assert state.streams[Stream.LIFE].epochs[0].commitment == given.hex("life_commitment")
    assert state.streams[Stream.TRACE].epochs[0].public_key == public


def test_sealed_names_open() -> None:
    given = read("registry")
    part = open_part(GenesisPart, given.hex("genesis_part"), given.hex("life_key"), 0)
    assert part.patient.display == given.value("genesis_part_patient")


def test_checkpoints_follow_one_another_as_before() -> None:
    digest = ZERO_HASH
    for number, expected in enumerate(read("registry").value("checkpoints")):
        digest = next_checkpoint(digest, sha256(bytes([number])))
        assert digest.hex() == expected


@pytest.mark.parametrize("stream", ["life", "trace"])
def test_an_envelope_is_named_verified_and_opened(stream: str) -> None:
    file = read("envelopes")
    given = file.part(stream)
    data = given.hex("header")
    header, core = decode_header(data)
    assert envelope_id(data) == given.hex("id")
    assert verify_envelope(given.hex("signing_key"), given.hex("id"), given.hex("signature"))
    assert (core.seq, core.stream) == (given.value("seq"), stream)
    assert sha256(given.hex("ciphertext")) == header.digest
    body = open_envelope(core, header.core, given.hex("ciphertext"), file.hex(f"{stream}_secret"))
    assert body == msgspec.msgpack.decode(given.hex("body"), type=Body)
    assert body.revisions == (file.hex("revision"),)


def test_a_revision_is_named_and_read_as_before() -> None:
    given = read("envelopes")
    data = given.hex("revision")
    assert revision_id(data) == given.hex("revision_id")
    revision = decode_revision(data)
    assert encode_revision(revision) == data
    assert decode_entry(revision.body).text == given.value("text")


def test_sizes_are_padded_as_before() -> None:
    for size, padded in read("envelopes").value("padded_sizes"):
        assert padded_size(size) == padded


def test_a_letter_opens_for_its_recipient() -> None:
    given = read("letters")
    keys = DeviceKeys(given.hex("recipient_signing_seed"), given.hex("recipient_hpke_key"))
    letter = Letter(given.hex("body"), given.hex("signature"))
    body = decode_letter(letter)
    sender = genesis().member_of(body.sender)
    assert read_letter([keys.hpke], genesis(), letter, body, sender) == given.hex("secret")


def test_the_hybrid_opens_what_it_sealed_then() -> None:
    given = read("letters")
    plain = hpke_open(given.hex("hpke_private"), given.hex("hpke_info"), given.hex("hpke_ciphertext"))
    assert plain == given.hex("hpke_plain")


def test_a_code_leads_to_the_same_place_and_words() -> None:
    given = read("invitations")
    secret = code_secret(given.value("code").lower(), given.value("hub"))
    assert (secret.identifier, secret.key) == (given.hex("identifier"), given.hex("key"))
    words = proof_words(given.value("code"), given.hex("blob"), given.hex("answer"))
    assert list(words) == given.value("words")


def test_keys_are_derived_and_stretched_as_before() -> None:
    given = read("derivations")
    assert derive(bytes(range(32)), bytes(32), b"carelink vectors") == given.hex("derived")
    stretched = stretch("cheval batterie agrafe correct", b"0123456789abcdef")
    assert stretched == given.hex("stretched")
