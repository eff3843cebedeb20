"""A relative's vault is the same, up to time and chance, whatever others keep to themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.house import House
from tests.oracle.dump import rows

MANY = 50
# Times and positions are far above, counts far below.
_TIME = 10**11


def _shape(value: Any) -> Any:  # noqa: ANN401  (whatever a column holds)
    if isinstance(value, bytes):
        return "bytes"
    return "time" if isinstance(value, int) and value > _TIME else value


def _numbers_of_vault(house: House, count: int, dump: Path) -> list[str]:
    """Return all the numbers in the daughter's vault after `count` notes in the medical record."""
    nurse, doctor, daughter = house.people
    for _ in range(2):
        nurse.write_all(house.circle, "life", ["Promenade au jardin"])
        nurse.write_all(house.circle, "care", (f"Constantes {n}" for n in range(count)))
        nurse.keep_all(house.circle, doctor.account, (f"Entretien {n}" for n in range(count)))
        nurse.write_all(house.circle, "life", ["Visite de sa sœur"])
        nurse.sync()
        daughter.sync()
        doctor.write_all(house.circle, "care", (f"Ordonnance {n}" for n in range(count)))
        doctor.sync()
        daughter.sync()
    nurse.sync()
    doctor.write_all(house.circle, "life", ["Elle va mieux"])
    doctor.sync()
    daughter.sync()
    assert len(daughter.texts(house.circle)) == 5
    assert len(nurse.texts(house.circle, "--compartment", "care")) == 4 * count
    assert len(doctor.texts(house.circle, "--compartment", "restricted")) == 2 * count
    return sorted(str((table, *map(_shape, row))) for table, row in rows(daughter.dump(dump)))


def test_the_daughter_s_vault_is_the_same_whatever_is_in_the_medical_record(
    house_after_house: Callable[[str], House], tmp_path: Path
) -> None:
    without = _numbers_of_vault(house_after_house("without"), 0, tmp_path / "without.dump")
    with_many = _numbers_of_vault(house_after_house("with"), MANY, tmp_path / "with.dump")
    assert with_many == without
