"""What travels is read back as it was written, within limits."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carelink.records.bodies import (
    MAX_REASON_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    DecisionBody,
    EntryBody,
    TraceBody,
    decode_decision,
    decode_entry,
    decode_trace,
    encode_body,
)
from carelink.records.patient import PatientIdentity
from carelink.records.revision import (
    MAX_AUDIENCE,
    MAX_PARENTS,
    MAX_REVISION_BYTES,
    MAX_WALL,
    Revision,
    decode_revision,
    encode_revision,
    new_record_id,
    revision_id,
)

texts = st.text(max_size=50)
ids = st.binary(min_size=16, max_size=16)


@given(
    st.builds(
        Revision,
        record=ids,
        kind=texts,
        parents=st.lists(ids, max_size=4).map(tuple),
        author=ids,
        wall=st.integers(min_value=0, max_value=MAX_WALL - 1),
        audience=st.lists(ids, max_size=4).map(tuple),
        body=st.binary(max_size=200),
    )
)
def test_a_revision_is_read_back_and_its_bytes_name_it(revision: Revision) -> None:
    data = encode_revision(revision)
    assert decode_revision(data) == revision
    assert len(revision_id(data)) == 16
    assert revision_id(data) != revision_id(data + b"\x00")


@given(texts, texts, st.booleans(), st.booleans(), texts)
def test_a_transmission_is_read_back(
    text: str, kind: str, urgent: bool, withdrawn: bool, reason: str
) -> None:
    body = EntryBody(text, kind, urgent, withdrawn, reason)
    assert decode_entry(encode_body(body)) == body


@given(ids, texts, texts, texts)
def test_a_decision_is_read_back(subject: bytes, one: str, two: str, three: str) -> None:
    decision = DecisionBody(subject, one, two, three)
    assert decode_decision(encode_body(decision)) == decision


codes = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=32)


@given(codes, codes)
def test_a_trace_is_read_back(action: str, compartment: str) -> None:
    trace = TraceBody(action, compartment)
    assert decode_trace(encode_body(trace)) == trace


@pytest.mark.parametrize("words", ["", "a ouvert", "Morphine", "morphine\n", "care;", "é", "x" * 33])
def test_a_trace_carries_codes_and_no_words(words: str) -> None:
    for body in (TraceBody("opened", words), TraceBody(words, "care")):
        with pytest.raises(ValueError, match="not a trace"):
            decode_trace(encode_body(body))


GOOD = Revision(bytes(16), "entry", (), bytes(16), 0, (), b"")


@pytest.mark.parametrize(
    "change",
    [
        {"record": bytes(15)},
        {"record": b""},
        {"author": bytes(17)},
        {"parents": (bytes(15),)},
        {"parents": (bytes(16),) * (MAX_PARENTS + 1)},
        {"wall": -1},
        {"wall": MAX_WALL},
        {"wall": (1 << 63) - 1},
        {"audience": (bytes(16),) * (MAX_AUDIENCE + 1)},
    ],
)
def test_a_revision_out_of_bounds_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="out of bounds"):
        decode_revision(encode_revision(msgspec.structs.replace(GOOD, **change)))


@pytest.mark.parametrize("data", [b"", b"\xc0", b"\x97", b"hello", msgspec.msgpack.encode([1, 2, 3])])
def test_what_is_none_is_refused(data: bytes) -> None:
    for read in (decode_revision, decode_entry, decode_decision, decode_trace):
        with pytest.raises(ValueError, match=r"^not a"):
            read(data)


def test_a_revision_too_long_is_not_even_read() -> None:
    with pytest.raises(ValueError, match="too long"):
        decode_revision(bytes(MAX_REVISION_BYTES + 1))


def test_a_field_from_the_future_is_refused_rather_than_lost() -> None:
    fields = msgspec.msgpack.decode(encode_revision(GOOD))
    with pytest.raises(ValueError, match="not a revision"):
        decode_revision(msgspec.msgpack.encode([*fields, "new"]))


def test_texts_over_the_limit_are_refused_and_at_the_limit_taken() -> None:
    longest = EntryBody("é" * MAX_TEXT_CHARACTERS, "note", False, True, "r" * MAX_REASON_CHARACTERS)
    assert decode_entry(encode_body(longest)) == longest
    for body in (
        msgspec.structs.replace(longest, text="é" * (MAX_TEXT_CHARACTERS + 1)),
        msgspec.structs.replace(longest, reason="r" * (MAX_REASON_CHARACTERS + 1)),
    ):
        with pytest.raises(ValueError, match="too long"):
            decode_entry(encode_body(body))


def test_new_records_have_ids_of_their_own_at_any_clock() -> None:
    for clock in (0, 1_800_000_000_000, MAX_WALL, 1 << 60):
        made = {new_record_id(clock) for _ in range(100)}
        assert len(made) == 100
        assert {len(record) for record in made} == {16}


def test_the_person_is_named_by_the_name_in_use() -> None:
    assert PatientIdentity("Jeanne", "Moreau", "", "1938-04-12", "F").display == "Jeanne Moreau"
    assert PatientIdentity("Jeanne", "Moreau", "Petit", "1938-04-12", "F").display == "Jeanne Petit"
