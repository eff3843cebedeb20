"""A note kept to named readers, from the command line and through a real relay."""

from __future__ import annotations

from tests.e2e.house import House

SECRET = "girofleeorangeramee"


def test_a_note_goes_to_whom_it_names_and_further_when_its_author_says_so(house: House) -> None:
    nurse, doctor, daughter = house.people
    said = nurse.run(
        "write", house.circle, "--compartment", "restricted", "--to", doctor.account, "--text", SECRET
    )
    assert said.code == 0, said.said
    entry = said.lines[0]["entry"]
    nurse.write_all(house.circle, "life", ["Promenade au jardin"])
    house.settle()
    assert doctor.texts(house.circle, "--compartment", "restricted") == [SECRET]
    assert doctor.texts(house.circle, "--search", SECRET) == [SECRET]
    assert "Promenade au jardin" in daughter.texts(house.circle)
    assert daughter.texts(house.circle, "--compartment", "restricted") == []
    refused = doctor.run("share", entry, "--to", daughter.account, "--with-history")
    assert refused.code == 1, "only its author and the patient's side"
    assert nurse.run("share", entry, "--to", daughter.account, "--with-history").code == 0
    house.settle()
    assert daughter.texts(house.circle, "--compartment", "restricted") == [SECRET]
    house.settle()
    readers = nurse.run("readers", entry)
    assert {line["reader"] for line in readers.lines} == {doctor.account, daughter.account}
    assert all(line["opened"] for line in readers.lines)
    alone = nurse.run("write", house.circle, "--compartment", "life", "--to", doctor.account, "--text", "x")
    assert alone.code == 1
