"""Relation roles, functions and what they imply by themselves."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """As what a person is in a circle; one per member (PRODUCT.md, "Default rights").

    `STAFF` is what people are in a team's registry, and nobody in a circle.
    """

    PATIENT = "patient"
    LEGAL_REPRESENTATIVE = "legal_representative"
    FAMILY_CARER = "family_carer"
    RELATIVE = "relative"
    VOLUNTEER = "volunteer"
    PHYSICIAN = "physician"
    COORDINATING_PHYSICIAN = "coordinating_physician"
    NURSE = "nurse"
    CARE_ASSISTANT = "care_assistant"
    THERAPIST = "therapist"
    PSYCHOLOGIST = "psychologist"
    PHARMACIST = "pharmacist"
    SOCIAL_WORKER = "social_worker"
    HOME_HELPER = "home_helper"
    ACTIVITY_LEADER = "activity_leader"
    ADMINISTRATION = "administration"
    ON_CALL = "on_call"
    STAFF = "staff"

    @property
    def is_patient_side(self) -> bool:
        """Whether the role decides for the person: the person, or who represents them."""
        return self in {Role.PATIENT, Role.LEGAL_REPRESENTATIVE}

    @property
    def is_professional(self) -> bool:
        """Whether the role is held by profession, so that no agreement is asked to invite it.

        Source: CSP L.1110-12 (équipe de soins) against L.1110-4 (everyone else by agreement).
        """
        return self not in {
            Role.PATIENT,
            Role.LEGAL_REPRESENTATIVE,
            Role.FAMILY_CARER,
            Role.RELATIVE,
            Role.VOLUNTEER,
        }


CIRCLE_ROLES: Final[tuple[Role, ...]] = tuple(role for role in Role if role is not Role.STAFF)


class Function(StrEnum):
    """A task in the circle added to a role; it brings no reading right of the record."""

    COORDINATOR = "coordinator"
    REFERENT = "referent"
