"""What a transmission and its readers say of themselves, on screen and read aloud."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from carelink.access.compartments import RESTRICTED
from carelink.language import tr
from carelink.records.patient import PatientIdentity
from carelink.records.status import PatientStatus
from carelink.services.cahier import Audience, ReaderName
from carelink.services.status_views import StatusView, status_name
from carelink.services.time_line import EntryView
from carelink.services.wording import compartment_name, entry_kind_name, role_name
from carelink.ui.person.moments import age_on, day_words, local_time, today, when_words

_TITLES = {"dr", "docteur", "docteure", "pr", "m.", "mme", "mlle", "mr"}
NAMED_WITHOUT_ACCESS = 3


def identity_words(patient: PatientIdentity, day: datetime.date) -> str:
    """Return "née Lambert · 12 avril 1938 · 88 ans"."""
    birth = datetime.date.fromisoformat(patient.birth)
    parts = []
    if patient.used_name and patient.used_name.casefold() != patient.birth_name.casefold():
        born = {"F": tr("née {name}"), "M": tr("né {name}")}.get(
            patient.sex, tr("nom de naissance\u00a0: {name}")
        )
        parts.append(born.format(name=patient.birth_name))
    parts.append(day_words(birth, year=True))
    years = age_on(birth, day)
    parts.append(tr("1\u00a0an") if years == 1 else tr("{years}\u00a0ans", years=years))
    return " · ".join(parts)


def as_what(role: str, relation: str) -> str:
    """Return as what someone is there: in the family's words, else the role."""
    return relation or role_name(role)


def signature(entry: EntryView, day: datetime.date) -> str:
    """Return what follows the author's name: "aide-soignante · 6 h 55"."""
    what = as_what(entry.author.role, entry.author.relation) if entry.author.role else ""
    moment = when_words(entry.shown if entry.clock_suspect else entry.time, day)
    return f"{what} · {moment}" if what else moment


def withdrawn_text() -> str:
    """Return what stands where a withdrawn transmission was."""
    return tr("Cette transmission a été retirée\u00a0; son texte et la raison restent dans l’historique.")


def entry_text(entry: EntryView) -> str:
    """Return what stands for the words of a transmission: the words, or why they are not there."""
    if entry.withdrawn:
        return withdrawn_text()
    if entry.is_sent_away:
        return tr("Signalement envoyé. Son texte est chez les soignants, et n’est plus sur cet ordinateur.")
    return entry.text


def marks(entry: EntryView) -> list[str]:
    """Return in words what sets a transmission apart, the most important first."""
    found = []
    if entry.urgent and not entry.withdrawn:
        found.append(tr("Urgent"))
    if entry.unread:
        found.append(tr("Non lue"))
    if entry.is_signal and not entry.author.mine:
        found.append(
            tr("Pris en charge par {name}", name=entry.taken_by)
            if entry.taken_by
            else tr("À prendre en charge")
        )
    if entry.parallel:
        found.append(tr("Deux versions écrites en parallèle"))
    if entry.amended and not entry.withdrawn:
        found.append(correction(entry))
    if entry.pending:
        found.append(tr("Pas encore envoyée"))
    return found


def correction(entry: EntryView) -> str:
    """Return that a transmission was corrected, and by whom where it was not its author."""
    return tr("Corrigée par {name}", name=entry.amended_by) if entry.amended_by else tr("Corrigée")


def entry_sentence(entry: EntryView, day: datetime.date) -> str:
    """Return a whole transmission as it is read aloud."""
    parts = [
        f"{entry.author.name}, {signature(entry, day)}",
        compartment_name(entry.compartment),
        *marks(entry),
    ]
    if entry.kind != "note":
        parts.append(entry_kind_name(entry.kind))
    return f"{'. '.join(parts)}. {entry_text(entry)}"


def first_name(name: str) -> str:
    """Return the first name of a full one, without a title."""
    words = [word for word in name.split() if word.casefold() not in _TITLES]
    return words[0] if words else name


def reader_count(audience: Audience) -> str:
    """Return the head of the reader line: how many will read."""
    count = len(audience.readers)
    if audience.compartment == RESTRICTED:
        alone = tr("Vous êtes seul ou seule à la lire\u00a0: choisir qui d’autre")
        return tr("Seront les seuls à lire\u00a0:") if count else alone
    if count == 0:
        return tr("Personne d’autre pour l’instant")
    if count == 1:
        return tr("Sera lu par 1 personne\u00a0:")
    return tr("Sera lu par {count} personnes\u00a0:", count=count)


def reader_names(audience: Audience) -> list[str]:
    """Return the names of the readers, those of the care team first."""
    ordered = sorted(audience.readers, key=lambda reader: not reader.professional)
    return [reader.name for reader in ordered]


def names_that_fit(names: Sequence[str], fits: Callable[[str], bool]) -> str:
    """Return as many names as fit, and how many more there are: "Lina Caron, Paul Petit et 5 autres".

    The first one is always there, whether it fits or not.
    """
    whole = ", ".join(names)
    if len(names) < 2 or fits(whole):
        return whole
    for shown in range(len(names) - 1, 1, -1):
        words = _and_others(names[:shown], len(names) - shown)
        if fits(words):
            return words
    return _and_others(names[:1], len(names) - 1)


def _and_others(names: Sequence[str], count: int) -> str:
    joined = ", ".join(names)
    if count == 1:
        return tr("{names} et 1\u00a0autre", names=joined)
    return tr("{names} et {count}\u00a0autres", names=joined, count=count)


def not_readers(outside: Sequence[ReaderName]) -> str:
    """Return who of the family will not read: "Ni Anne ni Luc"."""
    if not outside:
        return ""
    firsts = [first_name(reader.name) for reader in outside]
    names = [
        reader.name if firsts.count(first) > 1 else first
        for reader, first in zip(outside, firsts, strict=True)
    ]
    if len(names) == 1:
        return tr("Pas {name}", name=names[0])
    if len(names) > NAMED_WITHOUT_ACCESS:
        others = len(names) - NAMED_WITHOUT_ACCESS + 1
        shown = tr(", ni ").join(names[: NAMED_WITHOUT_ACCESS - 1])
        return tr("Ni {names}, ni {others} autres proches", names=shown, others=others)
    if len(names) == 2:
        return tr("Ni {first} ni {second}", first=names[0], second=names[1])
    return tr("Ni {names}", names=tr(", ni ").join(names))


def audience_sentence(audience: Audience) -> str:
    """Return the whole reader line as it is read aloud."""
    parts = [f"{reader_count(audience)} {', '.join(reader_names(audience))}".strip()]
    outside = not_readers(audience.without_access)
    if outside:
        parts.append(outside)
    return f"{compartment_name(audience.compartment)}. {'. '.join(parts)}."


def status_line(status: StatusView, sex: str) -> str:
    """Return "Hospitalisée depuis le 12 mars, noté par Claire Martin"."""
    words = capital(status_name(status.status, sex))
    if status.since is None:
        return words
    day = local_time(status.since).date()
    when = day_words(day, year=day.year != today().year)
    if status.status == PatientStatus.DECEASED:
        dated = tr("{status} le {day}", status=words, day=when)
    else:
        dated = tr("{status} depuis le {day}", status=words, day=when)
    return tr("{dated}, noté par {name}", dated=dated, name=status.by) if status.by else dated


def capital(words: str) -> str:
    """Return words that begin a line."""
    return words[:1].upper() + words[1:]
