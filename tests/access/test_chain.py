"""The chain of statements: its order, its bytes, its signatures."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState, Reason, apply
from carelink.access.roles import Function, Role
from carelink.access.statements import (
    MAX_STATEMENT_BYTES,
    MAX_TIME,
    SUITE,
    Add,
    SignedCertificate,
    decode_certificate,
    decode_statement,
    encode_statement,
)
from carelink.crypto.keys import device_id
from carelink.sync.wire.structures import SignedStatement
from carelink.sync.wire.verification import BadSignatureError, verified_apply
from tests.access.trying import let_in, tried, why
from tests.hub.people import Circle, Person

COORDINATOR = {Function.COORDINATOR}


class TestTheChain:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"height": 0}, Reason.WRONG_POSITION),
            ({"height": 2}, Reason.WRONG_POSITION),
            ({"previous": bytes(32)}, Reason.WRONG_POSITION),
            ({"circle": bytes(16)}, Reason.WRONG_CIRCLE),
            ({"suite": SUITE + 1}, Reason.MALFORMED),
            ({"device": bytes(16)}, Reason.UNKNOWN_DEVICE),
        ],
    )
    def test_a_statement_out_of_place_is_refused(
        self, anne: Person, family: Circle, change: dict[str, object], reason: Reason
    ) -> None:
        statement = decode_statement(family.openings(anne, [Stream.LIFE]).body)
        moved = replace(statement, body=msgspec.structs.replace(statement.body, **change))
        assert why(apply(family.state, moved)) is reason

    def test_a_kind_from_the_future_stops_the_chain(self, anne: Person, family: Circle) -> None:
        statement = decode_statement(family.openings(anne, [Stream.LIFE]).body)
        body = msgspec.structs.replace(statement.body, kind="abdicate")
        decoded = decode_statement(encode_statement(body))
        assert decoded.public is None
        assert why(apply(family.state, decoded)) is Reason.UNKNOWN_KIND

    def test_a_statement_moves_the_chain_by_one_and_keeps_what_was(
        self, anne: Person, family: Circle
    ) -> None:
        before = family.now
        statement = decode_statement(family.openings(anne, [Stream.LIFE]).body)
        after = apply(before, statement)
        assert isinstance(after, CircleState)
        assert (after.height, after.head) == (before.height + 1, statement.digest)
        assert before.streams[Stream.LIFE].current == 1

    @pytest.mark.parametrize("field", ["account_key", "signing_key", "hpke_key", "device"])
    def test_a_certificate_of_the_wrong_size_is_refused(
        self, anne: Person, family: Circle, field: str
    ) -> None:
        paul = Person("Paul")
        certificate = msgspec.structs.replace(
            decode_certificate(paul.enrolled.certificate.body), **{field: b"short"}
        )
        newcomer = msgspec.structs.replace(
            paul.as_newcomer(Role.RELATIVE),
            certificates=(SignedCertificate(msgspec.msgpack.encode(certificate), b""),),
        )
        assert why(tried(family, anne, Add(newcomer, ()))) is Reason.MALFORMED

    def test_certificates_are_of_one_account_and_there_are_some(self, anne: Person, family: Circle) -> None:
        paul, claire = Person("Paul"), Person("Claire")
        newcomer = paul.as_newcomer(Role.RELATIVE)
        both = (paul.enrolled.certificate, claire.enrolled.certificate)
        for certificates in ((), both, (paul.enrolled.certificate,) * 2, (SignedCertificate(b"?", b""),)):
            changed = msgspec.structs.replace(newcomer, certificates=certificates)
            assert why(tried(family, anne, Add(changed, ()))) is Reason.MALFORMED


class TestBytes:
    def test_what_is_no_statement_is_refused(self) -> None:
        for data in (b"", b"\xc0", b"\x90", b"x" * (MAX_STATEMENT_BYTES + 1)):
            with pytest.raises(ValueError, match="statement"):
                decode_statement(data)

    @pytest.mark.parametrize(
        "change", [{"time": -1}, {"time": MAX_TIME}, {"time": 1 << 63}, {"height": -1}, {"height": 1 << 60}]
    )
    def test_numbers_that_no_vault_could_hold_are_refused(
        self, anne: Person, family: Circle, change: dict[str, object]
    ) -> None:
        body = decode_statement(family.openings(anne, [Stream.LIFE]).body).body
        with pytest.raises(ValueError, match="not a statement"):
            decode_statement(encode_statement(msgspec.structs.replace(body, **change)))

    def test_a_field_too_many_is_refused(self, anne: Person, family: Circle) -> None:
        fields = msgspec.msgpack.decode(family.openings(anne, [Stream.LIFE]).body)
        with pytest.raises(ValueError, match="not a statement"):
            decode_statement(msgspec.msgpack.encode([*fields, 1]))


class TestSignatures:
    def test_a_right_statement_under_another_signature_is_refused(
        self, anne: Person, paul: Person, family: Circle
    ) -> None:
        good = family.openings(anne, [Stream.LIFE])
        let_in(family, anne, paul.as_newcomer(Role.RELATIVE))
        statement = family.openings(anne, [Stream.LIFE])
        forged = SignedStatement(statement.body, good.signature, statement.sealed)
        with pytest.raises(BadSignatureError):
            verified_apply(family.state, forged)

    def test_names_that_were_exchanged_are_noticed(self, anne: Person, family: Circle) -> None:
        statement = family.openings(anne, [Stream.LIFE])
        with pytest.raises(BadSignatureError):
            verified_apply(family.state, SignedStatement(statement.body, statement.signature, b"other names"))

    def test_a_certificate_that_its_account_did_not_sign_is_refused(
        self, anne: Person, paul: Person, family: Circle
    ) -> None:
        claire = Person("Claire")
        certificate = msgspec.structs.replace(
            decode_certificate(paul.enrolled.certificate.body),
            account_key=decode_certificate(claire.enrolled.certificate.body).account_key,
        )
        newcomer = msgspec.structs.replace(
            paul.as_newcomer(Role.RELATIVE),
            certificates=(
                SignedCertificate(msgspec.msgpack.encode(certificate), paul.enrolled.certificate.signature),
            ),
        )
        with pytest.raises(BadSignatureError):
            verified_apply(family.state, family.addition(anne, newcomer))

    def test_a_device_id_is_made_of_its_keys(self, paul: Person) -> None:
        certificate = decode_certificate(paul.enrolled.certificate.body)
        assert certificate.device == device_id(certificate.signing_key, certificate.hpke_key)
