"""The command line as scripts use it: options, one object a line, codes, sentences."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from carelink.cli.output import printable
from carelink.records.bodies import MAX_TEXT_CHARACTERS
from carelink.services.cahier import Cahier
from tests.cli.conftest import PASSPHRASE, Command
from tests.sync.house import URL

CREATE = ("circle", "create", "--given", "Jeanne", "--birth-name", "Moreau", "--birth", "1938-04-12")


@pytest.fixture
def circle(carelink: Command) -> str:
    """A nurse's circle, known to the relay."""
    carelink("account", "create", "--name", "Claire Martin", "--profession", "nurse", "--json")
    made: str = carelink(*CREATE, "--hub", URL, "--json").only["circle"]
    return made


class TestOptions:
    def test_they_stand_before_or_after_the_command(self, carelink: Command, tmp_path: Path) -> None:
        home = ("--home", str(tmp_path / "elsewhere"))
        made = carelink(*home, "--json", "account", "create", "--name", "Anne")
        assert made.code == 0
        before = carelink("--json", *home, "account", "list")
        after = carelink("account", "list", *home, "--json")
        assert before.objects == after.objects
        assert before.only["name"] == "Anne"
        assert carelink("account", "list", "--json").objects == []

    def test_one_before_is_not_undone_by_its_absence_after(self, carelink: Command, tmp_path: Path) -> None:
        home = ("--home", str(tmp_path / "elsewhere"))
        carelink(*home, "--json", "account", "create", "--name", "Anne")
        assert carelink(*home, "--json", "account", "list").only["name"] == "Anne"

    def test_an_account_is_named_where_there_are_several(self, carelink: Command) -> None:
        for name in ("Anne Maurel", "Paul Petit"):
            assert carelink("account", "create", "--name", name, "--json").code == 0
        assert carelink("circle", "list", "--json").code == 1
        assert carelink("circle", "list", "--json", "--account", "Paul Petit").code == 0
        assert carelink("--account", "anne maurel", "circle", "list").code == 0
        assert carelink("circle", "list", "--account", "Nobody").code == 1


class TestCodes:
    @pytest.mark.parametrize(
        "arguments",
        [
            ("nonsense",),
            ("write",),
            ("write", "x", "--compartment", "secret", "--text", "t"),
            ("circle",),
            ("account", "create"),
            ("entries", "x", "--limit", "many"),
            ("entries", "x", "--since", "yesterday"),
            ("invite", "x", "--role", "nurse", "--expires", "soon"),
            ("--passphrase", "given as an argument", "account", "list"),
        ],
    )
    def test_wrong_usage_is_two(self, carelink: Command, arguments: tuple[str, ...]) -> None:
        said = carelink(*arguments)
        assert (said.code, said.out) == (2, "")
        assert said.err

    @pytest.mark.parametrize("command", ["write", "amend"])
    def test_help_says_how_to_keep_a_note_out_of_the_list_of_processes(
        self, carelink: Command, command: str
    ) -> None:
        said = " ".join(carelink(command, "--help").out.split())
        assert "--text -" in said
        assert "liste des processus" in said

    @pytest.mark.parametrize("arguments", [("--help",), ("write", "--help"), ("--version",)])
    def test_help_is_zero(self, carelink: Command, arguments: tuple[str, ...]) -> None:
        said = carelink(*arguments)
        assert said.code == 0
        assert "carelink" in said.out

    @pytest.mark.parametrize(
        "arguments",
        [
            ("entries", "ffff"),
            ("write", "ffff", "--compartment", "life", "--text", "t"),
            ("amend", "ffff", "--text", "t"),
            ("withdraw", "not an id", "--reason", "r"),
            ("history", "ff" * 16),
            ("join", "ABCD-EFGH-JKMN"),
            ("join", f"ABCD@{URL}"),
            ("join", "ABCD-EFGH-JKMN@["),
            ("join", "ABCD-EFGH-JKMN@http://exemple.fr"),
            ("join", f"ABCD-EFGH-JKMN@{URL}"),
            ("vouch", "CIRCLE", "nobody"),
            ("invite", "CIRCLE", "--role", "relative"),
            ("invite", "CIRCLE", "--role", "healer"),
            ("invite", "CIRCLE", "--role", "nurse", "--until", "2001-01-01"),
            (*CREATE[:-1], "12/04/1938"),
            ("account", "create", "--name", " "),
            ("account", "create", "--name", "X", "--profession", "healer"),
            ("account", "create", "--name", "X", "--rpps", "123"),
        ],
    )
    def test_a_refusal_is_one_with_one_sentence(
        self, carelink: Command, circle: str, arguments: tuple[str, ...]
    ) -> None:
        said = carelink(*(circle if a == "CIRCLE" else a for a in arguments), "--json")
        assert (said.code, said.out) == (1, "")
        assert len(said.err.strip().splitlines()) == 1
        assert "Traceback" not in said.err
        assert "inattendue" not in said.err

    def test_a_fault_of_ours_is_one_without_a_trace_of_what_was_written(
        self, carelink: Command, circle: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("CANARY")

        monkeypatch.setattr(Cahier, "write", broken)
        said = carelink("write", circle, "--compartment", "life", "--text", "text")
        assert said.code == 1
        assert "RuntimeError" in said.err
        assert "CANARY" not in said.err

    def test_a_reader_that_stops_listening_is_no_fault(
        self, carelink: Command, circle: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def closed(*_: object) -> None:
            raise BrokenPipeError

        monkeypatch.setattr(Cahier, "write", closed)
        monkeypatch.setattr(sys.stderr, "close", lambda: None)
        said = carelink("write", circle, "--compartment", "life", "--text", "text")
        assert (said.code, said.err) == (1, "")


class TestPassphrase:
    def test_it_comes_from_the_first_line_of_a_file(
        self, carelink: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "passphrase"
        file.write_text("lune mer vent sable étoile\nsecond line\n", encoding="utf-8")
        given = ("--passphrase-file", str(file), "--json")
        assert carelink("account", "create", "--name", "Anne", *given).code == 0
        assert carelink("circle", "list", *given).code == 0
        # The environment has another one.
        assert carelink("circle", "list", "--json").code == 1
        monkeypatch.setenv("CARELINK_PASSPHRASE", "lune mer vent sable étoile")
        assert carelink("circle", "list", "--json").code == 0

    @pytest.mark.parametrize("content", [None, b"\xff\xfe\xff"])
    def test_a_file_that_cannot_be_read_is_said_so(
        self, carelink: Command, tmp_path: Path, content: bytes | None
    ) -> None:
        file = tmp_path / "passphrase"
        if content is not None:
            file.write_bytes(content)
        said = carelink("account", "create", "--name", "Anne", "--json", "--passphrase-file", str(file))
        assert said.code == 1
        assert str(file) in said.err

    def test_nothing_is_asked_with_json(self, carelink: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CARELINK_PASSPHRASE")
        monkeypatch.setattr("getpass.getpass", lambda *_: pytest.fail("asked"))
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        said = carelink("account", "create", "--name", "Anne", "--json")
        assert said.code == 1
        assert "--passphrase-file" in said.err

    def test_a_new_one_is_typed_twice(self, carelink: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CARELINK_PASSPHRASE")
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        typed = iter([PASSPHRASE, "another one entirely", PASSPHRASE, PASSPHRASE])
        monkeypatch.setattr("getpass.getpass", lambda *_: next(typed))
        different = carelink("account", "create", "--name", "Anne")
        assert different.code == 1
        assert carelink("account", "create", "--name", "Anne").code == 0


class TestCahier:
    def test_a_note_goes_round(self, carelink: Command, circle: str) -> None:
        entry = carelink(
            "write", circle, "--compartment", "care", "--text", "Chute", "--urgent", "--json"
        ).only["entry"]
        carelink("amend", entry, "--text", "Chute sans gravité", "--json")
        (note,) = carelink("entries", circle, "--json").objects
        assert note["text"] == "Chute sans gravité"
        assert (note["entry"], note["urgent"], note["compartment"]) == (entry, True, "care")
        assert carelink("entries", circle, "--search", "chut", "--json").only["entry"] == entry
        assert [v["text"] for v in carelink("history", entry, "--json").objects] == [
            "Chute",
            "Chute sans gravité",
        ]
        carelink("withdraw", entry, "--reason", "wrong person", "--json")
        assert carelink("entries", circle, "--json").only["withdrawn"] is True
        assert carelink("sync", "--json").only["pushed"] == 3
        status = carelink("status", "--json").only
        assert (status["to_send"], status["refusals"], status["offline_since"]) == (0, [], None)

    def test_every_result_is_one_line_even_when_the_text_has_several(
        self, carelink: Command, circle: str
    ) -> None:
        for _ in range(3):
            carelink("write", circle, "--compartment", "life", "--text", "-", stdin=b"un\ndeux\n")
        said = carelink("entries", circle, "--json")
        assert [note["text"] for note in said.objects] == ["un\ndeux"] * 3
        assert said.err == ""
        assert len(carelink("entries", circle, "--limit", "2", "--json").objects) == 2

    def test_a_text_from_standard_input_is_bounded(self, carelink: Command, circle: str) -> None:
        write = ("write", circle, "--compartment", "life", "--text", "-", "--json")
        said = carelink(*write, stdin="é".encode() * (MAX_TEXT_CHARACTERS + 1))
        assert said.code == 1
        assert "100\u202f000" in said.err
        assert carelink(*write, stdin=b"\xff\xfe").code == 1
        assert carelink(*write, stdin=b"").code == 1
        assert carelink("entries", circle, "--json").objects == []
        assert carelink(*write, stdin="é".encode() * MAX_TEXT_CHARACTERS).code == 0

    def test_what_others_wrote_does_not_command_the_terminal(self, carelink: Command, circle: str) -> None:
        carelink("write", circle, "--compartment", "life", "--text", "a\x1b[2J\x9b31mb\x07c\x7f")
        said = carelink("entries", circle)
        assert not set(said.out) & set("\x1b\x9b\x07\x7f")
        assert printable("é\t\nœ – 😀") == "é\t\nœ – 😀"

    def test_a_circle_is_shown_with_who_reads_what(self, carelink: Command, circle: str) -> None:
        shown = carelink("circle", "show", circle[:8], "--json").only
        assert shown["patient"]["birth_name"] == "Moreau"
        (member,) = shown["members"]
        assert member["reads"] == ["life", "coordination", "care"]
        assert member["functions"] == ["coordinator"]
        assert "Claire Martin" in carelink("circle", "show", circle).out

    def test_a_trace_and_a_dump_and_a_check(self, carelink: Command, circle: str, tmp_path: Path) -> None:
        carelink("entries", circle, "--json")
        traced = carelink("trace", circle, "--json").objects
        assert {(t["name"], t["action"]) for t in traced} == {("Claire Martin", "opened")}
        out = tmp_path / "dump.db"
        said = carelink("vault", "dump", "--out", str(out), "--json")
        assert "ATTENTION" in said.err
        assert out.read_bytes().startswith(b"SQLite format 3")
        assert carelink("vault", "dump", "--out", str(out), "--json").code == 1


class TestLanguage:
    def test_english_is_spoken_where_asked_for(
        self, carelink: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CARELINK_LANGUAGE", "xx")
        assert carelink("entries", "ffff").code == 1
