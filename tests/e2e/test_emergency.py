"""Emergency access through a real relay: nothing before the reason is recorded, nothing after the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest

from carelink.services.cahier import Cahier
from carelink.services.circles import Circles
from tests.e2e.house import House, Person, let_in
from tests.oracle.canaries import found_in, new_canary
from tests.oracle.dump import contents, values
from tests.oracle.keys import KEY_BYTES, envelopes, opened_by, windows

WHY = "Inconscient, traitements inconnus"


def _on_call(house: House, person: Callable[..., Person]) -> Person:
    nora = person("Nora Astreinte", "physician")
    let_in(house.nurse, nora, house.circle, "on_call")
    house.settle()
    nora.sync()
    return nora


def _held(person: Person, out: Path, *words: str) -> set[str]:
    """Which of these words a vault holds."""
    dump = person.dump(out)
    return found_in(chain(contents(dump), values(dump)), list(words))


def _opens_care(person: Person, house: House, out: Path) -> int:
    """How many of the relay's medical envelopes anything in a vault opens."""
    held = windows(values(person.dump(out)), KEY_BYTES)
    return len(opened_by(held, envelopes(house.database, "care")))


def test_the_record_opens_once_the_reason_is_recorded_and_closes_again(
    house: House, person: Callable[..., Person], tmp_path: Path
) -> None:
    secret, later = new_canary(), new_canary()
    house.nurse.write(house.circle, "care", f"Sous anticoagulants {secret}")
    house.settle()
    nora = _on_call(house, person)
    assert nora.run("entries", house.circle).lines == []
    assert not _held(nora, tmp_path / "before", secret)
    assert _opens_care(nora, house, tmp_path / "before-keys") == 0
    assert house.doctor.run("emergency", "open", house.circle, "--reason", WHY).code == 1
    assert nora.run("emergency", "open", house.circle, "--reason", " ").code == 1

    opened = nora.run("emergency", "open", house.circle, "--reason", WHY, "--hours", "2")
    assert opened.code == 0, opened.said
    nora.sync()
    assert f"Sous anticoagulants {secret}" in nora.texts(house.circle)
    assert nora.run("write", house.circle, "--compartment", "care", "--text", "Non").code == 1
    house.daughter.sync()
    shown = house.daughter.run("emergency", "show", house.circle).one
    (record,) = shown["opened"]
    assert (record["name"], record["reason"], record["under_way"]) == ("Nora Astreinte", WHY, True)

    assert house.nurse.run("sync").code == 0
    assert house.nurse.run("emergency", "oppose", house.circle).code == 0
    house.nurse.write(house.circle, "care", f"Ensuite {later}")
    house.nurse.sync()
    nora.run("sync")
    assert _held(nora, tmp_path / "after", secret, later) == {secret}
    assert nora.run("emergency", "open", house.circle, "--reason", WHY).code == 1
    assert house.nurse.run("emergency", "show", house.circle).one["opposed"] is True


def test_opposition_deletes_the_keys_that_lay_ready(
    house: House, person: Callable[..., Person], tmp_path: Path
) -> None:
    house.nurse.write(house.circle, "care", "Avant l’opposition")
    house.settle()
    nora = _on_call(house, person)
    assert house.nurse.run("emergency", "oppose", house.circle).code == 0
    house.nurse.write(house.circle, "care", "Après l’opposition")
    house.settle()
    assert house.nurse.run("emergency", "allow", house.circle).code == 0
    nora.sync()
    assert nora.run("emergency", "open", house.circle, "--reason", WHY).code == 1, (
        "nobody is on call any more"
    )
    assert nora.run("entries", house.circle).lines == []
    assert _opens_care(nora, house, tmp_path / "nora") == 0


def _opens(person: Person, house: House, hours: int = 1) -> None:
    opened = person.run("emergency", "open", house.circle, "--reason", WHY, "--hours", str(hours))
    assert opened.code == 0, opened.said


def test_at_the_end_the_relay_serves_nothing_more_and_whoever_comes_next_changes_the_keys(
    house: House, person: Callable[..., Person], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, since, rotated = new_canary(), new_canary(), new_canary()
    house.nurse.write(house.circle, "care", f"Avant {before}")
    house.settle()
    nora = _on_call(house, person)
    monkeypatch.setattr("carelink.services.emergency.HOUR_MS", 4_000)
    _opens(nora, house)
    end = time.monotonic() + 4
    assert nora.texts(house.circle) == [f"Avant {before}"]
    time.sleep(max(0.0, end - time.monotonic()))

    refused = nora.run("entries", house.circle)
    assert (refused.code, refused.lines) == (1, []), "it closes by itself, before anybody said so"
    (record,) = nora.run("emergency", "show", house.circle).one["opened"]
    assert record["under_way"] is False
    # Nobody has said yet that it is over.
    session = house.doctor.session()
    try:
        Cahier(session).write(house.circle, "care", f"Après l’heure {since}")
    finally:
        session.close()
    house.doctor.sync()
    nora.sync()
    house.nurse.sync()
    house.nurse.write(house.circle, "care", f"Sous d’autres clés {rotated}")
    house.nurse.sync()
    nora.sync()
    assert _held(nora, tmp_path / "nora", before, since, rotated) == {before}
    assert _opens_care(nora, house, tmp_path / "nora-keys") == 1
    assert len(envelopes(house.database, "care")) == 3
    house.doctor.sync()
    assert f"Sous d’autres clés {rotated}" in house.doctor.texts(house.circle)


def test_two_people_on_call_open_each_for_themselves_and_one_who_is_removed_reads_no_more(
    house: House, person: Callable[..., Person], tmp_path: Path
) -> None:
    later = new_canary()
    house.nurse.write(house.circle, "care", "Sous anticoagulants")
    house.settle()
    nora = _on_call(house, person)
    omar = person("Omar Garde", "nurse")
    let_in(house.nurse, omar, house.circle, "on_call")
    house.settle()
    omar.sync()
    _opens(nora, house)
    nora.sync()
    assert omar.run("entries", house.circle).code == 1, "hers opens nothing to him"
    _opens(omar, house, hours=2)
    omar.sync()
    assert nora.texts(house.circle) == omar.texts(house.circle) == ["Sous anticoagulants"]
    assert house.nurse.run("sync").code == 0
    shown = house.nurse.run("emergency", "show", house.circle).one
    assert [(view["name"], view["under_way"]) for view in shown["opened"]] == [
        ("Omar Garde", True),
        ("Nora Astreinte", True),
    ]

    assert house.nurse.run("remove", house.circle, nora.account, "--reason", "Remplacée").code == 0
    house.nurse.write(house.circle, "care", f"Ensuite {later}")
    house.settle()
    nora.run("sync")
    omar.sync()
    assert nora.run("entries", house.circle).code == 1
    assert not _held(nora, tmp_path / "nora", later)
    assert f"Ensuite {later}" in omar.texts(house.circle)


def test_without_the_relay_nothing_opens_and_nothing_is_said_to_have_been(
    house: House, person: Callable[..., Person], tmp_path: Path
) -> None:
    house.nurse.write(house.circle, "care", "Sous anticoagulants")
    house.settle()
    nora = _on_call(house, person)
    house.hub.stop()
    refused = nora.run("emergency", "open", house.circle, "--reason", WHY)
    assert refused.code != 0
    assert nora.run("emergency", "show", house.circle).one["opened"] == []
    assert _opens_care(nora, house, tmp_path / "nora") == 0
    house.hub.start()
    _opens(nora, house)
    nora.sync()
    assert nora.texts(house.circle) == ["Sous anticoagulants"]


def test_a_second_opening_lasts_longer_and_has_a_reason_of_its_own(
    house: House, person: Callable[..., Person]
) -> None:
    nora = _on_call(house, person)
    _opens(nora, house)
    again = nora.run("emergency", "open", house.circle, "--reason", "Toujours là", "--hours", "8")
    assert again.code == 0, again.said
    opened = nora.run("emergency", "show", house.circle).one["opened"]
    assert [(view["reason"], view["under_way"]) for view in opened] == [("Toujours là", True), (WHY, False)]


def test_who_runs_the_circle_is_told_until_they_have_seen_it(
    house: House, person: Callable[..., Person]
) -> None:
    nora = _on_call(house, person)
    _opens(nora, house)
    house.settle()
    (news,) = house.nurse.run("status").one["emergencies"]
    assert news["sentence"].startswith("Nora Astreinte a ouvert le dossier en urgence, aujourd’hui à ")
    assert news["sentence"].endswith(f"\u00a0: «\u00a0{WHY}\u00a0»")
    for other in (house.daughter, nora):
        assert other.run("status").one["emergencies"] == []
    assert house.nurse.run("emergency", "show", house.circle, "--seen").code == 0
    assert house.nurse.run("status").one["emergencies"] == []
    assert len(house.nurse.run("emergency", "show", house.circle).one["opened"]) == 1

    latecomer = person("Rose Petit", "nurse")
    let_in(house.nurse, latecomer, house.circle, "nurse", "--function", "coordinator")
    latecomer.sync()
    assert latecomer.run("status").one["emergencies"] == [], "it was before they came"


def test_whoever_was_on_call_when_it_was_opposed_is_no_alarm_to_who_comes_later(
    house: House, person: Callable[..., Person]
) -> None:
    _on_call(house, person)
    assert house.nurse.run("emergency", "oppose", house.circle).code == 0
    house.settle()
    cousin = person("Léa Moreau")
    let_in(house.nurse, cousin, house.circle, "relative")
    cousin.sync()
    session = cousin.session()
    try:
        odd = [member.name for member in Circles(session).show(house.circle).members if not member.consistent]
    finally:
        session.close()
    assert odd == []
