"""A certificate ties a device to an account, and to a name that it does not tell."""

from __future__ import annotations

import msgspec
import pytest

from carelink.access.statements import SignedCertificate, decode_certificate
from carelink.crypto.keys import device_id, enrol_first_device, name_hash, verified_certificate
from carelink.crypto.primitives import SignatureKind, sign, signing_public_key

NOW = 1_800_000_000_000


def test_a_new_device_has_a_certificate_that_holds() -> None:
    enrolled = enrol_first_device("Claire Martin", NOW)
    certificate = verified_certificate(enrolled.certificate)
    assert certificate is not None
    assert certificate.device == enrolled.keys.device
    assert certificate.issued == NOW
    assert certificate.name_hash == name_hash(enrolled.name_salt, "Claire Martin")
    assert b"Claire" not in enrolled.certificate.body


def test_the_identity_is_not_among_what_is_kept() -> None:
    enrolled = enrol_first_device("Claire Martin", NOW)
    certificate = decode_certificate(enrolled.certificate.body)
    kept = (
        enrolled.keys.signing,
        enrolled.keys.hpke[:32],
        enrolled.keys.hpke[32:64],
        enrolled.keys.hpke[64:],
    )
    assert all(signing_public_key(secret) != certificate.account_key for secret in kept)


def test_a_name_hash_depends_on_name_and_salt() -> None:
    assert name_hash(b"salt", "Anne") != name_hash(b"salt", "Anna")
    assert name_hash(b"salt", "Anne") != name_hash(b"tlas", "Anne")


def test_a_device_id_depends_on_both_keys() -> None:
    one = device_id(b"a" * 32, b"b" * 1216)
    assert len(one) == 16
    assert len({one, device_id(b"a" * 32, b"c" * 1216), device_id(b"c" * 32, b"b" * 1216)}) == 3


@pytest.mark.parametrize("field", ["device", "signing_key", "hpke_key", "name_hash", "account_key"])
def test_a_certificate_with_a_field_exchanged_does_not_hold(field: str) -> None:
    ours, other = enrol_first_device("Claire", NOW), enrol_first_device("Mallory", NOW)
    taken = {field: getattr(decode_certificate(other.certificate.body), field)}
    changed = msgspec.structs.replace(decode_certificate(ours.certificate.body), **taken)
    body = msgspec.msgpack.encode(changed)
    assert verified_certificate(SignedCertificate(body, ours.certificate.signature)) is None
    assert verified_certificate(SignedCertificate(body, other.certificate.signature)) is None


def test_a_device_does_not_certify_itself_nor_pass_for_keys_that_it_lacks() -> None:
    ours = enrol_first_device("Claire", NOW)
    body = ours.certificate.body
    by_device = sign(SignatureKind.CERTIFICATE, ours.keys.signing, body)
    assert verified_certificate(SignedCertificate(body, by_device)) is None
    other_kind = sign(SignatureKind.STATEMENT, ours.keys.signing, body)
    assert verified_certificate(SignedCertificate(body, other_kind)) is None
    identity = bytes(32)
    borrowed = msgspec.msgpack.encode(
        msgspec.structs.replace(
            decode_certificate(body), account_key=signing_public_key(identity), device=bytes(16)
        )
    )
    signature = sign(SignatureKind.CERTIFICATE, identity, borrowed)
    assert verified_certificate(SignedCertificate(borrowed, signature)) is None


@pytest.mark.parametrize("body", [b"", b"\xc0", b"certificate"])
def test_what_is_no_certificate_does_not_hold(body: bytes) -> None:
    assert verified_certificate(SignedCertificate(body, bytes(64))) is None
