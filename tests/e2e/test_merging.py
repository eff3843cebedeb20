"""Two people change the same note without having met: everyone ends with the same, and nothing is lost."""

from __future__ import annotations

from typing import Any

from tests.e2e.house import House


def _history(house: House, entry: str) -> list[tuple[str, str, bool, bool]]:
    """Return the versions of a note, the same for everyone."""
    versions: list[list[dict[str, Any]]] = []
    for person in house.people:
        lines = person.run("history", entry).lines
        versions.append(sorted(lines, key=lambda line: str(line["revision"])))
    assert versions[0] == versions[1] == versions[2]
    return [(v["author"], v["text"], v["withdrawn"], v["stands"]) for v in versions[0]]


def _same_for_all(house: House) -> dict[str, Any]:
    states = [person.run("entries", house.circle).lines for person in house.people]
    assert states[0] == states[1] == states[2]
    (line,) = states[0]
    return line


def _known_note(house: House) -> str:
    entry = house.nurse.write(house.circle, "life", "Sortie à 14 h")
    house.nurse.sync()
    house.settle()
    return entry


def test_two_amendments_made_apart_are_both_kept(house: House) -> None:
    entry = _known_note(house)
    house.hub.stop()
    assert house.nurse.run("amend", entry, "--text", "Sortie à 15 h").code == 0
    assert house.nurse.run("sync").code == 1
    assert house.doctor.run("amend", entry, "--text", "Sortie annulée").code == 0
    house.hub.start()
    house.settle()
    line = _same_for_all(house)
    assert line["parallel"]
    assert line["text"] in {"Sortie à 15 h", "Sortie annulée"}
    assert sorted(_history(house, entry)) == sorted(
        [
            ("Claire Martin", "Sortie à 14 h", False, False),
            ("Claire Martin", "Sortie à 15 h", False, True),
            ("Paul Petit", "Sortie annulée", False, True),
        ]
    )
    # Whoever looks settles it.
    assert house.doctor.run("amend", entry, "--text", "Sortie à 16 h").code == 0
    house.settle()
    line = _same_for_all(house)
    assert (line["text"], line["parallel"]) == ("Sortie à 16 h", False)
    assert len(_history(house, entry)) == 4


def test_a_withdrawal_stands_against_an_amendment_made_apart(house: House) -> None:
    entry = _known_note(house)
    house.hub.stop()
    assert house.doctor.run("amend", entry, "--text", "Sortie à 15 h").code == 0
    assert house.nurse.run("withdraw", entry, "--reason", "Autre patient").code == 0
    house.hub.start()
    house.settle()
    line = _same_for_all(house)
    assert (line["withdrawn"], line["text"]) == (True, "")
    versions = _history(house, entry)
    assert ("Paul Petit", "Sortie à 15 h", False, True) in versions
    assert len(versions) == 3
    assert house.daughter.run("entries", house.circle, "--search", "Sortie").lines == []


def test_many_changes_made_apart_end_the_same(house: House) -> None:
    entry = _known_note(house)
    house.hub.stop()
    for number in range(4):
        house.nurse.run("amend", entry, "--text", f"Claire {number}")
        house.doctor.run("amend", entry, "--text", f"Paul {number}")
        house.daughter.run("amend", entry, "--text", f"Anne {number}")
    house.hub.start()
    for person in reversed(house.people):
        person.sync()
    house.settle()
    line = _same_for_all(house)
    assert line["parallel"]
    versions = _history(house, entry)
    assert len(versions) == 13
    assert {text for _, text, _, stands in versions if stands} == {"Claire 3", "Paul 3", "Anne 3"}
