"""Dates, ages and names as people say them."""

from __future__ import annotations

import datetime

import pytest

from carelink.records.patient import PatientIdentity
from carelink.services.cahier import ReaderName
from carelink.services.wording import of_name
from carelink.ui.moments import clock_words
from carelink.ui.person.moments import age_on, day_heading, when_words
from carelink.ui.person.words import first_name, identity_words, names_that_fit, not_readers

SUNDAY = datetime.date(2026, 11, 22)


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> int:
    return int(datetime.datetime(year, month, day, hour, minute).astimezone().timestamp() * 1000)


def relatives(*names: str) -> list[ReaderName]:
    return [ReaderName(name, name, "relative", "", professional=False) for name in names]


@pytest.mark.parametrize(
    ("sex", "words"), [("F", "née Lambert"), ("M", "né Lambert"), ("", "nom de naissance\u00a0: Lambert")]
)
def test_the_name_at_birth_is_said_as_the_person_s_sex_asks(sex: str, words: str) -> None:
    patient = PatientIdentity("Jeanne", "Lambert", "Moreau", "1938-04-12", sex)
    assert identity_words(patient, SUNDAY) == f"{words} · 12\u00a0avril\u00a01938 · 88\u00a0ans"


def test_who_kept_their_name_is_not_said_to_be_born_with_it() -> None:
    patient = PatientIdentity("Jeanne", "Moreau", "", "1938-11-23", "F")
    assert identity_words(patient, SUNDAY) == "23\u00a0novembre\u00a01938 · 87\u00a0ans"


def test_a_birthday_of_29_february_counts_from_the_first_of_march() -> None:
    birth = datetime.date(1940, 2, 29)
    assert age_on(birth, datetime.date(2026, 2, 28)) == 85
    assert age_on(birth, datetime.date(2026, 3, 1)) == 86


def test_moments_are_in_words_near_today() -> None:
    assert when_words(at(2026, 11, 22, 6, 55), SUNDAY) == "6\u00a0h\u00a055"
    assert when_words(at(2026, 11, 21, 16), SUNDAY) == "hier 16\u00a0h"
    assert when_words(at(2026, 11, 18, 9, 5), SUNDAY) == "mercredi 9\u00a0h\u00a005"
    assert when_words(at(2026, 11, 1, 9), SUNDAY) == "1er\u00a0novembre, 9\u00a0h"
    assert when_words(at(2025, 12, 31, 9), SUNDAY) == "31\u00a0décembre\u00a02025, 9\u00a0h"
    assert clock_words(datetime.datetime(2026, 1, 1, 0, 7, tzinfo=datetime.UTC)) == "0\u00a0h\u00a007"


def test_days_have_headings_in_words() -> None:
    assert day_heading(SUNDAY, SUNDAY) == "Aujourd’hui, dimanche 22\u00a0novembre"
    assert day_heading(datetime.date(2026, 11, 21), SUNDAY) == "Hier, samedi 21\u00a0novembre"
    assert day_heading(datetime.date(2026, 11, 20), SUNDAY) == "Vendredi 20\u00a0novembre"
    assert day_heading(datetime.date(2025, 1, 1), SUNDAY) == "Mercredi 1er\u00a0janvier\u00a02025"


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ""),
        (["Anne Maurel"], "Pas Anne"),
        (["Anne Maurel", "Luc Lambert"], "Ni Anne ni Luc"),
        (["Anne Maurel", "Luc Lambert", "Zoé Petit"], "Ni Anne, ni Luc, ni Zoé"),
        (["Anne A", "Luc B", "Zoé C", "Odile D", "Marc E"], "Ni Anne, ni Luc, ni 3 autres proches"),
        (["Anne Maurel", "Anne Lambert"], "Ni Anne Maurel ni Anne Lambert"),
    ],
)
def test_the_family_that_will_not_read_is_named(names: list[str], words: str) -> None:
    assert not_readers(relatives(*names)) == words


def test_a_title_is_no_first_name() -> None:
    assert first_name("Dr Paul Petit") == "Paul"
    assert first_name("Mme Roche") == "Roche"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Jeanne", "de Jeanne"),
        ("Odette", "d’Odette"),
        ("Élodie", "d’Élodie"),
        ("Hélène", "d’Hélène"),
        ("Yves", "d’Yves"),
        ("Yasmine", "de Yasmine"),
        ("Œdipe", "d’Œdipe"),
        ("Ève-Marie", "d’Ève-Marie"),
    ],
)
def test_de_drops_its_vowel_before_another(name: str, words: str) -> None:
    assert of_name(name) == words


@pytest.mark.parametrize(
    ("room", "words"),
    [
        (99, "Lina Caron, Paul Petit, Zoé Roy, Luc Bonhomme-Lafarge"),
        (42, "Lina Caron, Paul Petit, Zoé Roy et 1\u00a0autre"),
        (34, "Lina Caron, Paul Petit et 2\u00a0autres"),
        (25, "Lina Caron et 3\u00a0autres"),
        (3, "Lina Caron et 3\u00a0autres"),
    ],
)
def test_names_without_room_are_counted(room: int, words: str) -> None:
    names = ["Lina Caron", "Paul Petit", "Zoé Roy", "Luc Bonhomme-Lafarge"]
    assert names_that_fit(names, lambda text: len(text) <= room) == words
