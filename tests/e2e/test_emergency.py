"""Emergency access through a real relay: nothing before the reason is recorded, nothing after the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.e2e.house import House, Person, let_in
from tests.oracle.canaries import new_canary
from tests.oracle.dump import values
from tests.oracle.keys import KEY_BYTES, envelopes, opened_by, windows

WHY = "Inconscient, traitements inconnus"


def _on_call(house: House, person: Callable[..., Person]) -> Person:
    nora = person("Nora Astreinte", "physician")
    let_in(house.nurse, nora, house.circle, "on_call")
    house.settle()
    nora.sync()
    return nora


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
    assert nora.texts(house.circle) == []
    assert secret not in str(values(nora.dump(tmp_path / "before")))
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
    assert later not in str(values(nora.dump(tmp_path / "after")))
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
    assert nora.texts(house.circle) == []
    assert _opens_care(nora, house, tmp_path / "nora") == 0
