"""An account left for shared workstations opens with their secret and its passphrase, not with one."""

from __future__ import annotations

import secrets

import msgspec
import pytest

from carelink.access.statements import decode_certificate
from carelink.crypto.keys import enrol_first_device
from carelink.crypto.primitives import UnsealError, hpke_generate, hpke_public_key
from carelink.crypto.recovery import Owner, Place
from carelink.crypto.workstation import (
    Plate,
    Portable,
    Seat,
    WorkstationKeys,
    decode_bundle,
    encode_bundle,
    new_secret,
    open_inner,
    open_kept,
    open_letter,
    seal_inner,
    seal_kept,
    seal_letter,
    seal_outer,
    seal_plate,
)

ENROLLED = enrol_first_device("Claire Martin", 0)
CERTIFICATE = decode_certificate(ENROLLED.certificate.body)
OWNER = Owner(b"", CERTIFICATE.account_key, "Claire Martin", ENROLLED.name_salt, "nurse", "")
PORTABLE = Portable(
    OWNER,
    ENROLLED.keys.signing,
    ENROLLED.keys.hpke,
    (ENROLLED.certificate,),
    (Place("https://relais.exemple.fr", "", b"k" * 32),),
    new_secret(),
)
TEAM, ACCOUNT = secrets.token_bytes(16), CERTIFICATE.account
STATION = WorkstationKeys(bytes(range(32)))
STRETCHED, SALT = b"p" * 32, b"s" * 32
BUNDLE = seal_inner(STRETCHED, SALT, TEAM, 7, PORTABLE)


def test_secret_and_passphrase_together_open_the_account() -> None:
    sealed = seal_outer(STATION.place, BUNDLE)
    bundle = STATION.open_outer(TEAM, ACCOUNT, sealed)
    assert (bundle.serial, bundle.salt) == (7, SALT)
    assert open_inner(bundle, STRETCHED) == PORTABLE
    assert PORTABLE.keys.device == ENROLLED.keys.device


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(UnsealError):
        open_inner(BUNDLE, b"q" * 32)


def test_without_the_secret_of_the_workstations_no_passphrase_can_be_tried() -> None:
    sealed = seal_outer(STATION.place, BUNDLE)
    assert BUNDLE.salt not in sealed
    assert BUNDLE.sealed not in sealed
    # All that the other members of the team and the relay know: the public half.
    with pytest.raises(UnsealError):
        WorkstationKeys(new_secret()).open_outer(TEAM, ACCOUNT, sealed)


def test_an_account_is_not_taken_for_another_nor_for_a_newer_one() -> None:
    sealed = seal_outer(STATION.place, BUNDLE)
    for team, account in ((TEAM, TEAM), (ACCOUNT, ACCOUNT)):
        with pytest.raises(UnsealError):
            STATION.open_outer(team, account, sealed)
    data = encode_bundle(BUNDLE)
    assert decode_bundle(data) == BUNDLE
    newer = decode_bundle(encode_bundle(seal_inner(STRETCHED, SALT, TEAM, 8, PORTABLE)))
    with pytest.raises(UnsealError):
        open_inner(msgspec.structs.replace(BUNDLE, serial=8), STRETCHED)
    assert newer.sealed != BUNDLE.sealed


def test_the_sizes_tell_nothing() -> None:
    long = Portable(
        Owner(b"", OWNER.account_key, "É" * 120, OWNER.name_salt, "nurse", "12345678901"),
        PORTABLE.signing,
        PORTABLE.hpke,
        (ENROLLED.certificate,) * 8,
        PORTABLE.relays * 40,
        PORTABLE.vault_secret,
    )
    other = seal_inner(STRETCHED, SALT, TEAM, 1 << 40, long)
    assert len(seal_outer(STATION.place, other)) == len(seal_outer(STATION.place, BUNDLE))
    plates = (Plate(ACCOUNT, "É" * 120, "nurse"), Plate(ACCOUNT, "A", ""), Seat(ACCOUNT, TEAM, TEAM))
    assert len({len(seal_plate(STATION.place, plate)) for plate in plates}) == 1


def test_names_and_seats_are_for_the_workstations() -> None:
    for plate in (Plate(ACCOUNT, "Claire Martin", "nurse"), Seat(ACCOUNT, b"d" * 16, b"w" * 16)):
        sealed = seal_plate(STATION.place, plate)
        assert b"Claire" not in sealed
        assert STATION.open_plate(sealed) == plate
        with pytest.raises(UnsealError):
            WorkstationKeys(new_secret()).open_plate(sealed)


def test_what_the_secret_gives_never_changes() -> None:
    assert STATION.place.group.hex() == "456ac2b84bdb0c551b8829af1fc4bd2d"
    assert STATION.place.slot(b"a" * 16).hex() == "e1f7fd2dc83d94aeda74359b907ebe70"


def test_a_new_secret_reaches_the_workstation_that_it_is_for() -> None:
    key, identifier, secret = hpke_generate(), secrets.token_bytes(16), new_secret()
    sealed = seal_letter(hpke_public_key(key), identifier, secret)
    assert open_letter(key, identifier, sealed) == secret
    for other, name in ((hpke_generate(), identifier), (key, TEAM)):
        with pytest.raises(UnsealError):
            open_letter(other, name, sealed)


def test_what_a_workstation_keeps_opens_with_its_own_secret_only() -> None:
    secret = new_secret()
    kept = seal_kept(secret, b"bundle", b"data")
    assert open_kept(secret, b"bundle", kept) == b"data"
    for other, label in ((new_secret(), b"bundle"), (secret, b"secret")):
        with pytest.raises(UnsealError):
            open_kept(other, label, kept)
