"""Power cuts, lost answers, two processes on one vault: nothing published is lost or doubled."""

from __future__ import annotations

import random
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress

import pytest

from carelink.services.errors import HubError
from carelink.services.exchange.sync import Sync
from carelink.sync.exchange import push
from tests.e2e.house import House, Person, Result, Service
from tests.e2e.test_three_people import PATIENT

CRASHING = "tests.e2e.crashing"
HUB_KILLS = 8
LOST_ANSWERS = 40


def _crash(person: Person, at: str, *arguments: str) -> None:
    result = person.process(*arguments, module=CRASHING, options=("--at", at, "--one-each", "--"))
    assert result.code == -signal.SIGKILL, result.said


def _feeds(house: House) -> dict[tuple[str, bytes], list[int]]:
    """Return the numbers of each feed at the relay, in the order in which it stored them."""
    feeds: dict[tuple[str, bytes], list[int]] = {}
    with closing(sqlite3.connect(house.database)) as connection:
        for stream, device, seq in connection.execute(
            "SELECT stream, device, seq FROM envelopes ORDER BY position"
        ):
            feeds.setdefault((stream, device), []).append(seq)
    return feeds


def _decisions(house: House) -> int:
    """Return how many recorded decisions the relay has."""
    return sum(len(numbers) for (stream, _), numbers in _feeds(house).items() if stream == "decisions")


def _all_there(house: House, texts: list[str]) -> None:
    """See that everyone has each note once, that nothing was refused and no feed has a fork or a hole."""
    for person in (house.nurse, house.doctor, house.daughter):
        result = person.sync().one
        assert result["refused"] == []
        assert result["missing"] == []
        assert Counter(person.texts(house.circle)) == Counter(texts)
        status = person.run("status").one
        assert status["to_send"] == 0
        assert status["refusals"] == []
    for numbers in _feeds(house).values():
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    "at", ["published", "sealing", "sealed", "sending", "stored", "delivering", "delivered"]
)
def test_a_power_cut_between_publishing_and_acknowledgement_loses_and_doubles_nothing(
    house: House, at: str
) -> None:
    texts = [f"Note {number}" for number in range(3)]
    house.nurse.write_all(house.circle, "life", texts[:2])
    written = ("write", house.circle, "--compartment", "life", "--text", texts[2])
    if at == "published":
        _crash(house.nurse, at, *written)
    else:
        house.nurse.run(*written)
        _crash(house.nurse, at, "sync")
    assert Counter(house.nurse.texts(house.circle)) == Counter(texts), "in the vault"
    house.nurse.write(house.circle, "life", "Après la coupure")
    house.nurse.sync()
    _all_there(house, [*texts, "Après la coupure"])


@pytest.mark.parametrize("at", ["appending", "appended", "letters"])
def test_a_power_cut_while_letting_someone_in_lets_them_in_all_the_same(
    house: House, person: Callable[..., Person], at: str
) -> None:
    house.nurse.write(house.circle, "care", "Constantes stables")
    house.nurse.sync()
    assistant = person("Awa Diallo", "care_assistant")
    made = house.nurse.run("invite", house.circle, "--role", "care_assistant", "--in-person").one
    assistant.run("join", made["link"])
    _crash(house.nurse, at, "sync")
    house.nurse.sync()
    assert assistant.sync().one["joined"] == [house.circle]
    house.nurse.sync()
    assistant.sync()
    assert assistant.texts(house.circle) == ["Constantes stables"]
    assistant.write(house.circle, "care", "Toilette faite")
    assert assistant.sync().one["pushed"] == 1
    house.doctor.sync()
    assert "Toilette faite" in house.doctor.texts(house.circle)


def test_a_power_cut_while_answering_an_invitation_does_not_use_it_up(
    house: House, person: Callable[..., Person]
) -> None:
    son = person("Luc Maurel")
    made = house.nurse.run("invite", house.circle, "--role", "relative", "--agreed", "oral").one
    _crash(son, "answered", "join", made["link"])
    words = son.run("join", made["link"]).one["words"]
    admitted = house.nurse.run("confirm", house.circle, "--words", " ".join(words)).one["members"]
    assert [member["name"] for member in admitted] == ["Luc Maurel"]
    assert son.sync().one["joined"] == [house.circle]


def test_the_relay_killed_in_mid_push_loses_and_doubles_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "BATCH_REVISIONS", 1)
    monkeypatch.setattr(push, "_SEND_ENVELOPES", 3)
    moments = random.Random(2)
    texts: list[str] = []
    cut = 0
    for turn in range(HUB_KILLS):
        texts += (added := [f"Tour {turn}, note {number}" for number in range(20)])
        house.nurse.write_all(house.circle, "life", added)
        session = house.nurse.session()
        killer = threading.Timer(moments.uniform(0.05, 0.6), house.hub.kill)
        killer.start()
        try:
            Sync(session).once()
        except HubError:
            cut += 1
        finally:
            session.close()
            killer.join()
        house.hub.start()
    assert cut > HUB_KILLS // 3, "the relay died too late to matter"
    house.nurse.sync()
    _all_there(house, texts)


def test_two_processes_on_one_vault_never_share_a_number(house: House) -> None:
    texts = [f"Note {number}" for number in range(40)]
    house.nurse.write_all(house.circle, "life", texts)
    running = [house.nurse.start("sync", module=CRASHING, options=("--one-each", "--")) for _ in range(3)]
    for process in running:
        with process:
            _, said = process.communicate(timeout=60)
            assert process.returncode == 0, said
    house.nurse.sync()
    _all_there(house, texts)


def test_answers_lost_after_the_relay_stored_double_nothing(
    house: House, between: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "BATCH_REVISIONS", 1)
    monkeypatch.setattr(push, "_SEND_ENVELOPES", 1)
    texts = [f"Note {number}" for number in range(LOST_ANSWERS)]
    house.nurse.write_all(house.circle, "life", texts)
    house.nurse.reach(between("lose_answers", house.hub.url).url)
    lost = 0
    session = house.nurse.session()
    try:
        for _ in range(LOST_ANSWERS + 1):
            with suppress(HubError):
                Sync(session).once()
                break
            lost += 1
    finally:
        session.close()
    assert lost == LOST_ANSWERS
    house.nurse.reach(house.hub.url)
    _all_there(house, texts)


def _until_answered(person: Person, *arguments: str) -> Result:
    """Do something again until its answer comes."""
    for _ in range(8):
        result = person.run(*arguments)
        if result.code == 0:
            return result
        assert "ne répond pas" in result.said
    raise AssertionError(result.said)


def test_a_whole_circle_is_founded_though_every_other_answer_is_lost(
    hub: Service, between: Callable[..., Service], person: Callable[..., Person]
) -> None:
    nurse, daughter = person("Claire Martin", "nurse"), person("Anne Maurel")
    url = between("lose_answers", hub.url).url
    circle = nurse.run("circle", "create", *PATIENT, "--hub", url).one["circle"]
    nurse.write(circle, "life", "Promenade")
    _until_answered(nurse, "sync")
    made = _until_answered(nurse, "invite", circle, "--role", "relative", "--agreed", "written").one
    words = " ".join(_until_answered(daughter, "join", made["link"]).one["words"])
    _until_answered(nurse, "confirm", circle, "--words", words)
    for someone in (daughter, nurse, daughter):
        _until_answered(someone, "sync")
    assert daughter.texts(circle) == ["Promenade"]
    members = nurse.run("circle", "show", circle).one["members"]
    assert sorted(member["name"] for member in members) == ["Anne Maurel", "Claire Martin"]


def test_the_agreement_is_recorded_though_the_answer_was_lost(
    house: House, person: Callable[..., Person]
) -> None:
    son = person("Luc Maurel")
    made = house.nurse.run("invite", house.circle, "--role", "relative", "--agreed", "written").one
    words = " ".join(son.run("join", made["link"]).one["words"])
    confirm = ("confirm", house.circle, "--words", words)
    _crash(house.nurse, "appended", *confirm)
    before = _decisions(house)
    assert house.nurse.run(*confirm).code == 0
    house.nurse.sync()
    assert _decisions(house) == before + 1


def test_a_power_cut_while_a_key_is_made_does_not_lose_the_key(
    house: House, person: Callable[..., Person]
) -> None:
    cousin = person("Léa Moreau")
    made = house.nurse.run(
        *("invite", house.circle, "--role", "relative", "--in-person"),
        *("--agreed", "oral", "--history", "none"),
    ).one
    cousin.run("join", made["link"])
    _crash(house.nurse, "appended", "sync")
    house.nurse.sync()
    cousin.sync()
    house.nurse.write(house.circle, "life", "Sous la nouvelle clé")
    for someone in (house.nurse, cousin, house.daughter):
        assert someone.sync().one["refused"] == []
    for someone in (cousin, house.daughter):
        assert someone.texts(house.circle) == ["Sous la nouvelle clé"]
