"""A home helper tells the carers what she saw: from the command line, through a real relay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.e2e.house import House, Person, let_in
from tests.oracle.canaries import found_in, new_canary
from tests.oracle.dump import contents, values


def _holds(person: Person, canary: str, out: Path) -> bool:
    return bool(found_in([*contents(person.dump(out)), *values(out)], [canary]))


def test_a_signal_reaches_the_carers_who_take_it_and_nobody_else(
    house: House, person: Callable[..., Person], tmp_path: Path
) -> None:
    ines = person("Inès Faure", "home_helper")
    let_in(house.nurse, ines, house.circle, "home_helper")
    house.settle()
    canary = new_canary()
    ines.write(house.circle, "care_inbox", f"Un bleu au bras {canary}")
    ines.sync()
    house.settle()
    (seen,) = house.nurse.run("entries", house.circle, "--compartment", "care_inbox").lines
    assert (seen["text"], seen["taken_by"]) == (f"Un bleu au bras {canary}", "")
    taken = house.nurse.run("take", seen["entry"]).one["entry"]
    house.settle()
    (after,) = house.doctor.run("entries", house.circle, "--compartment", "care_inbox").lines
    assert after["taken_by"] == "Claire Martin"
    quoted = {line["entry"]: line["text"] for line in house.doctor.run("entries", house.circle).lines}
    assert canary in quoted[taken], "it is quoted in the medical record"
    again = house.doctor.run("take", seen["entry"])
    assert (again.code, again.lines) == (1, []), "it is taken once"

    assert _holds(house.doctor, canary, tmp_path / "doctor"), "the scan finds what is there"
    assert not _holds(house.daughter, canary, tmp_path / "daughter")
    assert house.daughter.texts(house.circle) == []
    refused = ines.run("take", seen["entry"])
    assert refused.code == 1
    assert canary not in refused.said
