"""Someone between the daughter and the relay lies to her: each lie is harmless, or told by its name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.house import House, Person, Service

Between = Callable[..., Service]

BEFORE = "Avant l’attaque"
TARGET = "Visée par l’attaque"
OTHER = "D’une autre main"


def _attacked(house: House, between: Between, attack: str, *options: str) -> Service:
    """Put someone in between, once the daughter holds a note of before."""
    house.nurse.write(house.circle, "life", BEFORE)
    house.nurse.sync()
    house.daughter.sync()
    hostile = between(attack, house.hub.url, "--skip", "1", *options)
    house.daughter.reach(hostile.url)
    return hostile


def _say(house: House, target: str = TARGET, other: str = OTHER) -> None:
    """Have the doctor write a note that passes, then the nurse the one that is attacked."""
    house.doctor.write(house.circle, "life", other)
    house.doctor.sync()
    house.nurse.write(house.circle, "life", target)
    house.nurse.sync()


def _healed(house: House, *texts: str) -> None:
    """See that an honest relay makes everything good, and that nothing more is said of it."""
    house.daughter.reach(house.hub.url)
    house.daughter.sync()
    last = house.daughter.sync().one
    assert sorted(house.daughter.texts(house.circle)) == sorted(texts)
    assert last["refused"] == []
    assert last["missing"] == []
    house.daughter.write(house.circle, "life", "Réponse")
    assert house.daughter.sync().one["pushed"] == 1
    assert house.nurse.sync().one["refused"] == []
    assert house.nurse.texts(house.circle)[0] == "Réponse"


@pytest.mark.parametrize("part", ["ciphertext", "header", "signature"])
def test_a_flipped_bit_is_a_bad_signature(house: House, between: Between, part: str) -> None:
    _attacked(house, between, "flip", "--part", part)
    _say(house)
    result = house.daughter.sync()
    assert result.whys == {"bad_signature"}
    assert sorted(house.daughter.texts(house.circle)) == sorted([BEFORE, OTHER])
    _healed(house, BEFORE, TARGET, OTHER)


@pytest.mark.parametrize("attack", ["drop", "gap"])
def test_a_note_left_out_is_a_gap(house: House, between: Between, attack: str) -> None:
    _attacked(house, between, attack)
    _say(house)
    house.nurse.write(house.circle, "life", "La suite")
    house.nurse.sync()
    result = house.daughter.sync()
    assert result.whys == {"gap"}
    assert result.one["missing"]
    assert sorted(house.daughter.texts(house.circle)) == sorted([BEFORE, OTHER, "La suite"])
    _healed(house, BEFORE, TARGET, OTHER, "La suite")


def test_a_last_note_left_out_is_told_by_the_signed_checkpoint(house: House, between: Between) -> None:
    _attacked(house, between, "drop")
    _say(house)
    result = house.daughter.sync()
    assert result.whys == {"gap"}
    assert result.one["missing"]
    assert sorted(house.daughter.texts(house.circle)) == sorted([BEFORE, OTHER])
    _healed(house, BEFORE, TARGET, OTHER)


def test_two_signed_notes_at_one_place_are_a_fork(house: House, between: Between) -> None:
    _attacked(house, between, "fork", "--home", str(house.nurse.home))
    _say(house)
    assert house.daughter.sync().whys == set(), "the first of the two"
    result = house.daughter.sync()
    assert result.whys == {"fork"}
    (refused,) = result.one["refused"]
    assert (refused["stream"], refused["seq"]) == ("life", 2)
    assert sorted(house.daughter.texts(house.circle)) == sorted([BEFORE, TARGET, OTHER])
    _healed(house, BEFORE, TARGET, OTHER)


def test_a_fork_without_its_author_is_a_forgery(house: House, between: Between) -> None:
    _attacked(house, between, "fork")
    _say(house)
    house.daughter.sync()
    assert house.daughter.sync().whys == {"bad_signature"}
    _healed(house, BEFORE, TARGET, OTHER)


def test_a_forged_note_is_a_bad_signature(house: House, between: Between) -> None:
    _attacked(house, between, "forge")
    _say(house)
    result = house.daughter.sync()
    assert result.whys == {"bad_signature"}
    assert sorted(house.daughter.texts(house.circle)) == sorted([BEFORE, TARGET, OTHER])
    _healed(house, BEFORE, TARGET, OTHER)


def test_an_altered_epoch_is_a_wrong_epoch(house: House, between: Between) -> None:
    _attacked(house, between, "wrong-epoch")
    _say(house)
    assert house.daughter.sync().whys == {"wrong_epoch"}
    assert sorted(house.daughter.texts(house.circle)) == sorted([BEFORE, OTHER])
    _healed(house, BEFORE, TARGET, OTHER)


def test_a_signed_wrong_epoch_is_one_too(house: House, between: Between) -> None:
    _attacked(house, between, "wrong epoch", "--home", str(house.nurse.home))
    _say(house)
    assert house.daughter.sync().whys == {"wrong_epoch"}
    assert sorted(house.daughter.texts(house.circle)) == sorted([BEFORE, TARGET, OTHER])
    _healed(house, BEFORE, TARGET, OTHER)


def test_an_older_checkpoint_is_a_regression(house: House, between: Between) -> None:
    _attacked(house, between, "roll_back")
    assert house.daughter.sync().whys == set()
    _say(house)
    assert house.daughter.sync().whys == set()
    house.nurse.write(house.circle, "life", "La suite")
    house.nurse.sync()
    result = house.daughter.sync()
    assert result.whys == {"checkpoint_regression"}
    assert sorted(house.daughter.texts(house.circle)) == sorted([BEFORE, TARGET, OTHER, "La suite"])
    _healed(house, BEFORE, TARGET, OTHER, "La suite")


def test_two_statements_at_one_height_are_a_split_registry(house: House, between: Between) -> None:
    _attacked(house, between, "split_registry")
    _say(house)
    result = house.daughter.sync()
    assert "registry_split" in result.whys
    assert sorted(house.daughter.texts(house.circle)) == sorted([BEFORE, TARGET, OTHER]), "reading goes on"
    # Only people can settle which history is the right one: it stays said, and no key is sent.
    house.daughter.reach(house.hub.url)
    house.daughter.sync()
    assert house.daughter.run("status").one["alarms"] == [house.circle]
    assert house.nurse.sync().one["refused"] == []


def test_replayed_pages_change_nothing_and_are_not_worth_a_word(house: House, between: Between) -> None:
    _attacked(house, between, "replay")
    for number in range(3):
        _say(house, f"{TARGET} {number}", f"{OTHER} {number}")
        result = house.daughter.sync().one
        assert (result["refused"], result["missing"], result["pulled"]) == ([], [], 2)
    said = [BEFORE, *(f"{text} {number}" for text in (TARGET, OTHER) for number in range(3))]
    assert sorted(house.daughter.texts(house.circle)) == sorted(said)
    _healed(house, *said)


def test_pages_out_of_order_change_nothing_and_are_not_worth_a_word(house: House, between: Between) -> None:
    _attacked(house, between, "reorder")
    for number in range(3):
        _say(house, f"{TARGET} {number}", f"{OTHER} {number}")
        house.nurse.write(house.circle, "life", f"La suite {number}")
        house.nurse.sync()
    result = house.daughter.sync().one
    assert (result["refused"], result["missing"], result["pulled"]) == ([], [], 9)
    _healed(
        house, BEFORE, *(f"{text} {number}" for text in (TARGET, OTHER, "La suite") for number in range(3))
    )


def test_an_omission_is_told_by_those_who_saw_it(house: House, between: Between) -> None:
    _attacked(house, between, "omit")
    _say(house)
    assert house.daughter.sync().one["missing"] == [], "nothing tells yet"
    house.doctor.write(house.circle, "life", "J’ai vu")
    house.doctor.sync()
    results = [house.daughter.sync().one for _ in range(2)]
    missing = [item for result in results for item in result["missing"]]
    assert {(item["stream"], item["seq"]) for item in missing} == {("life", 2)}
    assert sorted(house.daughter.texts(house.circle)) == sorted([BEFORE, OTHER, "J’ai vu"])
    _healed(house, BEFORE, TARGET, OTHER, "J’ai vu")


def _newcomer(house: House, person: Callable[..., Person]) -> Person:
    """Have a third nurse let in, who has not been online since."""
    newcomer = person("Zoé Roy", "nurse")
    made = house.nurse.run("invite", house.circle, "--role", "nurse", "--in-person").one
    newcomer.run("join", made["link"])
    house.nurse.sync()
    return newcomer


@pytest.mark.parametrize("attack", ["flip_letter", "flip_statement"])
def test_keys_and_statements_that_were_altered_are_asked_for_again(
    house: House, between: Between, person: Callable[..., Person], attack: str
) -> None:
    house.nurse.write(house.circle, "care", BEFORE)
    house.nurse.sync()
    newcomer = _newcomer(house, person)
    newcomer.reach(between(attack, house.hub.url).url)
    for _ in range(2):
        assert "bad_signature" in newcomer.sync().whys
    newcomer.reach(house.hub.url)
    assert newcomer.sync().one["refused"] == []
    assert newcomer.texts(house.circle) == [BEFORE]
    assert newcomer.run("status").one["alarms"] == []


@pytest.mark.parametrize("attack", ["flip", "drop"])
def test_a_newcomer_s_past_is_checked_as_well(
    house: House, between: Between, person: Callable[..., Person], attack: str
) -> None:
    texts = [f"Note {number}" for number in range(4)]
    for text in texts:
        house.nurse.write(house.circle, "care", text)
        house.nurse.sync()
    newcomer = _newcomer(house, person)
    newcomer.reach(between(attack, house.hub.url, "--skip", "2").url)
    result = newcomer.sync()
    assert result.whys == ({"bad_signature"} if attack == "flip" else {"gap"})
    assert len(newcomer.texts(house.circle)) == 3
    newcomer.reach(house.hub.url)
    newcomer.sync()
    last = newcomer.sync().one
    assert (last["refused"], last["missing"]) == ([], [])
    assert sorted(newcomer.texts(house.circle)) == texts
