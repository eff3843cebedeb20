"""Names of roles and volets, as screens and the command line say them.

The unlock screen says some of them: what only an open account needs is imported where it is used.
"""

from __future__ import annotations

import unicodedata

from carelink.access.compartments import RESTRICTED, Compartment, Stream
from carelink.access.roles import Function, Role
from carelink.language import tr

_ELIDED = frozenset("aeiouh")


def of_name(name: str) -> str:
    """Return "de Jeanne", or "d’Odette" and "d’Hélène" where French drops the vowel."""
    # Taken apart, É begins with a plain E.
    letters = unicodedata.normalize("NFKD", name.strip()).casefold().replace("œ", "oe").replace("æ", "ae")
    first, second = letters[:1], letters[1:2]
    # Before a vowel, Y is heard as a consonant: "d’Yves", but "de Yasmine".
    if first in _ELIDED or (first == "y" and second.isalpha() and second not in _ELIDED):
        return tr("d’{name}", name=name)
    return tr("de {name}", name=name)


def role_name(role: str) -> str:
    """Return a role in words."""
    names = {
        Role.PATIENT: tr("personne accompagnée"),
        Role.LEGAL_REPRESENTATIVE: tr("représentant ou représentante légale"),
        Role.FAMILY_CARER: tr("aidant principal ou aidante principale"),
        Role.RELATIVE: tr("proche"),
        Role.VOLUNTEER: tr("bénévole"),
        Role.PHYSICIAN: tr("médecin traitant"),
        Role.COORDINATING_PHYSICIAN: tr("médecin coordonnateur"),
        Role.NURSE: tr("infirmier ou infirmière"),
        Role.CARE_ASSISTANT: tr("aide-soignant ou aide-soignante"),
        Role.THERAPIST: tr("rééducateur ou rééducatrice"),
        Role.PSYCHOLOGIST: tr("psychologue"),
        Role.PHARMACIST: tr("pharmacien ou pharmacienne"),
        Role.SOCIAL_WORKER: tr("assistant social ou assistante sociale"),
        Role.HOME_HELPER: tr("aide à domicile"),
        Role.ACTIVITY_LEADER: tr("animateur ou animatrice"),
        Role.ADMINISTRATION: tr("accueil et administration"),
        Role.ON_CALL: tr("astreinte, pour les urgences"),
        Role.STAFF: tr("membre de l’équipe"),
    }
    try:
        return names[Role(role)]
    except ValueError:
        return role


def function_name(function: str) -> str:
    """Return a function in words."""
    names = {
        Function.COORDINATOR: tr("coordonne ce cercle"),
        Function.REFERENT: tr("référent ou référente de la famille"),
    }
    try:
        return names[Function(function)]
    except ValueError:
        return function


def compartment_name(compartment: str) -> str:
    """Return a volet's name."""
    names = {
        Compartment.LIFE: tr("Vie quotidienne"),
        Compartment.COORDINATION: tr("Coordination"),
        Compartment.CARE: tr("Dossier médical"),
        RESTRICTED: tr("Médical restreint"),
        Stream.CARE_INBOX: tr("Signalement aux soignants"),
    }
    return {str(code): name for code, name in names.items()}.get(compartment, compartment)


def entry_kind_name(kind: str) -> str:
    """Return the kind of a transmission in words."""
    from carelink.records.bodies import EntryKind

    names = {
        EntryKind.NOTE: tr("note"),
        EntryKind.OBSERVATION: tr("observation"),
        EntryKind.INSTRUCTION: tr("consigne"),
        EntryKind.ADVICE_REQUEST: tr("demande d’avis"),
        EntryKind.INTERVENTION: tr("note d’intervention"),
        EntryKind.NEWS: tr("nouvelle"),
        EntryKind.CLOSING: tr("note de clôture"),
    }
    try:
        return names[EntryKind(kind)]
    except ValueError:
        return kind
