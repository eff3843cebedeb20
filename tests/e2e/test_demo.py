"""`carelink demo` from a shell: everything is there, each account opens, and each has its volets only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from carelink.access.compartments import Compartment
from carelink.models.vault.home import Home
from carelink.services.accounts import open_account
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles
from carelink.services.demo.corpus import Corpus, Person
from carelink.services.rights import default_roles
from carelink.services.session import Session
from carelink.services.time_line import TimeLineQuery
from carelink.services.vault_dump import VaultDump

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

ALL = 10_000


def carelink(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "carelink", "--home", str(home), "--json", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CARELINK_DEBUG": "1"},
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("carelink")


@pytest.fixture(scope="module")
def told(home: Path) -> dict[str, Any]:
    done = carelink(home, "demo")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert done.stderr.splitlines()[-1] == "La démonstration est prête."
    answer: dict[str, Any] = json.loads(line)
    return answer


@pytest.fixture(scope="module")
def sessions(told: dict[str, Any]) -> Iterator[dict[str, Session]]:
    home = Home(Path(told["home"]))
    found = {
        account["name"]: open_account(home, home.find(account["account"]), told["passphrase"])
        for account in told["accounts"]
    }
    yield found
    for session in found.values():
        session.close()


def texts(person: Person, volets: dict[str, tuple[str, ...]]) -> dict[str, set[str]]:
    """Return what someone should read, by the id of a circle's key."""
    whole = Corpus.whole()
    found = {}
    for membership in person.circles:
        book = whole.notebooks[membership.circle]
        changed = {act.ref: act.text for act in book.amendments} | {act.ref: "" for act in book.withdrawals}
        found[membership.circle] = {
            changed.get(note.ref, note.text)
            for note in book.entries
            if note.compartment.value in volets[membership.role]
        }
    return found


def test_both_circles_are_there_with_everyone(told: dict[str, Any], sessions: dict[str, Session]) -> None:
    people = Corpus.whole().people

    assert [account["name"] for account in told["accounts"]] == [person.name for person in people]
    assert [circle["patient"] for circle in told["circles"]] == ["Jeanne Maurel", "Odette Chassagne"]
    assert set(sessions) == {person.name for person in people}


def test_everyone_reads_what_their_role_reads_and_nothing_else(
    told: dict[str, Any], sessions: dict[str, Session]
) -> None:
    circles = dict(
        zip((c.key for c in Corpus.whole().circles), (c["circle"] for c in told["circles"]), strict=True)
    )
    volets = {default.role: default.reads for default in default_roles()}
    for person in Corpus.whole().people:
        session = sessions[person.name]
        assert len(Circles(session).summaries()) == len(person.circles)
        for circle, expected in texts(person, volets).items():
            views = Cahier(session).entries(circles[circle], TimeLineQuery(), ALL)
            assert {view.text for view in views} == expected, person.key


def test_no_family_vault_holds_a_word_of_the_medical_record(
    sessions: dict[str, Session], tmp_path: Path
) -> None:
    whole = Corpus.whole()
    medical = {default.role for default in default_roles() if "care" in default.reads}
    care = [
        note.text[:40].encode()
        for book in whole.notebooks.values()
        for note in book.entries
        if note.compartment is Compartment.CARE
    ]
    for person in whole.people:
        if any(m.role in medical for m in person.circles):
            continue
        VaultDump(sessions[person.name]).write(tmp_path / person.key)
        dump = (tmp_path / person.key).read_bytes()
        assert not [text for text in care if text in dump], person.key
    VaultDump(sessions["Dr Paul Petit"]).write(tmp_path / "doctor")
    dump = (tmp_path / "doctor").read_bytes()
    assert all(text in dump for text in care)


def test_the_same_command_again_changes_nothing(home: Path, told: dict[str, Any]) -> None:
    again = carelink(home, "demo")

    assert json.loads(again.stdout) == told
    assert again.stderr == ""
