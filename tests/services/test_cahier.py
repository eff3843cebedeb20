"""The cahier: writing, correcting, searching, reading, and who will read."""

from __future__ import annotations

import pytest

from carelink.errors import KnownError
from carelink.records.bodies import MAX_TEXT_CHARACTERS
from carelink.records.revision import Revision, encode_revision, revision_id
from carelink.records.transfer import OpenedRevision
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles
from carelink.services.drafts import Draft, Drafts
from carelink.services.errors import EmptyTextError, TextTooLongError, UnknownEntryError
from carelink.services.exchange.state import State
from carelink.services.session import Session
from carelink.services.time_line import TimeLineQuery
from tests.sync.fixtures import Grown
from tests.sync.house import DAY, START, Clock, House, notes, sync, texts


def begun(house: House) -> str:
    return house.circle(house.account("Claire", "nurse"))


@pytest.fixture
def circle(house: House, grown: Grown) -> str:
    return grown(house, begun)


@pytest.fixture
def claire(house: House, circle: str) -> Session:
    return house.named("Claire")


class TestWriting:
    @pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00", "\u00a0"])
    def test_an_empty_note_is_not_published(self, claire: Session, circle: str, text: str) -> None:
        with pytest.raises(EmptyTextError):
            Cahier(claire).write(circle, "life", text)
        assert notes(claire, circle) == []

    def test_a_text_over_the_limit_is_refused_and_one_at_the_limit_kept(
        self, claire: Session, circle: str
    ) -> None:
        with pytest.raises(TextTooLongError, match="100\u202f001"):
            Cahier(claire).write(circle, "life", "é" * (MAX_TEXT_CHARACTERS + 1))
        Cahier(claire).write(circle, "life", "é" * MAX_TEXT_CHARACTERS)
        assert [len(text) for text in texts(claire, circle)] == [MAX_TEXT_CHARACTERS]

    def test_a_text_is_kept_composed_and_trimmed(self, claire: Session, circle: str) -> None:
        Cahier(claire).write(circle, "life", "  e\u0301te\u0301\r\nsuite ")
        assert texts(claire, circle) == ["été\nsuite"]

    def test_an_unknown_kind_is_refused(self, claire: Session, circle: str) -> None:
        with pytest.raises(KnownError, match="genre"):
            Cahier(claire).write(circle, "life", "text", kind="poem")

    def test_publishing_needs_no_relay(self, house: House, claire: Session, circle: str) -> None:
        house.hub.offline = True
        Cahier(claire).write(circle, "care", "written offline")
        (note,) = notes(claire, circle)
        assert note.pending
        assert State(claire).read().to_send == 1
        with pytest.raises(KnownError, match="coffre"):
            sync(claire)
        assert State(claire).read().offline_since is not None
        house.hub.offline = False
        sync(claire)
        assert not notes(claire, circle)[0].pending
        assert State(claire).read().offline_since is None

    def test_a_sent_note_that_is_corrected_waits_again_and_no_other_does(
        self, house: House, claire: Session, circle: str
    ) -> None:
        entry = Cahier(claire).write(circle, "life", "first")
        Cahier(claire).write(circle, "life", "other")
        sync(claire)
        assert [note.pending for note in notes(claire, circle)] == [False, False]
        Cahier(claire).amend(entry, "second")
        assert {note.text: note.pending for note in notes(claire, circle)} == {"second": True, "other": False}

    def test_a_note_is_the_same_as_long_as_its_reader_would_see_the_same(
        self, claire: Session, circle: str
    ) -> None:
        entry = Cahier(claire).write(circle, "life", "first")
        before, again = Cahier(claire).entry(entry), Cahier(claire).entry(entry)
        assert before == again
        assert not before != again  # noqa: SIM202  (each is asked for itself)
        sync(claire)
        assert Cahier(claire).entry(entry) != before

    def test_a_circle_of_a_write_that_was_undone_is_forgotten(self, claire: Session, circle: str) -> None:
        def undone() -> None:
            with claire.write() as stores:
                hub = stores.hub_of(bytes.fromhex(circle))
                stores.add_circle(b"a" * 16, hub, b"", "waiting", 0)
                assert claire.circle_id(stores, "61" * 16) == b"a" * 16
                raise RuntimeError

        with pytest.raises(RuntimeError):
            undone()
        with claire.write() as stores:
            hub = stores.hub_of(bytes.fromhex(circle))
            stores.add_circle(b"b" * 16, hub, b"", "waiting", 0)
        with claire.read() as stores:
            assert claire.circle_id(stores, "62" * 16) == b"b" * 16


class TestCorrecting:
    def test_a_correction_stands_and_the_history_keeps_what_was(self, claire: Session, circle: str) -> None:
        cahier = Cahier(claire)
        entry = cahier.write(circle, "care", "first", urgent=True)
        cahier.amend(entry, "second")
        note = cahier.entry(entry)
        assert (note.text, note.amended, note.urgent, note.amended_by) == ("second", True, True, "")
        assert [(v.text, v.stands) for v in cahier.history(entry)] == [("first", False), ("second", True)]

    def test_someone_elses_correction_says_whose_words_are_shown(
        self, house: House, claire: Session, circle: str
    ) -> None:
        anne = house.account("Anne")
        house.let_in(claire, circle, anne, "relative")
        sync(claire)
        entry = Cahier(claire).write(circle, "life", "Deux comprimés")
        sync(claire)
        sync(anne)
        Cahier(anne).amend(entry, "Quatre comprimés")
        sync(anne)
        sync(claire)
        note = Cahier(claire).entry(entry)
        assert (note.author.name, note.text, note.amended_by) == ("Claire", "Quatre comprimés", "Anne")
        assert note.unread

    def test_a_version_that_no_one_can_read_hides_no_other(self, claire: Session, circle: str) -> None:
        entry = Cahier(claire).write(circle, "life", "lisible")
        garbled = Revision(bytes.fromhex(entry), "entry", (), claire.account, claire.clock(), (), b"\xc1")
        data = encode_revision(garbled)
        with claire.write() as stores:
            opened = OpenedRevision(revision_id(data), data, garbled)
            stores.publish(bytes.fromhex(circle), "life", opened, claire.clock())
        assert texts(claire, circle) == ["lisible"]
        assert [version.text for version in Cahier(claire).history(entry)] == ["lisible"]
        Cahier(claire).amend(entry, "corrigé")
        assert texts(claire, circle) == ["corrigé"]

    def test_a_withdrawn_note_is_nowhere_but_in_its_history(self, claire: Session, circle: str) -> None:
        cahier = Cahier(claire)
        entry = cahier.write(circle, "care", "secretword")
        cahier.withdraw(entry, "wrong person")
        (note,) = notes(claire, circle)
        assert (note.text, note.withdrawn) == ("", True)
        assert texts(claire, circle, search="secretword") == []
        history = cahier.history(entry)
        assert [v.text for v in history] == ["secretword", ""]
        assert history[-1].reason == "wrong person"
        with pytest.raises(KnownError, match="retirée"):
            cahier.amend(entry, "again")

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
    def test_a_withdrawal_says_why(self, claire: Session, circle: str, reason: str) -> None:
        entry = Cahier(claire).write(circle, "life", "text")
        with pytest.raises(KnownError, match="pourquoi"):
            Cahier(claire).withdraw(entry, reason)
        assert texts(claire, circle) == ["text"]

    @pytest.mark.parametrize("entry", ["", "zz", "ff" * 16, "é"])
    def test_an_unknown_note_is_said_so(self, claire: Session, circle: str, entry: str) -> None:
        for act in (Cahier(claire).entry, Cahier(claire).history):
            with pytest.raises(UnknownEntryError):
                act(entry)
        with pytest.raises(UnknownEntryError):
            Cahier(claire).amend(entry, "text")


class TestSearching:
    @pytest.fixture
    def written(self, claire: Session, circle: str) -> str:
        for text in ("Été à l’hôpital", "Œil gauche rouge", "Promenade au jardin", "aujourd’hui RAS"):
            Cahier(claire).write(circle, "care", text)
        return circle

    @pytest.mark.parametrize(
        ("search", "found"),
        [
            ("ete", ["Été à l’hôpital"]),
            ("HÔPITAL", ["Été à l’hôpital"]),
            ("promen", ["Promenade au jardin"]),
            ("jardin prom", ["Promenade au jardin"]),
            ("jard promenade", []),
            ("œil", ["Œil gauche rouge"]),
            ("l’hopital", ["Été à l’hôpital"]),
            ("absent", []),
        ],
    )
    def test_words_are_found_without_accents_the_last_one_unfinished(
        self, claire: Session, written: str, search: str, found: list[str]
    ) -> None:
        assert texts(claire, written, search=search) == found

    @pytest.mark.parametrize(
        "search",
        [
            '"',
            '"" OR 1',
            "jardin*",
            "* OR *",
            "NEAR(a b)",
            "AND",
            "NOT jardin",
            "text:jardin",
            "-jardin",
            "^jardin",
            "(((",
            "{}",
            "'; DROP TABLE entries; --",
            "😀",
            "_",
            "__ _",
            "½ ²",
            "\x00",
            "%",
            "a" * 5000,
            "١٢",
        ],
    )
    def test_nothing_typed_is_an_order(self, claire: Session, written: str, search: str) -> None:
        texts(claire, written, search=search)
        assert len(texts(claire, written)) == 4

    def test_operators_are_words(self, claire: Session, written: str) -> None:
        assert texts(claire, written, search="rouge OR jardin") == []
        assert texts(claire, written, search="NOT jardin") == []
        assert texts(claire, written, search="jardin*") == ["Promenade au jardin"]
        assert texts(claire, written, search="😀") == []
        assert len(texts(claire, written, search="  ")) == 4


class TestTimeLine:
    def test_pages_do_not_shift_when_something_new_comes(self, claire: Session, circle: str) -> None:
        cahier = Cahier(claire)
        for number in range(25):
            cahier.write(circle, "life", f"note {number}")
        first = cahier.entries(circle, limit=10)
        cahier.write(circle, "life", "new")
        second = cahier.entries(circle, TimeLineQuery(before=first[-1].place), limit=10)
        third = cahier.entries(circle, TimeLineQuery(before=second[-1].place), limit=10)
        shown = [note.text for note in (*first, *second, *third)]
        assert shown == [f"note {number}" for number in reversed(range(25))]

    def test_notes_of_one_instant_all_have_their_page(self, house: House) -> None:
        class Stopped(Clock):
            def __call__(self) -> int:
                return START

        claire = house.account("Claire", "nurse", Stopped())
        circle = house.circle(claire)
        for number in range(9):
            Cahier(claire).write(circle, "life", f"note {number}")
        seen: list[str] = []
        place = None
        while page := Cahier(claire).entries(circle, TimeLineQuery(before=place), limit=2):
            seen += [note.entry for note in page]
            place = page[-1].place
        assert len(seen) == len(set(seen)) == 9

    def test_filters_keep_what_they_say(self, claire: Session, circle: str) -> None:
        cahier = Cahier(claire)
        cahier.write(circle, "life", "plain")
        moment = claire.clock()
        cahier.write(circle, "care", "medical", urgent=True)
        assert texts(claire, circle, compartments=("care",)) == ["medical"]
        assert texts(claire, circle, compartments=("care", "life")) == ["medical", "plain"]
        assert texts(claire, circle, urgent=True) == ["medical"]
        assert texts(claire, circle, since=moment) == ["medical"]
        assert texts(claire, circle, unread=True) == []

    def test_a_clock_in_the_future_is_flagged_and_does_not_pin_a_note_on_top(
        self, house: House, claire: Session, circle: str
    ) -> None:
        ahead = Clock(START + 3000 * DAY)
        paul = house.account("Paul", "physician", ahead)
        house.let_in(claire, circle, paul, "physician")
        Cahier(paul).write(circle, "care", "from 2035")
        sync(paul)
        sync(claire)
        Cahier(claire).write(circle, "care", "after it")
        after, future = notes(claire, circle)
        assert (after.text, future.text) == ("after it", "from 2035")
        assert future.clock_suspect
        assert future.time > START + 2999 * DAY
        assert not after.clock_suspect
        Cahier(claire).amend(future.entry, "settled")
        assert [note.text for note in notes(claire, circle)] == ["after it", "settled"]


class TestUnread:
    def test_only_what_others_wrote_since_one_joined_is_news(
        self, house: House, claire: Session, circle: str
    ) -> None:
        Cahier(claire).write(circle, "life", "before")
        anne = house.account("Anne")
        house.let_in(claire, circle, anne, "relative")
        assert Circles(anne).summaries()[0].unread == 0
        sync(claire)
        new = Cahier(claire).write(circle, "life", "after")
        Cahier(anne).write(circle, "life", "my own")
        sync(claire)
        sync(anne)
        assert texts(anne, circle, unread=True) == ["after"]
        assert Circles(anne).summaries()[0].unread == 1
        Cahier(anne).mark_read(circle, [new])
        assert Circles(anne).summaries()[0].unread == 0
        Cahier(claire).amend(new, "corrected")
        sync(claire)
        sync(anne)
        assert texts(anne, circle, unread=True) == ["corrected"]
        Cahier(claire).withdraw(new, "mistake")
        sync(claire)
        sync(anne)
        assert Circles(anne).summaries()[0].unread == 0

    def test_nothing_that_a_relative_sees_counts_the_medical_record(
        self, house: House, claire: Session, circle: str
    ) -> None:
        anne = house.account("Anne")
        house.let_in(claire, circle, anne, "relative")
        sync(claire)
        before = Circles(anne).summaries()
        for _ in range(3):
            Cahier(claire).write(circle, "care", "CANARY chute", urgent=True)
        sync(claire)
        report = sync(anne)
        assert report.pulled == 0
        assert Circles(anne).summaries() == before
        assert notes(anne, circle) == []
        assert texts(anne, circle, search="CANARY") == []
        assert texts(anne, circle, compartments=("care",)) == []
        assert State(anne).read().missing == ()


class TestReaders:
    def test_who_will_read_is_said_by_name(self, house: House, claire: Session, circle: str) -> None:
        anne, paul = house.account("Anne"), house.account("Paul", "physician")
        house.let_in(claire, circle, anne, "relative", relation="fille")
        house.let_in(claire, circle, paul, "physician")
        life, care = (Cahier(claire).audience(circle, volet) for volet in ("life", "care"))
        assert [reader.name for reader in life.readers] == ["Anne", "Paul"]
        assert [reader.name for reader in care.readers] == ["Paul"]
        assert [(reader.name, reader.relation) for reader in care.without_access] == [("Anne", "fille")]

    def test_a_note_waits_when_someone_who_is_no_professional_would_read_it_unforeseen(
        self, house: House, claire: Session, circle: str
    ) -> None:
        ines, anne = house.account("Ines"), house.account("Anne")
        house.let_in(claire, circle, ines, "home_helper")
        entry = Cahier(ines).write(circle, "life", "not for everyone")
        house.let_in(claire, circle, anne, "relative")
        assert sync(ines).held == 1
        sync(anne)
        assert texts(anne, circle) == []
        (held,) = Cahier(ines).held()
        assert (held.entry, held.readers) == (entry, ("Anne",))
        assert State(ines).read().held == 1
        Cahier(ines).confirm_readers(entry)
        sync(ines)
        sync(anne)
        assert texts(anne, circle) == ["not for everyone"]
        assert Cahier(ines).held() == []

    def test_a_note_that_waits_and_is_withdrawn_never_reaches_the_one_it_was_kept_from(
        self, house: House, claire: Session, circle: str
    ) -> None:
        ines, anne = house.account("Ines"), house.account("Anne")
        house.let_in(claire, circle, ines, "home_helper")
        entry = Cahier(ines).write(circle, "life", "CANARY")
        house.let_in(claire, circle, anne, "relative")
        sync(ines)
        Cahier(ines).withdraw(entry, "not for her")
        sync(ines)
        sync(anne)
        assert Cahier(ines).held() == []
        with anne.read() as stores:
            rows = stores.connection.exec_driver_sql("SELECT data FROM revisions").fetchall()
        assert not [data for (data,) in rows if b"CANARY" in data]

    def test_a_medical_note_leaves_and_its_author_is_told_who_else_reads_it(
        self, house: House, claire: Session, circle: str
    ) -> None:
        paul, nora = house.account("Paul", "physician"), house.account("Nora", "nurse")
        house.let_in(claire, circle, paul, "physician")
        Cahier(paul).write(circle, "care", "note")
        house.let_in(claire, circle, nora, "nurse")
        sync(paul)
        sync(nora)
        assert texts(nora, circle) == ["note"]
        with paul.read() as stores:
            notices = stores.connection.exec_driver_sql("SELECT accounts FROM notices").fetchall()
        assert [accounts for (accounts,) in notices] == [nora.account.hex()]

    def test_a_professional_who_joins_holds_nothing_back(
        self, house: House, claire: Session, circle: str
    ) -> None:
        ines, paul = house.account("Ines"), house.account("Paul", "physician")
        house.let_in(claire, circle, ines, "home_helper")
        Cahier(ines).write(circle, "life", "note")
        house.let_in(claire, circle, paul, "physician")
        assert sync(ines).held == 0
        sync(paul)
        assert texts(paul, circle) == ["note"]


class TestDrafts:
    def test_a_half_written_note_is_kept_until_it_is_published_or_emptied(
        self, claire: Session, circle: str
    ) -> None:
        drafts = Drafts(claire)
        assert drafts.get(circle) is None
        draft = Draft("care", "Il a", "note", True)
        drafts.save(circle, draft)
        assert drafts.get(circle) == draft
        drafts.save(circle, Draft("care", "  "))
        assert drafts.get(circle) is None
        drafts.save(circle, draft)
        Cahier(claire).write(circle, "care", "Il a bien dormi")
        assert drafts.get(circle) is None
