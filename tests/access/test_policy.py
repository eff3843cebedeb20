"""What a person may do is denied unless a right says otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from carelink.access.compartments import Compartment, Right, Stream
from carelink.access.matrix import default_matrix
from carelink.access.policy import Permission, Standing, allows
from carelink.access.roles import Function, Role


def standing(role: Role, functions: tuple[Function, ...] = (), *, active: bool = True) -> Standing:
    runs = active and (role.is_patient_side or Function.COORDINATOR in functions)
    return Standing(
        role=role,
        functions=functions,
        rights=default_matrix().stream_rights(role, functions) if active else {},
        active=active,
        runs_circle=runs,
        invites=runs,
    )


@pytest.mark.parametrize("permission", [p for p in Permission if p is not Permission.VAULT_USE])
@pytest.mark.parametrize("compartment", [None, *Compartment])
def test_a_stranger_may_nothing(permission: Permission, compartment: Compartment | None) -> None:
    assert not allows(permission, None, compartment, "entry")


def test_ones_own_vault_is_ones_own() -> None:
    assert allows(Permission.VAULT_USE, None)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("compartment", Compartment)
def test_reading_and_writing_follow_the_table(role: Role, compartment: Compartment) -> None:
    someone = standing(role)
    right = default_matrix().roles[role].compartments.get(compartment, Right.NONE)
    assert allows(Permission.ENTRY_READ, someone, compartment) is (Right.READ in right)
    writes = Right.WRITE in right and not (role is Role.PATIENT and compartment is Compartment.CARE)
    assert allows(Permission.ENTRY_WRITE, someone, compartment, "entry") is writes


@pytest.mark.parametrize("role", Role)
def test_running_the_circle_is_for_coordinators_and_the_patient_side(role: Role) -> None:
    for permission in (Permission.MEMBER_INVITE, Permission.MEMBER_CONFIRM, Permission.TRACE_READ):
        assert allows(permission, standing(role)) is role.is_patient_side
        assert allows(permission, standing(role, (Function.COORDINATOR,)))
        assert allows(permission, standing(role, (Function.REFERENT,))) is role.is_patient_side


@pytest.mark.parametrize("role", Role)
def test_whose_stay_has_ended_reads_what_they_hold_and_does_nothing_else(role: Role) -> None:
    gone = standing(role, (Function.COORDINATOR,), active=False)
    gone = replace(gone, rights=default_matrix().stream_rights(role, ()))
    may = {permission for permission in Permission if allows(permission, gone, Compartment.LIFE, "entry")}
    # An emergency gives to read, not to keep.
    keeps = set() if role is Role.ON_CALL else {Permission.ENTRY_READ}
    assert may == {Permission.VAULT_USE, Permission.CIRCLE_READ, *keeps}


def test_promised_rights_give_nothing() -> None:
    nurse = standing(Role.NURSE)
    waiting = replace(nurse, rights={s: r for s, r in nurse.rights.items() if s is not Stream.CARE})
    assert not allows(Permission.ENTRY_READ, waiting, Compartment.CARE)
    assert not allows(Permission.ENTRY_WRITE, waiting, Compartment.CARE, "entry")
    assert allows(Permission.ENTRY_WRITE, waiting, Compartment.LIFE, "entry")


def test_writing_nowhere_in_particular_or_without_a_role_is_denied() -> None:
    assert not allows(Permission.ENTRY_WRITE, standing(Role.NURSE), None, "entry")
    unnamed = replace(standing(Role.NURSE), role=None)
    assert not allows(Permission.ENTRY_WRITE, unnamed, Compartment.LIFE, "entry")


def test_whoever_only_invites_does_not_confirm() -> None:
    inviter = replace(standing(Role.RELATIVE), invites=True)
    assert allows(Permission.MEMBER_INVITE, inviter)
    assert not allows(Permission.MEMBER_CONFIRM, inviter)
