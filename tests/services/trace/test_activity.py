"""Who opened, searched and exported what: recorded once a visit, never with words, read by those who may."""

from __future__ import annotations

import csv
from functools import partial
from pathlib import Path

import msgspec
import pytest

from carelink.errors import KnownError
from carelink.models.stores.traces import TraceStore
from carelink.services.cahier import Cahier
from carelink.services.errors import NotAllowedError, UnknownEntryError
from carelink.services.invitations import Invitations
from carelink.services.session import Session
from carelink.services.time_line import TimeLineQuery
from carelink.services.trace import Trace, TraceQuery
from carelink.services.vault_dump import VaultDump
from carelink.sync.exchange.context import Call
from tests.oracle.canaries import found_in, new_canary
from tests.services.trace.conftest import Circle, told
from tests.sync.house import DAY, MINUTE, House, sync


class TestRecording:
    def test_an_act_is_traced_once_a_visit(self, circle: Circle) -> None:
        trace = Trace(circle.paul)
        for _ in range(3):
            trace.record(circle.id, ("care", "life"))
        trace.record(circle.id, ("care",), "searched")
        circle.house.clock.now += 40 * MINUTE
        trace.record(circle.id, ("care",))
        assert told(circle.read()) == [
            ("Paul", "opened", "care"),
            ("Paul", "searched", "care"),
            ("Paul", "opened", "care"),
            ("Paul", "opened", "life"),
        ]

    def test_of_a_volet_that_is_not_one_s_to_read_nothing_is_said(self, circle: Circle) -> None:
        Trace(circle.anne).record(circle.id, ("life", "care", "trace"))
        assert told(circle.read()) == [("Anne", "opened", "life")]

    def test_the_versions_of_a_transmission_open_its_volet(self, circle: Circle) -> None:
        entry = Cahier(circle.claire).write(circle.id, "care", "Pansement refait")
        sync(circle.claire)
        sync(circle.paul)
        Trace(circle.paul).record_entry(entry)
        assert told(circle.read()) == [("Paul", "opened", "care")]
        for unknown in ("ffff", "not hexadecimal"):
            with pytest.raises(UnknownEntryError):
                Trace(circle.paul).record_entry(unknown)

    def test_whoever_left_still_reads_but_traces_no_more(self, circle: Circle) -> None:
        house = circle.house
        ines = house.account("Ines", "nurse")
        house.let_in(circle.claire, circle.id, ines, "nurse", until=house.clock.now + DAY)
        house.clock.now += 2 * DAY
        Trace(ines).record(circle.id, ("care",))
        sync(ines)
        assert told(circle.read()) == []

    def test_a_dump_of_the_vault_is_an_export_of_all_that_is_read(
        self, circle: Circle, tmp_path: Path
    ) -> None:
        VaultDump(circle.anne).write(tmp_path / "anne.db")
        VaultDump(circle.claire).write(tmp_path / "claire.db")
        exported = [(view.person.name, view.compartment) for view in circle.read()]
        assert sorted(exported) == [
            ("Anne", "coordination"),
            ("Anne", "life"),
            ("Claire", "care"),
            ("Claire", "coordination"),
            ("Claire", "life"),
            ("Claire", "trace"),
        ]

    def test_a_dump_that_cannot_be_traced_is_not_left_behind(
        self, circle: Circle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise KnownError("the disk is full")

        monkeypatch.setattr(TraceStore, "traced", refuse)
        for attempt in (
            lambda: VaultDump(circle.claire).write(tmp_path / "dump.db"),
            lambda: Trace(circle.claire).export(circle.id, tmp_path / "trace.csv"),
        ):
            with pytest.raises(KnownError, match="disk is full"):
                attempt()
        assert list(tmp_path.glob("dump.db")) + list(tmp_path.glob("trace.csv")) == []


class TestNeverWords:
    def test_what_is_read_and_searched_is_in_no_trace_and_not_on_the_wire(self, circle: Circle) -> None:
        written, searched = new_canary(), new_canary()
        Cahier(circle.claire).write(circle.id, "care", f"note {written}")
        sync(circle.claire)
        sync(circle.paul)
        carried: list[bytes] = []

        def overhear(call: Call, answered: object) -> object:
            carried.extend(msgspec.msgpack.encode(one) for one in (call.frame, answered))
            return answered

        circle.house.hub.tamper = overhear
        for word in (written, searched):
            Cahier(circle.paul).entries(circle.id, TimeLineQuery(search=word))
            Trace(circle.paul).record(circle.id, ("care",), "searched")
        assert told(circle.read()) == [("Paul", "searched", "care")]
        with circle.claire.read() as stores:
            rows = stores.connection.exec_driver_sql("SELECT data FROM revisions WHERE kind = 'trace'").all()
        assert rows
        assert carried
        assert found_in([data for (data,) in rows], (written, searched)) == set()
        assert found_in(carried, (written, searched)) == set()
        # The search for words finds them where they are.
        assert found_in([repr(Cahier(circle.paul).entries(circle.id)).encode()], (written,)) == {written}


class TestReading:
    def test_only_the_patient_s_side_and_coordinators_read_or_export_it(
        self, circle: Circle, tmp_path: Path
    ) -> None:
        assert Trace(circle.jeanne).read(circle.id) == []
        for session in (circle.anne, circle.paul):
            trace = Trace(session)
            trace.record(circle.id, ("life",))
            attempts = (
                partial(trace.read, circle.id),
                partial(trace.people, circle.id),
                partial(trace.person, circle.id, "Claire"),
                partial(trace.export, circle.id, tmp_path / "out.csv"),
                partial(trace.acknowledge, circle.id, []),
            )
            for attempt in attempts:
                with pytest.raises(NotAllowedError):
                    attempt()
            assert trace.first_openings() == []
        assert not (tmp_path / "out.csv").exists()

    def test_it_is_filtered_by_person_volet_act_and_time(self, circle: Circle) -> None:
        Trace(circle.paul).record(circle.id, ("life", "care"))
        Trace(circle.anne).record(circle.id, ("life",))
        circle.house.clock.now += DAY
        Trace(circle.paul).record(circle.id, ("care",), "searched")
        circle.exchange()
        trace = Trace(circle.claire)
        paul = trace.person(circle.id, "pau").id

        def found(query: TraceQuery) -> list[tuple[str, str, str]]:
            return told(trace.read(circle.id, query))

        assert len(found(TraceQuery())) == 4
        assert found(TraceQuery(member=paul, compartment="life")) == [("Paul", "opened", "life")]
        assert found(TraceQuery(action="searched")) == [("Paul", "searched", "care")]
        assert found(TraceQuery(since=circle.house.clock.now - DAY // 2)) == [("Paul", "searched", "care")]
        assert [name for name, _, _ in found(TraceQuery(compartment="life"))] == ["Anne", "Paul"]
        assert found(TraceQuery(member=circle.jeanne.account.hex())) == []

    def test_pages_follow_each_other_without_a_gap_or_a_double_even_within_one_moment(
        self, circle: Circle
    ) -> None:
        for _ in range(4):
            Trace(circle.claire).record(circle.id, ("life", "coordination", "care"))
            circle.house.clock.now += 31 * MINUTE
        trace = Trace(circle.claire)
        whole = trace.read(circle.id)
        paged = []
        query = TraceQuery()
        while page := trace.read(circle.id, query, 2):
            paged += page
            query = TraceQuery(before=page[-1].place)
        assert len(paged) == 12
        assert paged == whole

    def test_a_trace_dated_ahead_stands_where_it_came(self, circle: Circle) -> None:
        house = circle.house
        ahead = house.account("Ines", "nurse", clock=type(house.clock)(house.clock.now + 900 * DAY))
        house.let_in(circle.claire, circle.id, ahead, "nurse")
        Trace(ahead).record(circle.id, ("life",))
        sync(ahead)
        sync(circle.claire)
        Trace(circle.claire).record(circle.id, ("care",))
        first, second = Trace(circle.claire).read(circle.id)
        assert (first.person.name, second.person.name) == ("Claire", "Ines")

    def test_someone_is_named_by_id_or_by_part_of_a_name_and_never_by_chance(self, circle: Circle) -> None:
        elodie = circle.house.account("Élodie Granger", "psychologist")
        circle.house.let_in(circle.claire, circle.id, elodie, "psychologist")
        trace = Trace(circle.claire)
        for text in ("elodie", "GRANGER", elodie.account.hex()[:10]):
            assert trace.person(circle.id, text).name == "Élodie Granger"
        for text in ("", "e", "Zoé"):
            with pytest.raises(KnownError, match="une seule personne"):
                trace.person(circle.id, text)


class TestExport:
    def test_the_table_opens_in_a_french_spreadsheet_and_computes_nothing(
        self, circle: Circle, tmp_path: Path
    ) -> None:
        house = circle.house
        mallory = house.account('=HYPERLINK("http://x";"y")', "nurse")
        house.let_in(circle.claire, circle.id, mallory, "nurse", relation="@SUM(1;2)")
        Trace(mallory).record(circle.id, ("care",))
        sync(mallory)
        Trace(circle.paul).record(circle.id, ("life",))
        circle.exchange()
        out = tmp_path / "trace.csv"
        assert Trace(circle.claire).export(circle.id, out) == 2
        data = out.read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(data.decode("utf-8-sig").splitlines(), delimiter=";"))
        assert rows[0] == ["Date", "Heure", "Personne", "Qualité", "Dans le cercle", "Acte", "Volet"]
        assert rows[1][2:] == ["Paul", "médecin traitant", "oui", "ouverture", "Vie quotidienne"]
        assert rows[2][2:4] == ['\'=HYPERLINK("http://x";"y")', "'@SUM(1;2)"]
        assert out.stat().st_mode & 0o077 == 0

    def test_exporting_and_reading_the_list_leave_a_trace_and_no_words(
        self, circle: Circle, tmp_path: Path
    ) -> None:
        trace = Trace(circle.claire)
        trace.record(circle.id, ("trace",))
        trace.export(circle.id, tmp_path / "one.csv", TraceQuery(compartment="care"))
        trace.export(circle.id, tmp_path / "two.csv")
        assert told(circle.read(circle.jeanne)) == [
            ("Claire", "exported", "trace"),
            ("Claire", "opened", "trace"),
        ]

    def test_more_than_one_page_is_written_and_the_filter_holds(
        self, circle: Circle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("carelink.services.trace.activity._EXPORTED_AT_ONCE", 2)
        Trace(circle.claire).record(circle.id, ("life", "coordination", "care"))
        Trace(circle.paul).record(circle.id, ("life", "care"))
        circle.exchange()
        trace = Trace(circle.claire)
        assert trace.export(circle.id, tmp_path / "all.csv") == 5
        query = TraceQuery(member=circle.paul.account.hex())
        assert trace.export(circle.id, tmp_path / "paul.csv", query) == 2

    def test_a_file_that_is_there_is_replaced_only_where_asked(self, circle: Circle, tmp_path: Path) -> None:
        out = tmp_path / "trace.csv"
        out.write_text("mine")
        with pytest.raises(KnownError, match="existe déjà"):
            Trace(circle.claire).export(circle.id, out)
        assert out.read_text() == "mine"
        Trace(circle.claire).export(circle.id, out, replacing=True)
        assert "mine" not in out.read_text()
        with pytest.raises(KnownError, match="n’existe pas"):
            Trace(circle.claire).export(circle.id, tmp_path / "nowhere" / "trace.csv")


class TestFirstOpening:
    def openings(self, circle: Circle, session: Session) -> list[str]:
        circle.exchange()
        return [opening.person.name for opening in Trace(session).first_openings()]

    def test_the_person_is_told_once_who_first_opened_the_medical_record(self, circle: Circle) -> None:
        Trace(circle.paul).record(circle.id, ("life",))
        assert self.openings(circle, circle.jeanne) == []
        Trace(circle.paul).record(circle.id, ("care",))
        circle.exchange()
        (opening,) = Trace(circle.jeanne).first_openings()
        assert (opening.circle, opening.person.name) == (circle.id, "Paul")
        assert opening.sentence.startswith(
            "Paul, médecin traitant, a ouvert votre dossier médical pour la première fois, aujourd’hui à"
        )
        Trace(circle.jeanne).acknowledge(circle.id, [opening.person.id])
        circle.house.clock.now += DAY
        Trace(circle.paul).record(circle.id, ("care",))
        assert self.openings(circle, circle.jeanne) == []

    def test_nobody_else_is_told(self, circle: Circle) -> None:
        Trace(circle.paul).record(circle.id, ("care",))
        assert self.openings(circle, circle.jeanne) == ["Paul"]
        for session in (circle.claire, circle.paul, circle.anne):
            assert self.openings(circle, session) == []

    def test_who_was_there_before_is_no_news(self, circle: Circle) -> None:
        Trace(circle.claire).record(circle.id, ("care",))
        assert self.openings(circle, circle.jeanne) == []

    def test_who_was_there_before_and_reads_it_only_now_is_news(self, circle: Circle) -> None:
        house = circle.house
        anne = house.account("Anne")
        other = house.circle(anne, "family_carer")
        nurse, doctor, jeanne = house.account("Ines", "nurse"), house.account("Luc"), house.account("Jeanne")
        house.let_in(anne, other, nurse, "nurse")
        Cahier(nurse).write(other, "care", "Pansement")
        sync(nurse)
        # Whoever lets them in does not hold the medical record: it is promised until a reader vouches.
        house.let_in(anne, other, doctor, "physician")
        house.let_in(anne, other, jeanne, "legal_representative")
        sync(nurse)
        Invitations(nurse).vouch(other, doctor.account.hex())
        sync(doctor)
        for session in (nurse, doctor):
            Trace(session).record(other, ("care",))
            sync(session)
        sync(jeanne)
        (opening,) = Trace(jeanne).first_openings()
        assert opening.person.name == "Luc"
        assert "a ouvert le dossier médical pour la première fois" in opening.sentence

    def test_the_person_s_own_side_is_no_news(self, house: House, circle: Circle) -> None:
        tutor = house.account("Tuteur")
        sync(circle.jeanne)
        house.let_in(circle.jeanne, circle.id, tutor, "legal_representative")
        Trace(tutor).record(circle.id, ("care",))
        sync(tutor)
        assert self.openings(circle, circle.jeanne) == []

    def test_who_has_left_since_is_named_so(self, circle: Circle) -> None:
        house = circle.house
        ines = house.account("Ines", "nurse")
        house.let_in(circle.claire, circle.id, ines, "nurse", until=house.clock.now + DAY)
        Trace(ines).record(circle.id, ("care",))
        sync(ines)
        house.clock.now += 2 * DAY
        circle.exchange()
        (opening,) = Trace(circle.jeanne).first_openings()
        assert "Ines, infirmier ou infirmière, qui a quitté le cercle, a ouvert votre" in opening.sentence
