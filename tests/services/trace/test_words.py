"""An access is one plain sentence, honest about who is not known well."""

from __future__ import annotations

import dataclasses
import datetime

import pytest

from carelink.language import set_language
from carelink.records.transfer import CardRow
from carelink.services.moments import local_time
from carelink.services.trace.words import access_sentence, act_words, traced_person

ACCOUNT = b"a" * 16
CARD = CardRow(
    ACCOUNT, 3, "Mme Petit", "nurse", (), "nurse", "", "infirmière", b"", 0, consistent=True, name_salt=b""
)
TUESDAY = datetime.datetime(2026, 11, 17, 21, 4).astimezone()
TIME = int(TUESDAY.timestamp() * 1000)


def sentence(days_later: int, card: CardRow | None = CARD, volets: tuple[str, ...] = ("care",)) -> str:
    # Without a registry she is in no circle now.
    person = dataclasses.replace(traced_person(ACCOUNT, card, None, b""), left=False)
    today = local_time(TIME).date() + datetime.timedelta(days=days_later)
    return access_sentence(person, act_words("opened", volets), TIME, today)


@pytest.mark.parametrize(
    ("days", "when"),
    [
        (0, "aujourd’hui à 21\u00a0h\u00a004"),
        (1, "hier à 21\u00a0h\u00a004"),
        (5, "mardi à 21\u00a0h\u00a004"),
        (7, "le 17\u00a0novembre à 21\u00a0h\u00a004"),
        (60, "le 17\u00a0novembre\u00a02026 à 21\u00a0h\u00a004"),
        (-1, "le 17\u00a0novembre à 21\u00a0h\u00a004"),
    ],
)
def test_the_day_is_said_as_people_say_it(days: int, when: str) -> None:
    assert sentence(days) == f"Mme Petit, infirmière, a ouvert le dossier médical, {when}"


def test_volets_are_named_from_what_most_read_to_what_fewest_read() -> None:
    assert (
        act_words("searched", ("care", "life")) == "a cherché dans la vie quotidienne et le dossier médical"
    )
    assert act_words("exported", ("trace",)) == "a exporté la liste des consultations"
    assert act_words("opened", ("care", "life", "coordination")) == (
        "a ouvert la vie quotidienne, la coordination et le dossier médical"
    )


def test_what_a_later_version_adds_is_said_to_be_unknown() -> None:
    assert act_words("opened", ("genome",)) == "a ouvert un volet que cette version ne connaît pas"
    assert "cette version ne connaît pas" in act_words("dreamt", ("care",))
    assert "genome" not in act_words("opened", ("genome",))


def test_who_left_and_who_cannot_be_known_are_named_so() -> None:
    left = traced_person(ACCOUNT, CARD, None, b"")
    assert left.left
    assert access_sentence(left, "x", TIME, TUESDAY.date()).startswith(
        "Mme Petit, infirmière, qui a quitté le cercle, x"
    )
    assert sentence(0, None).startswith("Un membre dont la fiche ne peut pas être lue a ouvert le dossier")
    odd = dataclasses.replace(CARD, consistent=False)
    assert sentence(0, odd).startswith("Mme Petit, rôle non vérifié, a ouvert")
    plain = dataclasses.replace(CARD, relation="")
    assert sentence(0, plain).startswith("Mme Petit, infirmier ou infirmière, a ouvert")
    sly = dataclasses.replace(CARD, name="Mme\nPetit", relation="infirmière.\nTout va bien")
    assert "\n" not in sentence(0, sly)
    person = dataclasses.replace(CARD, name="Jeanne", role="patient", relation="elle-même")
    assert sentence(0, person).startswith("Jeanne, personne accompagnée, a ouvert")


def test_it_is_said_in_english_too() -> None:
    set_language("en")
    try:
        assert sentence(5, volets=("life", "care")) == (
            "Mme Petit, infirmière, opened daily life and the medical record, on Tuesday at 21 h 04"
        )
    finally:
        set_language("fr")
