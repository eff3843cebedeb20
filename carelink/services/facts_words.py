"""Facts and recorded decisions in plain words."""

from __future__ import annotations

import datetime

from carelink.language import tr
from carelink.records.bodies import AgreementHow
from carelink.records.facts import FactType
from carelink.services.facts import FactView
from carelink.services.moments import day_words


def fact_name(fact: str) -> str:
    """Return what a fact is."""
    names = {
        FactType.TRUSTED_PERSON: tr("Personne de confiance"),
        FactType.CURATORSHIP: tr("Curatelle"),
        FactType.GUARDIANSHIP_PROPERTY: tr("Tutelle aux biens"),
        FactType.GUARDIANSHIP_PERSON: tr("Tutelle à la personne"),
        FactType.FAMILY_AUTHORISATION: tr("Habilitation familiale"),
        FactType.FUTURE_PROTECTION: tr("Mandat de protection future"),
        FactType.MANDATE: tr("Mandat ou procuration"),
        FactType.DIRECTIVES: tr("Directives anticipées"),
        FactType.OPPOSES_EMERGENCY_SERVICE: tr("Refuse que le SAMU consulte son dossier"),
    }
    try:
        return names[FactType(fact)]
    except ValueError:
        return fact


def fact_explained(fact: str) -> str:
    """Return what a fact means for who may read or decide."""
    sentences = {
        FactType.TRUSTED_PERSON: tr(
            "Elle témoigne de ce que voudrait la personne. Elle ne décide pas à sa place et n’a aucun "
            "accès au dossier de ce seul fait (CSP L.1111-6)."
        ),
        FactType.CURATORSHIP: tr(
            "La personne est assistée. N’ouvre aucun volet sans son accord exprès (CSP L.1111-7)."
        ),
        FactType.GUARDIANSHIP_PROPERTY: tr("Ne concerne que les biens\u00a0: n’ouvre aucun volet."),
        FactType.GUARDIANSHIP_PERSON: tr(
            "Représentation relative à la personne\u00a0: permet le rôle de représentant ou représentante "
            "légale, qui lit le dossier médical (CSP L.1111-7)."
        ),
        FactType.FAMILY_AUTHORISATION: tr(
            "Ne permet le rôle de représentant ou représentante légale que si elle porte sur la personne."
        ),
        FactType.FUTURE_PROTECTION: tr(
            "Ne permet le rôle de représentant ou représentante légale que si le mandat porte sur la "
            "personne."
        ),
        FactType.MANDATE: tr("N’ouvre aucun volet."),
        FactType.DIRECTIVES: tr(
            "Qu’elles existent, et où les trouver. Leur texte reste sur le document (CSP L.1111-11)."
        ),
        FactType.OPPOSES_EMERGENCY_SERVICE: tr(
            "CareLink ne donne aucun accès au SAMU. Ce refus est dit aux soignants, qui en tiennent compte "
            "s’ils lui transmettent un dossier."
        ),
    }
    return sentences[FactType(fact)]


def dates_words(begins: str, ends: str) -> str:
    """Return "depuis le 12 mars 2025, jusqu’au 12 mars 2030"."""
    first = tr("depuis le {day}", day=_day(begins)) if begins else ""
    last = tr("jusqu’au {day}", day=_day(ends)) if ends else ""
    return ", ".join(part for part in (first, last) if part)


def fact_sentence(view: FactView) -> str:
    """Return a fact on one line: what, who, since when, what was seen."""
    head = fact_name(view.fact)
    if view.person:
        head = tr("{what}\u00a0: {person}", what=head, person=view.person)
    parts = [head]
    if view.represents and view.fact != FactType.GUARDIANSHIP_PERSON:
        parts.append(tr("avec représentation relative à la personne"))
    parts += [part for part in (dates_words(view.begins, view.ends), view.where, proof_words(view)) if part]
    if view.over:
        parts.append(tr("ne vaut plus ({reason})", reason=view.reason) if view.reason else tr("ne vaut plus"))
    elif not view.stands:
        parts.append(tr("ne vaut pas aujourd’hui"))
    if view.parallel:
        parts.append(tr("deux versions écrites en parallèle\u00a0: à vérifier"))
    return " · ".join(parts)


def proof_words(view: FactView) -> str:
    """Return which document was seen, by whom and when."""
    if not view.document:
        return ""
    if not view.seen:
        return view.document
    if not view.seen_by:
        return tr("{document}, vu le {day}", document=view.document, day=_day(view.seen))
    return tr(
        "{document}, vu par {name} le {day}", document=view.document, name=view.seen_by, day=_day(view.seen)
    )


def agreement_words(how: str, reason: str) -> str:
    """Return how the person agreed that someone joins."""
    names = {
        AgreementHow.ORAL: tr("accord donné à l’oral"),
        AgreementHow.WRITTEN: tr("accord donné par écrit"),
        AgreementHow.REPRESENTATIVE: tr("accord de qui représente la personne"),
        AgreementHow.NONE: tr("accord non recueilli ({reason})", reason=reason),
        AgreementHow.CARE_TEAM: tr("fait partie de l’équipe de soins"),
        AgreementHow.NO_MEASURE: tr("pas de mesure enregistrée pour l’instant ({reason})", reason=reason),
    }
    try:
        return names[AgreementHow(how)]
    except ValueError:
        return how


def _day(text: str) -> str:
    return day_words(datetime.date.fromisoformat(text), year=True)
