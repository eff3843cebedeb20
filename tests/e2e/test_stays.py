"""Coming without the past, leaving at a date, and being vouched for."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from tests.e2e.house import House, Person, Service, let_in
from tests.e2e.test_three_people import PATIENT
from tests.oracle.canaries import found_in, new_canary
from tests.oracle.dump import contents, values
from tests.oracle.keys import KEY_BYTES, envelopes, opened_by, windows


def _vault(person: Person, out: Path, words: list[str]) -> set[str]:
    dump = person.dump(out)
    return found_in(chain(contents(dump), values(dump)), words)


def _member(person: Person, circle: str, name: str) -> dict[str, Any]:
    members = person.run("circle", "show", circle).one["members"]
    (member,) = [member for member in members if member["name"] == name]
    found: dict[str, Any] = member
    return found


def test_someone_who_comes_without_the_past_reads_what_follows_only(
    house: House, person: Callable[..., Person], tmp_path: Path
) -> None:
    past, future = new_canary(), new_canary()
    house.nurse.write(house.circle, "life", f"Autrefois {past}")
    house.nurse.sync()
    before = {envelope.identifier for envelope in envelopes(house.database, "life")}
    cousin = person("Léa Moreau")
    let_in(house.nurse, cousin, house.circle, "relative", "--history", "none")
    house.doctor.sync()
    house.nurse.write(house.circle, "life", f"Désormais {future}")
    house.doctor.write(house.circle, "life", "Le médecin aussi")
    for someone in (house.nurse, house.doctor, cousin, house.daughter):
        result = someone.sync().one
        assert (result["refused"], result["missing"]) == ([], [])
    result = cousin.sync().one
    assert (result["refused"], result["missing"]) == ([], [])
    assert sorted(cousin.texts(house.circle)) == sorted([f"Désormais {future}", "Le médecin aussi"])
    dump = tmp_path / "cousin.dump"
    assert _vault(cousin, dump, [past, future]) == {future}
    held = windows(values(dump), KEY_BYTES)
    life = envelopes(house.database, "life")
    assert opened_by(held, life) == {envelope.identifier for envelope in life} - before
    house.daughter.sync()
    assert len(house.daughter.texts(house.circle)) == 3, "the others read all of it"
    cousin.write(house.circle, "life", "Bonjour à tous")
    assert cousin.sync().one["pushed"] == 1
    house.daughter.sync()
    assert house.daughter.texts(house.circle)[0] == "Bonjour à tous"


def test_a_stay_ends_at_its_date(house: House, person: Callable[..., Person], tmp_path: Path) -> None:
    held, later = new_canary(), new_canary()
    house.nurse.write(house.circle, "care", f"Pendant {held}")
    house.nurse.sync()
    stand_in, name, end = person("Nadia Benali", "nurse"), "Nadia Benali", 0.0
    for seconds in (5, 20, 60):  # longer where the machine is busy
        end = time.time() + seconds
        until = datetime.fromtimestamp(end, UTC).isoformat()
        let_in(house.nurse, stand_in, house.circle, "nurse", "--until", until)
        if stand_in.texts(house.circle) and time.time() < end:
            break
        name = f"Nadia Benali {seconds}"
        stand_in = person(name, "nurse")
    assert stand_in.texts(house.circle) == [f"Pendant {held}"]
    time.sleep(max(0.0, end - time.time()) + 0.1)

    # The relay stops at once, before anyone said so in the registry.
    assert stand_in.run("sync").code in {0, 1}
    stand_in.write(house.circle, "care", "Trop tard")
    stand_in.run("sync")
    house.doctor.sync()
    assert _member(house.doctor, house.circle, name)["active"] is False
    house.doctor.write(house.circle, "care", f"Ensuite {later}")
    house.doctor.sync()
    house.nurse.sync()
    assert house.nurse.texts(house.circle) == [f"Ensuite {later}", f"Pendant {held}"]

    stand_in.run("sync")
    assert f"Pendant {held}" in stand_in.texts(house.circle), "they keep what they hold"
    dump = tmp_path / "stand-in.dump"
    assert _vault(stand_in, dump, [held, later]) == {held}
    care = envelopes(house.database, "care")
    keys = windows(values(dump), KEY_BYTES)
    assert len(opened_by(keys, care)) == len(care) - 1, "all but what was written after"


def test_a_second_professional_waits_for_the_first_to_vouch(
    hub: Service, person: Callable[..., Person]
) -> None:
    daughter, nurse, other = (
        person("Anne Maurel"),
        person("Claire Martin", "nurse"),
        person("Zoé Roy", "nurse"),
    )
    circle = daughter.run("circle", "create", *PATIENT, "--hub", hub.url, "--as", "family_carer").one[
        "circle"
    ]
    let_in(daughter, nurse, circle, "nurse")
    nurse.write(circle, "care", "Première note de soins")
    nurse.sync()
    assert nurse.texts(circle) == ["Première note de soins"]

    let_in(daughter, other, circle, "nurse")
    assert _member(other, circle, "Zoé Roy")["promised"] == ["care"]
    assert other.texts(circle) == []
    assert other.run("write", circle, "--compartment", "care", "--text", "Pas encore").code == 1
    account = _member(daughter, circle, "Zoé Roy")["id"]
    assert daughter.run("vouch", circle, account).code == 1, "she does not hold what she would give"
    assert other.run("vouch", circle, account).code == 1, "nor does anyone vouch for themself"

    nurse.sync()
    assert nurse.run("vouch", circle, account).code == 0
    other.sync()
    nurse.sync()
    other.sync()
    assert _member(other, circle, "Zoé Roy")["promised"] == []
    assert other.texts(circle) == ["Première note de soins"]
    other.write(circle, "care", "Merci")
    other.sync()
    nurse.sync()
    assert nurse.texts(circle)[0] == "Merci"
    assert daughter.texts(circle) == []


def test_a_note_sealed_before_someone_came_without_the_past_is_sealed_again(
    house: House, person: Callable[..., Person]
) -> None:
    zoe, cousin = person("Zoé Roy", "nurse"), person("Léa Moreau")
    let_in(house.nurse, zoe, house.circle, "nurse", "--function", "coordinator")
    house.nurse.write(house.circle, "care", "Premier soin")
    entry = house.nurse.write(house.circle, "life", "Scellée trop tôt")
    sealed = ("--at", "sending", "--")
    assert house.nurse.process("sync", module="tests.e2e.crashing", options=sealed).code < 0
    zoe.sync()
    let_in(zoe, cousin, house.circle, "relative", "--history", "none")

    def all_is_well() -> None:
        for someone in (*house.people, zoe, cousin, house.doctor):
            result = someone.sync().one
            assert (result["refused"], result["missing"]) == ([], []), someone.home.name

    all_is_well()
    for someone in (house.doctor, house.daughter, zoe, cousin):
        assert someone.texts(house.circle, "--compartment", "life") == [], "it waits for its author"
    assert house.nurse.run("publish", entry).code == 0
    all_is_well()
    for someone in (*house.people, zoe, cousin):
        assert someone.texts(house.circle, "--compartment", "life") == ["Scellée trop tôt"]
    assert house.doctor.texts(house.circle, "--compartment", "care") == ["Premier soin"]
