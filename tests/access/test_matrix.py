"""The default rights are those of the product, cell by cell, and whoever reads the table says so."""

from __future__ import annotations

import pytest

from carelink.access.compartments import Compartment, Right, Stream
from carelink.access.matrix import default_matrix, parse_matrix
from carelink.access.roles import Function, Role
from carelink.resources import read_text

# role: life, coordination, care; the product's table, "W observations" and "signals" apart.
TABLE = {
    Role.PATIENT: "rw rw rw",
    Role.LEGAL_REPRESENTATIVE: "rw rw r",
    Role.FAMILY_CARER: "rw rw -",
    Role.RELATIVE: "rw r -",
    Role.VOLUNTEER: "r - -",
    Role.PHYSICIAN: "rw rw rw",
    Role.COORDINATING_PHYSICIAN: "rw rw rw",
    Role.NURSE: "rw rw rw",
    Role.CARE_ASSISTANT: "rw rw rw",
    Role.THERAPIST: "rw rw rw",
    Role.PSYCHOLOGIST: "rw rw rw",
    Role.PHARMACIST: "- r r",
    Role.SOCIAL_WORKER: "rw rw -",
    Role.HOME_HELPER: "rw rw -",
    Role.ACTIVITY_LEADER: "rw r -",
    Role.ADMINISTRATION: "- rw -",
    Role.ON_CALL: "- - -",
    Role.STAFF: "- - -",
}
RIGHTS = {"-": None, "r": Right.READ, "rw": Right.READ_WRITE}
CELLS = [
    (role, compartment, RIGHTS[cell])
    for role, row in TABLE.items()
    for compartment, cell in zip(Compartment, row.split(), strict=True)
]


def test_the_table_names_every_role() -> None:
    assert set(TABLE) == set(Role) == set(default_matrix().roles)


@pytest.mark.parametrize(("role", "compartment", "right"), CELLS)
def test_a_cell_of_the_table_is_what_the_product_says(
    role: Role, compartment: Compartment, right: Right | None
) -> None:
    assert default_matrix().roles[role].compartments.get(compartment) == right
    assert default_matrix().stream_rights(role, ()).get(Stream(compartment.value)) == right


@pytest.mark.parametrize("role", Role)
def test_a_function_brings_no_reading_right_of_the_record(role: Role) -> None:
    matrix = default_matrix()
    record = {Stream.LIFE, Stream.COORDINATION, Stream.CARE}
    plain = {s: r for s, r in matrix.stream_rights(role, ()).items() if s in record}
    every = {s: r for s, r in matrix.stream_rights(role, tuple(Function)).items() if s in record}
    assert plain == every


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("coordinates", [False, True])
def test_only_who_runs_the_circle_reads_traces_and_decisions(role: Role, coordinates: bool) -> None:
    functions = (Function.COORDINATOR,) if coordinates else (Function.REFERENT,)
    rights = default_matrix().stream_rights(role, functions)
    runs = coordinates or role.is_patient_side
    assert (Right.READ in rights[Stream.TRACE]) is runs
    assert (Stream.DECISIONS in rights) is runs
    assert (Right.WRITE in rights[Stream.REGISTRY]) is runs
    assert Right.WRITE in rights[Stream.TRACE]
    assert Right.READ in rights[Stream.REGISTRY]


def test_the_person_cared_for_writes_observations_only_in_the_medical_record() -> None:
    matrix = default_matrix()
    assert matrix.may_write_kind(Role.PATIENT, Compartment.CARE, "observation")
    assert not matrix.may_write_kind(Role.PATIENT, Compartment.CARE, "entry")
    assert matrix.may_write_kind(Role.PATIENT, Compartment.LIFE, "entry")
    assert matrix.may_write_kind(Role.NURSE, Compartment.CARE, "entry")
    assert not matrix.may_write_kind(Role.LEGAL_REPRESENTATIVE, Compartment.CARE, "observation")
    assert not matrix.may_write_kind(Role.RELATIVE, Compartment.CARE, "entry")


def test_only_the_person_and_their_representative_are_the_patient_side() -> None:
    assert {role for role in Role if role.is_patient_side} == {Role.PATIENT, Role.LEGAL_REPRESENTATIVE}
    family = {
        Role.PATIENT,
        Role.LEGAL_REPRESENTATIVE,
        Role.FAMILY_CARER,
        Role.RELATIVE,
        Role.VOLUNTEER,
    }
    assert {role for role in Role if not role.is_professional} == family


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("[nurse]", "[healer]"),
        lambda text: text.replace('life = "rw"', 'life = "w"', 1),
        lambda text: text.replace('life = "rw"', 'restricted = "rw"', 1),
        lambda text: text.split("[administration]")[0],
    ],
)
def test_a_table_with_a_mistake_is_refused(spoil: object) -> None:
    text = read_text("access/matrix.toml")
    assert callable(spoil)
    with pytest.raises(ValueError):  # noqa: PT011  (each mistake has its own words)
        parse_matrix(spoil(text))
