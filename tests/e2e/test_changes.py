"""People come and go, and rights change: from the command line, through a real relay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.house import House, Person, let_in
from tests.oracle.canaries import found_in, new_canary
from tests.oracle.dump import contents, values
from tests.oracle.keys import KEY_BYTES, envelopes, opened_by, windows


def _member(person: Person, circle: str, name: str) -> dict[str, Any]:
    members = person.run("circle", "show", circle).one["members"]
    found: dict[str, Any] = next(member for member in members if member["name"] == name)
    return found


def _opens(person: Person, house: House, stream: str, out: Path) -> set[bytes]:
    """Ids of the relay's envelopes of a stream that anything in a vault opens."""
    return opened_by(windows(values(person.dump(out)), KEY_BYTES), envelopes(house.database, stream))


def _holds(person: Person, canary: str, out: Path) -> bool:
    """Whether a word stands anywhere in a vault."""
    return bool(found_in([*contents(person.dump(out)), *values(out)], [canary]))


def _ids(house: House, stream: str) -> set[bytes]:
    return {envelope.identifier for envelope in envelopes(house.database, stream)}


def test_a_removed_doctor_keeps_what_they_had_and_reads_nothing_more(house: House, tmp_path: Path) -> None:
    before, after = new_canary(), new_canary()
    house.nurse.write(house.circle, "care", f"Avant {before}")
    house.settle()
    held = _ids(house, "care")
    removed = house.nurse.run("remove", house.circle, "Paul Petit", "--reason", "A quitté le cabinet")
    assert removed.code == 0, removed.said
    assert "ne sera plus dans le cercle" in removed.said
    assert "y reste" in removed.said
    house.nurse.write(house.circle, "care", f"Ensuite {after}")
    house.nurse.sync()
    house.doctor.write(house.circle, "care", "Trop tard")
    house.doctor.run("sync")
    assert f"Avant {before}" in house.doctor.texts(house.circle), "they keep what they hold"
    assert _opens(house.doctor, house, "care", tmp_path / "doctor") <= held
    house.nurse.sync()
    assert house.nurse.texts(house.circle) == [f"Ensuite {after}", f"Avant {before}"]
    assert _member(house.daughter, house.circle, "Paul Petit")["active"] is True, "not told yet"
    house.daughter.sync()
    assert _member(house.daughter, house.circle, "Paul Petit")["active"] is False
    listed = {one["circle"]: one["state"] for one in house.doctor.run("circle", "list").lines}
    assert listed == {house.circle: "left"}, "the doctor is told that the stay is over"


def test_a_denied_volet_closes_and_opens_again(house: House, tmp_path: Path) -> None:
    house.nurse.write(house.circle, "life", "Un bon repas")
    house.settle()
    secret = new_canary()
    assert house.nurse.run("deny", house.circle, "Anne Maurel", "life", "--reason", "Elle l’a dit").code == 0
    house.nurse.write(house.circle, "life", f"Entre nous {secret}")
    house.nurse.sync()
    house.daughter.sync()
    assert house.daughter.texts(house.circle) == ["Un bon repas"]
    assert not _holds(house.daughter, secret, tmp_path / "denied")
    assert _holds(house.nurse, secret, tmp_path / "nurse"), "the scan finds what is there"
    (denial,) = house.daughter.run("circle", "show", house.circle).one["denials"]
    assert (denial["compartment"], denial["on_behalf"]) == ("life", True)
    assert house.doctor.sync().code == 0
    assert house.doctor.run("circle", "show", house.circle).one["denials"] == [], "others need not know"
    refused = house.nurse.run("grant", house.circle, "Anne Maurel", "life")
    assert refused.code == 1, "whoever recorded it does not lift it alone"
    assert "rien n’a été changé" in refused.said


def test_the_daughter_is_granted_the_medical_record_until_a_date_and_no_further(
    house: House, tmp_path: Path
) -> None:
    house.nurse.write(house.circle, "care", "Tension 13/8")
    house.settle()
    assert house.daughter.texts(house.circle) == []
    granted = house.nurse.run("grant", house.circle, "Anne Maurel", "care", "--until", "2099-01-01")
    assert granted.code == 0, granted.said
    house.daughter.sync()
    house.nurse.sync()
    house.daughter.sync()
    assert house.daughter.texts(house.circle) == ["Tension 13/8"]
    assert house.nurse.run("deny", house.circle, "Anne Maurel", "care").code == 0
    secret = new_canary()
    house.nurse.write(house.circle, "care", f"Plus tard {secret}")
    house.nurse.sync()
    house.daughter.sync()
    assert house.daughter.texts(house.circle) == ["Tension 13/8"]
    assert not _holds(house.daughter, secret, tmp_path / "denied")


def test_anyone_leaves_in_one_command_and_may_come_back(house: House) -> None:
    house.nurse.write(house.circle, "life", "Avant")
    house.settle()
    assert house.daughter.run("leave", house.circle).code == 0
    house.nurse.write(house.circle, "life", "Pendant son absence")
    house.nurse.sync()
    assert house.daughter.run("sync").code in {0, 1}
    assert house.daughter.texts(house.circle) == ["Avant"]
    refused = house.daughter.run("write", house.circle, "--compartment", "life", "--text", "Après")
    assert refused.code == 1

    let_in(house.nurse, house.daughter, house.circle, "relative", "--history", "none")
    house.nurse.write(house.circle, "life", "À son retour")
    house.nurse.sync()
    house.daughter.sync()
    assert house.daughter.texts(house.circle) == ["À son retour", "Avant"], "not what was written between"
    house.daughter.write(house.circle, "life", "Me revoilà")
    house.daughter.sync()
    house.nurse.sync()
    assert house.nurse.texts(house.circle)[0] == "Me revoilà"


def test_a_nurse_who_becomes_a_volunteer_reads_the_daily_life_only(
    house: House, person: Callable[..., Person], tmp_path: Path
) -> None:
    zoe = person("Zoé Roy", "nurse")
    let_in(house.nurse, zoe, house.circle, "nurse")
    house.nurse.write(house.circle, "care", "Pansement refait")
    house.settle()
    zoe.sync()
    assert house.nurse.run("role", house.circle, "Zoé Roy", "volunteer").code == 0
    secret = new_canary()
    house.nurse.write(house.circle, "care", f"Sans Zoé {secret}")
    house.nurse.write(house.circle, "life", "Avec Zoé")
    house.nurse.sync()
    zoe.sync()
    assert sorted(zoe.texts(house.circle)) == ["Avec Zoé", "Pansement refait"]
    assert not _holds(zoe, secret, tmp_path / "zoe")
    member = _member(zoe, house.circle, "Zoé Roy")
    assert (member["role"], member["reads"], member["writes"]) == ("volunteer", ["life"], [])


def test_nobody_changes_their_own_role_and_members_change_nobodys(house: House) -> None:
    for author, name in ((house.nurse, "Claire Martin"), (house.daughter, "Paul Petit")):
        refused = author.run("role", house.circle, name, "physician")
        assert refused.code == 1
        assert "rien n’a été changé" in refused.said
    assert house.nurse.run("remove", house.circle, "Personne", "--reason", "x").code == 1
    assert house.nurse.run("deny", house.circle, "Anne Maurel", "cuisine").code == 1
