"""A second PC by code and words: one person, two devices, the same circles."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.house import House, Person


def test_a_second_pc_reads_and_writes_everywhere_and_is_nobody_else(house: House, tmp_path: Path) -> None:
    house.nurse.write(house.circle, "life", "Avant")
    house.nurse.sync()
    house.daughter.sync()
    page = tmp_path / "feuille.txt"
    assert house.daughter.run("account", "sheet", "--out", str(page)).code == 0
    offered = house.daughter.run("account", "pair").one
    early = house.daughter.run("account", "pair", "--words", "un deux trois")
    assert (early.code, "pas encore répondu" in early.said) == (1, True)
    second = Person(tmp_path / "second")
    with second.start("account", "pair", "--code", offered["link"], "--name", "Portable") as coming:
        assert coming.stdout is not None
        words = json.loads(coming.stdout.readline())["words"]
        wrong = house.daughter.run("account", "pair", "--words", "un deux trois")
        assert (wrong.code, "rien n’a été ajouté" in wrong.said) == (1, True)
        paired = house.daughter.run("account", "pair", "--words", " ".join(words)).one
        out, err = coming.communicate(timeout=60)
        assert coming.returncode == 0, err
    assert json.loads(out) == paired | {"name": "Portable"}
    second.sync()
    assert second.texts(house.circle) == house.daughter.texts(house.circle)
    second.write(house.circle, "life", "Du portable")
    second.sync()
    house.nurse.sync()
    assert house.nurse.texts(house.circle)[0] == "Du portable"
    members = house.nurse.run("circle", "show", house.circle).one["members"]
    assert len([member for member in members if member["id"] == house.daughter.account]) == 1
    # What one of them begins, the other follows.
    patient = ("--given", "Lucien", "--birth-name", "Moreau", "--birth", "1936-01-02")
    own = second.run("circle", "create", *patient, "--hub", house.hub.url).one["circle"]
    second.sync()
    second.write(own, "life", "Chez Lucien")
    second.sync()
    house.daughter.sync()
    second.sync()
    house.daughter.sync()
    assert house.daughter.texts(own) == ["Chez Lucien"]
    # The words bring both circles back, whichever PC is lost.
    bare = Person(tmp_path / "bare")
    result = bare.run("account", "recover", "--words-file", str(page))
    assert result.code == 0, result.said
    assert sorted(result.one["circles"]) == sorted([own, house.circle])
    # The first cuts the second off.
    gone = house.daughter.run("account", "revoke", "Portable").one["revoked"]
    assert gone == [paired["device"]]
    house.daughter.sync()
    house.nurse.sync()
    house.nurse.write(house.circle, "life", "Plus pour le portable")
    house.nurse.sync()
    second.run("sync")
    assert "Plus pour le portable" not in second.texts(house.circle)
    house.daughter.sync()
    assert house.daughter.texts(house.circle)[0] == "Plus pour le portable"
