"""Who a line of the list is about, and whether they are known already."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from carelink.interop.tables import TableLine, folded
from carelink.language import tr
from carelink.records.identifiers import is_ins, plain_number
from carelink.records.patient import PatientIdentity
from carelink.services.accounts import MAX_NAME_CHARACTERS
from carelink.services.circles import OLDEST_BIRTH, read_patient
from carelink.services.imports.columns import Column, Columns
from carelink.services.imports.lines import PlannedLine, Step
from carelink.services.session import Stores

_SEXES: Final = {
    "f": "F",
    "femme": "F",
    "feminin": "F",
    "2": "F",
    "mme": "F",
    "madame": "F",
    "m": "M",
    "h": "M",
    "homme": "M",
    "masculin": "M",
    "1": "M",
    "monsieur": "M",
    "": "",
}
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})(?: 00:00(?::00)?)?")
_YEAR_FIRST: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?)?")
# The identity authority of test and demonstration numbers (CARE.md).
_NOT_REAL: Final = ("1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11")


@dataclass(frozen=True, slots=True)
class Resident:
    """A person of the list; `ins` only where its key holds."""

    line: int
    patient: PatientIdentity
    ins: str


def resident_columns() -> tuple[Column, ...]:
    """Return the columns of a list of residents."""
    return (
        Column(
            "birth_name",
            tr("nom de naissance"),
            ("nom de famille", "nom naissance", "nom patronymique", "nom de jeune fille"),
            vague=("nom",),
            required=True,
        ),
        Column(
            "given",
            tr("prénoms"),
            ("prénom", "prénom(s)", "prénoms de naissance", "prénom de naissance", "premier prénom"),
            required=True,
        ),
        Column(
            "birth",
            tr("date de naissance"),
            ("né le", "née le", "né(e) le", "date naissance", "naissance", "ddn"),
            required=True,
        ),
        Column(
            "used_name",
            tr("nom utilisé"),
            ("nom d’usage", "nom d'usage", "nom usuel", "nom marital", "nom d’épouse", "nom d'épouse"),
            vague=("nom",),
        ),
        Column("sex", tr("sexe"), ("sexe de naissance",), vague=("genre", "civilité")),
        Column("ins", tr("matricule INS"), ("ins", "nir", "numéro ins", "matricule", "ins nir")),
        Column("ins_oid", tr("OID de l’INS"), ("oid", "oid ins")),
    )


class Reading:
    """One line as it is read: the person, or what is wrong."""

    def __init__(self, columns: Columns, line: TableLine, today: datetime.date) -> None:
        self._line = line
        self.errors: list[str] = []
        self.warnings: list[str] = []
        text = {column.code: columns.text(line, column.code) for column in resident_columns()}
        self.name = " ".join(
            part for part in (text["given"], text["used_name"] or text["birth_name"]) if part
        )
        if line.too_many:
            self.errors.append(tr("La ligne a plus de cases que le tableau n’a de titres."))
        for code, title in (("birth_name", tr("le nom de naissance")), ("given", tr("le prénom"))):
            if not text[code]:
                self.errors.append(tr("Il manque {what}.", what=title))
        if max(len(text[code]) for code in ("birth_name", "given", "used_name")) > MAX_NAME_CHARACTERS:
            self.errors.append(
                tr("Un nom est trop long ({limit} caractères au plus).", limit=MAX_NAME_CHARACTERS)
            )
        self.birth = self._date(text["birth"], today)
        sex = _SEXES.get(folded(text["sex"]))
        if sex is None:
            self.errors.append(
                tr(
                    "Le sexe «\u00a0{text}\u00a0» n’est pas compris\u00a0: écrivez F ou M, ou rien.",
                    text=text["sex"],
                )
            )
        ins = self._ins(text["ins"], text["ins_oid"])
        self.resident: Resident | None = None
        if not self.errors and self.birth is not None and sex is not None:
            patient = PatientIdentity(
                text["given"], text["birth_name"], text["used_name"], self.birth.isoformat(), sex
            )
            self.resident = Resident(line.number, patient, ins)

    def planned(self, step: Step) -> PlannedLine:
        """Return what is said of the line."""
        born = f"{self.birth:%d/%m/%Y}" if self.birth else ""
        return PlannedLine(self._line.number, self.name, born, step, tuple(self.errors), tuple(self.warnings))

    def _date(self, text: str, today: datetime.date) -> datetime.date | None:
        if not text:
            self.errors.append(tr("Il manque {what}.", what=tr("la date de naissance")))
            return None
        try:
            if match := _DAY_FIRST.fullmatch(text):
                day = datetime.date(int(match[3]), int(match[2]), int(match[1]))
            elif match := _YEAR_FIRST.fullmatch(text):
                day = datetime.date(int(match[1]), int(match[2]), int(match[3]))
            else:
                raise ValueError(text)
        except ValueError:
            self.errors.append(
                tr(
                    "La date de naissance «\u00a0{text}\u00a0» n’est pas comprise\u00a0: écrivez-la ainsi, "
                    "12/04/1938.",
                    text=text,
                )
            )
            return None
        if not OLDEST_BIRTH <= day <= today:
            self.errors.append(tr("La date de naissance {text} n’est pas possible.", text=text))
            return None
        return day

    def _ins(self, text: str, oid: str) -> str:
        """Return a matricule that may tell people apart; one that may not is said, and never refused."""
        number = plain_number(text)
        if not number:
            return ""
        if not is_ins(number):
            self.warnings.append(
                tr("INS non qualifiée\u00a0: ce matricule n’a pas la bonne clé, il n’est pas repris.")
            )
            return ""
        if oid.strip() in _NOT_REAL:
            self.warnings.append(
                tr("INS non qualifiée\u00a0: matricule de test ou de démonstration, il n’est pas repris.")
            )
            return ""
        return number


class KnownPeople:
    """Who has a circle in this vault, or stood on a line above."""

    def __init__(self, stores: Stores) -> None:
        self._people: dict[bytes, Resident] = {}
        self._by_ins: dict[str, bytes] = {}
        self._by_traits: dict[tuple[str, ...], list[bytes]] = {}
        self._near: dict[tuple[str, ...], list[bytes]] = {}
        numbers = stores.ins_numbers()
        for link in [link for link in stores.links() if not link.team]:
            patient = read_patient(stores.patient(link.circle))
            if patient is not None:
                self.add(link.circle, Resident(0, patient, numbers.get(link.circle, "")))

    def add(self, place: bytes, resident: Resident) -> None:
        """Know someone from now on."""
        known = self._people.get(place)
        if resident.ins:
            self._by_ins[resident.ins] = place
        if known is not None:
            self._people[place] = replace(known, ins=known.ins or resident.ins)
            return
        self._people[place] = resident
        self._by_traits.setdefault(_traits(resident.patient), []).append(place)
        for key in _near_traits(resident.patient):
            self._near.setdefault(key, []).append(place)

    def find(self, resident: Resident) -> bytes | None:
        """Return where the same person is: by the INS, else by name, date of birth and sex."""
        if resident.ins and (place := self._by_ins.get(resident.ins)) is not None:
            return place
        for place in self._by_traits.get(_traits(resident.patient), ()):
            other = self._people[place]
            differ = {resident.patient.sex, other.patient.sex} == {"F", "M"}
            two = resident.ins and other.ins and resident.ins != other.ins
            if not differ and not two:
                return place
        return None

    def line_of(self, place: bytes) -> int | None:
        """Return the line on which someone stood above, or None for who has a circle already."""
        return self._people[place].line or None

    def same_names(self, resident: Resident, place: bytes | None) -> bool:
        """Tell whether someone found goes by the same names and date of birth."""
        return place is not None and _traits(self._people[place].patient) == _traits(resident.patient)

    def doubts(self, resident: Resident, place: bytes | None) -> list[str]:
        """Return what to look at twice: one person under two names, or two people nearly alike."""
        if place is not None:
            other = self._people[place]
            if other.line:
                return [tr("La même personne est déjà à la ligne {number}.", number=other.line)]
            if not self.same_names(resident, place):
                return [
                    tr("Déjà là sous le nom {name}\u00a0: même matricule INS.", name=other.patient.display)
                ]
            return []
        found = {p for key in _near_traits(resident.patient) for p in self._near.get(key, ())}
        found.update(self._by_traits.get(_traits(resident.patient), ()))
        names = sorted({_told(self._people[p]) for p in found})
        if not names:
            return []
        return [
            tr(
                "Presque la même identité que {names}\u00a0: vérifiez que ce sont deux personnes.",
                names=", ".join(names),
            )
        ]


def _told(resident: Resident) -> str:
    if not resident.line:
        return resident.patient.display
    return tr("{name} (ligne {number})", name=resident.patient.display, number=resident.line)


def _traits(patient: PatientIdentity) -> tuple[str, ...]:
    return (folded(patient.birth_name), folded(patient.given), patient.birth)


def _near_traits(patient: PatientIdentity) -> Iterable[tuple[str, ...]]:
    """Return what two people share whose identities differ by one trait."""
    name, given, birth = _traits(patient)
    return (("given", name, birth), ("name", given, birth), ("birth", name, given))
