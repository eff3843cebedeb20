"""Signals to the carers: who writes them reads none, who reads the medical record sees and takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.dump import dump
from carelink.services.cahier import Cahier
from carelink.services.errors import NotAllowedError
from carelink.services.session import Session
from carelink.services.signals import Signals
from carelink.services.trace import Trace
from tests.oracle.canaries import found_in, new_canary
from tests.oracle.dump import contents, values
from tests.sync.fixtures import Grown
from tests.sync.house import House, notes, sync, texts

INBOX = "care_inbox"


def begun(house: House) -> str:
    """Have a nurse who coordinates, a doctor, two home helpers and a daughter meet around the person."""
    claire = house.account("Claire", "nurse")
    paul = house.account("Paul", "physician")
    ines = house.account("Inès", "home_helper")
    omar = house.account("Omar", "home_helper")
    anne = house.account("Anne")
    circle = house.circle(claire)
    for newcomer, role in (
        (paul, "physician"),
        (ines, "home_helper"),
        (omar, "home_helper"),
        (anne, "family_carer"),
    ):
        house.let_in(claire, circle, newcomer, role)
    Home(house, circle).exchange()
    return circle


class Home:
    """The circle as it stands in a copy of that house."""

    def __init__(self, house: House, circle: str) -> None:
        self.house = house
        self.circle = circle
        self.claire, self.paul, self.ines, self.omar, self.anne = house.sessions[:5]

    def exchange(self) -> None:
        everyone = (self.ines, self.omar, self.claire, self.paul, self.anne)
        for session in (*everyone, *everyone):
            report = sync(session)
            assert not report.refused
            assert not report.missing

    def signal(self, text: str, *, urgent: bool = False) -> str:
        return Cahier(self.ines).write(self.circle, INBOX, text, urgent=urgent)


@pytest.fixture
def home(house: House, grown: Grown) -> Home:
    return Home(house, grown(house, begun))


def vault(session: Session, folder: Path) -> list[bytes]:
    out = folder / f"{session.account.hex()}.dump"
    dump(session.database, out)
    return [*contents(out), *values(out)]


def test_carers_read_a_signal_and_nobody_else_holds_anything_of_it(home: Home, tmp_path: Path) -> None:
    canary = new_canary()
    home.signal(f"Un bleu au bras {canary}", urgent=True)
    home.exchange()
    for carer in (home.claire, home.paul):
        (note,) = notes(carer, home.circle, compartments=(INBOX,))
        assert (note.text, note.urgent, note.author.name) == (f"Un bleu au bras {canary}", True, "Inès")
        assert (note.unread, Cahier(carer).unread(home.circle)) == (True, 1)
        assert texts(carer, home.circle, search=canary) == [note.text]
        assert found_in(vault(carer, tmp_path), [canary]) == {canary}, "the scan finds what is there"
    for other in (home.omar, home.anne):
        assert notes(other, home.circle) == []
        assert texts(other, home.circle, search=canary) == []
        assert Cahier(other).unread(home.circle) == 0
        assert found_in(vault(other, tmp_path), [canary]) == set()
    with other.read() as stores:
        inbox = [key for key in stores.feeds(bytes.fromhex(home.circle)) if key[0] == INBOX]
        assert inbox == [], "not even how many there are"


def test_its_sender_keeps_their_words_until_it_is_sent_and_then_only_that_it_was(
    home: Home, tmp_path: Path
) -> None:
    canary = new_canary()
    home.house.hub.offline = True
    home.signal(f"Un bleu au bras {canary}")
    (note,) = notes(home.ines, home.circle)
    assert (note.text, note.pending, note.is_sent_away) == (f"Un bleu au bras {canary}", True, False)
    home.house.hub.offline = False
    sync(home.ines)
    (note,) = notes(home.ines, home.circle)
    assert (note.text, note.pending, note.is_sent_away) == ("", False, True)
    assert found_in(vault(home.ines, tmp_path), [canary]) == set()
    home.exchange()
    assert [note.text for note in notes(home.ines, home.circle)] == [""], "it does not come back"


def test_who_signals_reads_no_signal_of_others_and_counts_none(home: Home) -> None:
    home.signal("Inès a vu")
    Cahier(home.omar).write(home.circle, INBOX, "Omar a vu")
    home.exchange()
    assert [note.author.name for note in notes(home.ines, home.circle)] == ["Inès"]
    assert [note.author.name for note in notes(home.omar, home.circle)] == ["Omar"]
    assert Cahier(home.omar).unread(home.circle) == 0
    assert sorted(texts(home.paul, home.circle)) == ["Inès a vu", "Omar a vu"]


def test_those_who_will_read_a_signal_are_named(home: Home) -> None:
    audience = Cahier(home.ines).audience(home.circle, INBOX)
    assert {reader.name for reader in audience.readers} == {"Claire", "Paul"}
    assert [reader.name for reader in audience.without_access] == ["Anne"]


@pytest.mark.parametrize("who", ["claire", "paul", "anne"])
def test_only_professionals_without_the_medical_record_signal(home: Home, who: str) -> None:
    session: Session = getattr(home, who)
    assert INBOX not in Cahier(session).writable(home.circle)
    with pytest.raises(NotAllowedError):
        Cahier(session).write(home.circle, INBOX, "text")
    assert Cahier(home.ines).writable(home.circle) == ("life", "coordination", INBOX)


def test_a_signal_that_nobody_would_read_is_refused_and_says_what_to_do(house: House) -> None:
    anne, ines = house.account("Anne"), house.account("Inès", "home_helper")
    circle = house.circle(anne, "family_carer")
    house.let_in(anne, circle, ines, "home_helper")
    with pytest.raises(KnownError, match="téléphone"):
        Cahier(ines).write(circle, INBOX, "Un bleu")
    assert notes(ines, circle) == []


def test_taking_a_signal_in_charge_quotes_it_in_the_medical_record(home: Home) -> None:
    signal = home.signal("Un bleu au bras", urgent=True)
    home.exchange()
    entry = Signals(home.claire).take(signal)
    made = Cahier(home.claire).entry(entry)
    assert (made.compartment, made.urgent) == ("care", True)
    assert "Signalement de Inès (aide à domicile)" in made.text
    assert tr("«\u00a0{text}\u00a0»", text="Un bleu au bras") in made.text
    home.exchange()
    for carer in (home.claire, home.paul):
        assert Cahier(carer).entry(signal).taken_by == "Claire"
    assert Cahier(home.ines).entry(signal).taken_by == "", "what is done with it stays with the carers"
    with pytest.raises(KnownError, match="déjà été pris en charge par Claire"):
        Signals(home.paul).take(signal)
    assert len(notes(home.paul, home.circle, compartments=("care",))) == 1


def test_only_a_signal_is_taken_and_only_by_who_writes_the_medical_record(home: Home) -> None:
    signal, note = home.signal("Un bleu"), Cahier(home.ines).write(home.circle, "life", "Promenade")
    home.exchange()
    for session, entry in ((home.ines, signal), (home.claire, note), (home.anne, note)):
        with pytest.raises(NotAllowedError):
            Signals(session).take(entry)


@pytest.mark.parametrize("who", ["ines", "claire"])
def test_a_signal_is_neither_corrected_nor_withdrawn(home: Home, who: str) -> None:
    signal = home.signal("Un bleu")
    home.exchange()
    session: Session = getattr(home, who)
    with pytest.raises(NotAllowedError, match="envoyez-en un autre"):
        Cahier(session).amend(signal, "rien")
    with pytest.raises(NotAllowedError, match="envoyez-en un autre"):
        Cahier(session).withdraw(signal, "erreur")


def test_reading_signals_is_traced_as_reading_the_medical_record(home: Home) -> None:
    signal = home.signal("Un bleu")
    home.exchange()
    Trace(home.paul).record_entry(signal)
    Trace(home.ines).record_entry(signal)
    Trace(home.ines).record(home.circle, Cahier(home.ines).readable(home.circle))
    home.exchange()
    traced = {(view.person.name, view.compartment) for view in Trace(home.claire).read(home.circle)}
    assert traced == {("Paul", "care"), ("Inès", "life"), ("Inès", "coordination")}


def test_a_signal_waits_where_someone_of_the_family_would_read_it_by_now(home: Home) -> None:
    home.house.hub.offline = True
    signal = home.signal("Un bleu")
    home.house.hub.offline = False
    jeanne = home.house.account("Jeanne")
    home.house.let_in(home.claire, home.circle, jeanne, "patient")
    sync(home.ines)
    assert [held.entry for held in Cahier(home.ines).held()] == [signal]
    home.exchange()
    assert notes(home.paul, home.circle) == []
    Cahier(home.ines).confirm_readers(signal)
    home.exchange()
    assert texts(home.paul, home.circle) == ["Un bleu"]


def test_what_a_carer_gets_does_not_end_with_a_signal(home: Home) -> None:
    home.signal("Un bleu")
    Cahier(home.ines).write(home.circle, "life", "Promenade")
    home.exchange()
    assert texts(home.paul, home.circle) == ["Promenade", "Un bleu"]
    assert texts(home.anne, home.circle) == ["Promenade"]
