"""What goes wrong for people: one clear sentence each, exit 1, nothing lost, never a traceback."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from carelink.records.bodies import MAX_TEXT_CHARACTERS
from tests.e2e.forks import ROOT
from tests.e2e.house import COMMAND_SECONDS, House, Person, Result, environment, free_port

HOUR_NS = 3_600_000_000_000
KEPT = "Écrite avant que tout aille mal"


def refused(result: Result, *parts: str) -> None:
    """See that a command said why it did not, in one sentence for people."""
    assert result.code == 1, result
    assert result.lines == []
    assert "Traceback" not in result.said
    assert len(result.said.strip().splitlines()) == 1, result.said
    assert result.said.strip().endswith((".", "!", "?", ")"))
    assert "erreur inattendue" not in result.said
    for part in parts:
        assert part in result.said


@pytest.fixture
def stranger(person: Callable[..., Person]) -> Person:
    return person("Luc Maurel")


def _invite(house: House, *options: str) -> str:
    link: str = house.nurse.run(
        "invite", house.circle, "--role", "relative", "--agreed", "oral", *options
    ).one["link"]
    return link


def test_an_unknown_code(calm_house: House, stranger: Person) -> None:
    refused(stranger.run("join", f"AAAA-BBBB-CCCC@{calm_house.hub.url}"), "n’est pas connu")


@pytest.mark.parametrize("code", ["", "AAAA", "AAAA-BBBB-CCC!", "🙂" * 12])
def test_what_is_no_code_at_all(calm_house: House, stranger: Person, code: str) -> None:
    refused(stranger.run("join", f"{code}@{calm_house.hub.url}"), "ABCD-EFGH-JKMN")


def test_a_code_without_its_relay(calm_house: House, stranger: Person) -> None:
    refused(stranger.run("join", _invite(calm_house).partition("@")[0]), "lien complet")


def test_an_expired_code(calm_house: House, stranger: Person) -> None:
    link = _invite(calm_house, "--expires", "1s")
    time.sleep(1.2)
    refused(stranger.run("join", link), "a expiré")
    assert stranger.run("circle", "list").lines == []


def test_a_used_code(calm_house: House, stranger: Person, person: Callable[..., Person]) -> None:
    link = _invite(calm_house)
    assert stranger.run("join", link).code == 0
    refused(person("Éva Morel").run("join", link), "a déjà servi")


def test_joining_twice(calm_house: House, stranger: Person) -> None:
    link = _invite(calm_house)
    assert stranger.run("join", link).code == 0
    refused(stranger.run("join", link), "déjà dans ce cercle")


def test_the_wrong_words_let_nobody_in(house: House, stranger: Person) -> None:
    words = stranger.run("join", _invite(house)).one["words"]
    refused(house.nurse.run("confirm", house.circle, "--words", "un deux trois"), "personne n’a été ajouté")
    refused(house.nurse.run("confirm", house.circle), "Luc Maurel", "Personne n’a été ajouté")
    assert len(house.nurse.run("circle", "show", house.circle).one["members"]) == 3
    swapped = " ".join(reversed(words))
    refused(house.nurse.run("confirm", house.circle, "--words", swapped), "personne n’a été ajouté")
    typed = f"  {words[0].upper()}, {words[1]}  {words[2]} "
    assert house.nurse.run("confirm", house.circle, "--words", typed).one["members"]


def test_a_relative_invited_without_anyone_s_agreement(calm_house: House) -> None:
    refused(calm_house.nurse.run("invite", calm_house.circle, "--role", "relative"), "accord")
    refused(
        calm_house.nurse.run("invite", calm_house.circle, "--role", "relative", "--agreed", "none:"),
        "pourquoi",
    )
    assert calm_house.nurse.run("invite", calm_house.circle, "--role", "physician").code == 0


def test_an_invitation_by_someone_who_may_not(calm_house: House) -> None:
    invite = ("invite", calm_house.circle, "--role", "nurse", "--agreed", "oral")
    refused(calm_house.daughter.run(*invite), "Votre rôle")
    refused(calm_house.doctor.run(*invite), "Votre rôle")


def test_a_relative_who_would_write_in_the_medical_record(calm_house: House) -> None:
    write = ("write", calm_house.circle, "--compartment", "care", "--text", "Il faudrait changer")
    refused(calm_house.daughter.run(*write), "Votre rôle")
    refused(
        calm_house.daughter.run("write", calm_house.circle, "--compartment", "coordination", "--text", "Oui")
    )
    assert calm_house.daughter.run("status").one["to_send"] == 0


def test_a_relay_that_does_not_answer(house: House) -> None:
    house.nurse.reach(f"http://127.0.0.1:{free_port()}")
    house.nurse.write(house.circle, "life", KEPT)
    refused(house.nurse.run("sync"), "ne répond pas", "reste dans votre coffre")
    status = house.nurse.run("status").one
    assert status["to_send"] == 1
    assert status["offline_since"]
    house.nurse.reach(house.hub.url)
    assert house.nurse.sync().one["pushed"] == 1
    assert house.nurse.run("status").one["offline_since"] is None


@contextmanager
def _portal() -> Iterator[str]:
    """Answer everything with a page to log in on, as the Wi-Fi of a waiting room does."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = b"<html><body>Bienvenue ! Acceptez les conditions.</body></html>"
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name above)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_captive_portal(house: House, stranger: Person) -> None:
    house.nurse.write(house.circle, "life", KEPT)
    with _portal() as url:
        house.nurse.reach(url)
        refused(house.nurse.run("sync"), "n’est pas un relais CareLink")
        refused(stranger.run("join", f"AAAA-BBBB-CCCC@{url}"), "n’est pas un relais CareLink")
    house.nurse.reach(house.hub.url)
    assert house.nurse.sync().one["pushed"] == 1


@pytest.mark.parametrize("blocks", [0, 4, 32])
def test_a_full_disk(house: House, blocks: int) -> None:
    house.nurse.write(house.circle, "life", KEPT)
    long = "Une longue note. " * 5000
    command = [sys.executable, "-m", "carelink", "--json", "--home", str(house.nurse.home), "write"]
    command += [house.circle, "--compartment", "life", "--text", long]
    done = subprocess.run(
        ["bash", "-c", f'ulimit -f {blocks}; exec "$@"', "bash", *command],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    refused(Result(done.returncode, [], done.stderr), "disque")
    assert done.stdout == ""
    assert house.nurse.texts(house.circle) == [KEPT]
    house.nurse.write(house.circle, "life", "De la place de nouveau")
    assert house.nurse.sync().one["pushed"] == 2
    house.daughter.sync()
    assert house.daughter.texts(house.circle) == ["De la place de nouveau", KEPT]


def test_a_damaged_vault_is_kept_aside_unmodified(house: House) -> None:
    house.nurse.write(house.circle, "life", KEPT)
    (vault,) = house.nurse.home.rglob("vault.db")
    data = bytearray(vault.read_bytes())
    # So much of it that whatever is asked meets it at once, before anything is written.
    data[len(data) // 4 : len(data) // 4 * 3] = bytes(len(data) // 4 * 2)
    vault.write_bytes(data)
    # What was hit is found by whatever comes to it first; until then the vault is used as ever.
    for command in (("entries", house.circle), ("sync",), ("doctor",)):
        before = vault.read_bytes()
        found = house.nurse.run(*command)
        if found.code == 1 and "abîmé" in found.said:
            break
    else:
        pytest.fail("nothing found the damage")
    refused(found, "copie")
    (kept,) = [folder for folder in vault.parent.iterdir() if folder.name.startswith("damaged-")]
    assert (kept / "vault.db").read_bytes() == before
    assert vault.read_bytes() == before


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        (("é" * (MAX_TEXT_CHARACTERS + 1)).encode(), "trop long"),
        (b"a" * 2_000_000, "trop long"),
        (("🙂" * 500_000).encode(), "trop long"),
        (b"Le patient va bien\xff\xfe", "UTF-8"),
        (b"  \n ", "vide"),
    ],
)
def test_a_text_that_cannot_be_published(calm_house: House, typed: bytes, part: str) -> None:
    write = ("write", calm_house.circle, "--compartment", "life", "--text", "-")
    refused(calm_house.nurse.run(*write, stdin=typed), part)
    assert calm_house.nurse.texts(calm_house.circle) == []


def test_a_text_at_the_limit_is_published(house: House) -> None:
    text = "é" * MAX_TEXT_CHARACTERS
    write = ("write", house.circle, "--compartment", "life", "--text", "-")
    assert house.nurse.run(*write, stdin=text.encode()).code == 0
    house.nurse.sync()
    house.daughter.sync()
    assert house.daughter.texts(house.circle) == [text]


def test_a_wrong_passphrase(calm_house: House, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("cheval batterie agrafe incorrect\n", encoding="utf-8")
    entries = ("entries", calm_house.circle, "--passphrase-file", str(wrong))
    refused(calm_house.nurse.run(*entries), "bonne phrase de passe", "Rien n’est perdu")
    assert calm_house.nurse.run("entries", calm_house.circle).code == 0


@pytest.mark.parametrize("hours", [-2, 2, 24 * 365 * 73])
def test_a_clock_that_is_wrong_harms_nobody(
    house: House, person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """A stay that ends next month is under way, whatever the coordinator's PC thinks the year is."""
    aunt = person("Rose Moreau")
    until = time.strftime("%Y-%m-%d", time.localtime(time.time() + 30 * 86_400))
    made = house.nurse.run(
        "invite", house.circle, "--role", "relative", "--in-person", "--agreed", "oral", "--until", until
    ).one
    aunt.run("join", made["link"])
    house.nurse.sync()
    aunt.sync()
    house.doctor.sync()
    house.doctor.write(house.circle, "life", "Avant")
    house.doctor.sync()
    with monkeypatch.context() as patch:
        now = time.time_ns
        patch.setattr(time, "time_ns", lambda: now() + hours * HOUR_NS)
        house.nurse.write(house.circle, "life", "Par une horloge fausse")
        assert house.nurse.sync().one["pushed"] == 1
        assert not next(c for c in house.nurse.run("doctor").lines if c["check"] == "clock")["ok"]
    for someone in (house.daughter, aunt):
        result = someone.sync().one
        assert (result["refused"], result["missing"]) == ([], [])
        assert sorted(someone.texts(house.circle)) == ["Avant", "Par une horloge fausse"]
    house.daughter.write(house.circle, "life", "Après")
    house.daughter.sync()
    aunt.write(house.circle, "life", "Rose y est encore")
    assert aunt.sync().one["pushed"] == 1
    house.daughter.sync()
    assert house.daughter.texts(house.circle)[:2] == ["Rose y est encore", "Après"], "newest first"
    house.doctor.sync()
    assert all(m["active"] for m in house.doctor.run("circle", "show", house.circle).one["members"])
