"""The primitives are those of the standards, and no altered byte passes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carelink.crypto.primitives import (
    SignatureKind,
    UnsealError,
    derive,
    hpke_generate,
    hpke_open,
    hpke_public_key,
    hpke_seal,
    seal,
    sha256,
    sign,
    signing_public_key,
    stretch,
    unseal,
    verify,
)

SEED = bytes(range(32))
HPKE_KEY = hpke_generate()


def flips(data: bytes, step: int = 1) -> list[bytes]:
    """Return `data` with one bit turned, at every `step`-th byte."""
    return [
        data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :] for place in range(0, len(data), step)
    ]


def test_hkdf_is_that_of_rfc_5869() -> None:
    """The first block of test cases 1 and 2: keys are 32 bytes here."""
    assert derive(b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA))) == bytes.fromhex(
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
    )
    assert derive(bytes(range(0x50)), bytes(range(0x60, 0xB0)), bytes(range(0xB0, 0x100))) == bytes.fromhex(
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
    )


def test_ed25519_is_that_of_rfc_8032() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert signing_public_key(seed).hex() == public


def test_argon2id_is_frozen_at_64_mib_three_passes_four_lanes() -> None:
    assert stretch("cheval batterie agrafe correct", b"0123456789abcdef").hex() == FROZEN_STRETCH
    assert stretch("clé", b"0123456789abcdef") == stretch("clé".encode(), b"0123456789abcdef")


FROZEN_STRETCH = "de8f24e594a4107d6921ef061102ddd742e95d888e20b4cb7c8ced2cccf2d8a4"


def test_sha256_is_that_of_fips_180() -> None:
    assert sha256(b"a", b"bc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(("said", "heard"), list(itertools.product(SignatureKind, repeat=2)))
def test_a_signature_about_one_thing_is_none_about_another(said: SignatureKind, heard: SignatureKind) -> None:
    signature = sign(said, SEED, b"data")
    assert verify(heard, signing_public_key(SEED), signature, b"data") is (said is heard)


def test_no_kind_begins_like_another_followed_by_its_data() -> None:
    signature = sign(SignatureKind.SESSION, SEED, b"")
    assert not verify(SignatureKind.HUB_SESSION, signing_public_key(SEED), signature, b"")
    assert all("\x00" not in kind.value for kind in SignatureKind)


def test_a_signature_altered_anywhere_does_not_hold() -> None:
    public, signature = signing_public_key(SEED), sign(SignatureKind.ENVELOPE, SEED, b"data")
    assert not any(verify(SignatureKind.ENVELOPE, public, bad, b"data") for bad in flips(signature))
    assert not any(verify(SignatureKind.ENVELOPE, public, signature, bad) for bad in flips(b"data"))
    assert not any(verify(SignatureKind.ENVELOPE, bad, signature, b"data") for bad in flips(public))


@pytest.mark.parametrize(("key", "signature"), [(b"", b""), (bytes(31), bytes(64)), (bytes(32), bytes(63))])
def test_keys_and_signatures_of_the_wrong_size_are_just_wrong(key: bytes, signature: bytes) -> None:
    assert not verify(SignatureKind.ENVELOPE, key, signature, b"data")


@settings(max_examples=50)
@given(st.binary(max_size=300), st.binary(max_size=50))
def test_what_is_sealed_opens_with_the_same_key_and_context_only(plain: bytes, context: bytes) -> None:
    sealed = seal(SEED, plain, context)
    assert unseal(SEED, sealed, context) == plain
    for key, data, around in (
        (bytes(32), sealed, context),
        (SEED, sealed, context + b"x"),
        (SEED, sealed[:-1], context),
        (SEED, b"", context),
    ):
        with pytest.raises(UnsealError):
            unseal(key, data, around)


def test_a_sealed_text_altered_anywhere_does_not_open() -> None:
    for bad in flips(seal(SEED, b"Mme Moreau va mieux", b"context")):
        with pytest.raises(UnsealError):
            unseal(SEED, bad, b"context")


def test_what_is_wrapped_opens_for_its_recipient_and_purpose_only() -> None:
    wrapped = hpke_seal(hpke_public_key(HPKE_KEY), b"life 1", b"secret")
    assert hpke_open(HPKE_KEY, b"life 1", wrapped) == b"secret"
    for key, info in ((HPKE_KEY, b"care 1"), (hpke_generate(), b"life 1")):
        with pytest.raises(UnsealError):
            hpke_open(key, info, wrapped)


def test_a_wrap_altered_anywhere_does_not_open() -> None:
    wrapped = hpke_seal(hpke_public_key(HPKE_KEY), b"info", b"secret")
    for bad in [*flips(wrapped, step=37), *flips(wrapped[-22:]), wrapped[:-1], wrapped[:100], b""]:
        with pytest.raises(UnsealError):
            hpke_open(HPKE_KEY, b"info", bad)


def test_both_halves_of_the_hybrid_are_needed() -> None:
    other = hpke_generate()
    wrapped = hpke_seal(hpke_public_key(HPKE_KEY), b"info", b"secret")
    for mixed in (HPKE_KEY[:64] + other[64:], other[:64] + HPKE_KEY[64:]):
        with pytest.raises(UnsealError):
            hpke_open(mixed, b"info", wrapped)


def test_a_public_key_is_ml_kem_then_x25519() -> None:
    assert len(HPKE_KEY) == 96
    assert len(hpke_public_key(HPKE_KEY)) == 1184 + 32


def test_two_wraps_of_one_secret_differ() -> None:
    public = hpke_public_key(HPKE_KEY)
    assert hpke_seal(public, b"info", b"secret") != hpke_seal(public, b"info", b"secret")
