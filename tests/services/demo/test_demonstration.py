"""The demonstration is there after one command, each account opens, and each reads what its role reads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from carelink.access.compartments import Compartment
from carelink.errors import KnownError
from carelink.models.vault.home import Home
from carelink.models.vault.secrets import SecretKind
from carelink.services.accounts import open_account
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles
from carelink.services.demo import Demo, DemoAccount, demo_home
from carelink.services.demo.relay import DemoRelay, free_port
from carelink.services.exchange.state import State
from carelink.services.exchange.sync import Sync
from carelink.services.rights import default_roles
from carelink.services.session import Session
from carelink.services.time_line import TimeLineQuery
from carelink.services.trace import Trace
from carelink.services.vault_dump import VaultDump
from tests.services.demo.conftest import PEOPLE, nothing, small_corpus, smallest_corpus

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

ALL = 10_000

ENDLESS_BUILD = """
import sys
from pathlib import Path
from carelink.models.vault.home import Home
from carelink.services.demo import Demo
from tests.services.demo.conftest import smallest_corpus

def progress(step, done, total):
    if step == "Écriture du cahier" and done > total // 2:
        print("half-way", flush=True)
        sys.stdin.readline()

Demo(Home(Path(sys.argv[1])), smallest_corpus()).build(progress)
"""


def opened(demo: Demo, account: DemoAccount) -> Session:
    return open_account(demo.home, demo.home.find(account.account), demo.passphrase)


@pytest.fixture(params=range(len(PEOPLE)), ids=PEOPLE)
def session(request: pytest.FixtureRequest, small_demo: Demo) -> Iterator[Session]:
    session = opened(small_demo, small_demo.accounts()[request.param])
    yield session
    session.close()


def role_in_circle(session: Session) -> str:
    (summary,) = Circles(session).summaries()
    return summary.role


def entries_of(session: Session) -> list[tuple[str, str]]:
    (summary,) = Circles(session).summaries()
    views = Cahier(session).entries(summary.circle, TimeLineQuery(), ALL)
    return [(view.compartment, view.text) for view in views]


def test_each_account_has_a_line_that_says_who_that_is(small_demo: Demo) -> None:
    told = {person.name: person.description for person in small_corpus().people}

    assert {account.name: account.description for account in small_demo.accounts()} == told
    assert [circle.patient for circle in small_demo.circles()] == ["Jeanne Maurel"]


def test_each_account_lists_all_that_its_role_reads_and_nothing_else(session: Session) -> None:
    notebook = small_corpus().notebooks["ehpad"]
    role = role_in_circle(session)
    (readable,) = (default.reads for default in default_roles() if default.role == role)
    last = {act.ref: act.text for act in notebook.amendments}
    withdrawn = {act.ref for act in notebook.withdrawals}
    told = {
        (note.compartment.value, "" if note.ref in withdrawn else last.get(note.ref, note.text))
        for note in notebook.entries
        if note.compartment in readable
    }

    assert set(entries_of(session)) == told


def test_everyone_is_in_touch_and_someone_has_news_to_read(small_demo: Demo) -> None:
    unread = []
    for account in small_demo.accounts():
        session = opened(small_demo, account)
        state = State(session).read()
        assert (state.to_send, state.held, state.conflicts) == (0, 0, 0)
        assert [*state.refusals, *state.missing, *state.alarms] == []
        assert state.offline_since is None
        unread += [summary.unread for summary in Circles(session).summaries()]
        session.close()

    assert 0 < sum(unread) < 30
    assert 0 in unread


def test_who_coordinates_sees_who_opened_the_file(small_demo: Demo) -> None:
    nurse = opened(small_demo, small_demo.accounts()[0])
    (summary,) = Circles(nurse).summaries()

    names = {view.person.name for view in Trace(nurse).read(summary.circle)}

    nurse.close()
    assert names == {person.name for person in small_corpus().people}


def test_the_daughters_vault_holds_no_word_of_the_medical_record(small_demo: Demo, tmp_path: Path) -> None:
    care = [
        note.text.encode()
        for note in small_corpus().notebooks["ehpad"].entries
        if note.compartment is Compartment.CARE
    ]
    names = {person.key: person.name for person in small_corpus().people}
    held = {}
    for key in ("claire-martin", "anne-maurel"):
        account = next(one for one in small_demo.accounts() if one.name == names[key])
        session = opened(small_demo, account)
        VaultDump(session).write(tmp_path / key)
        session.close()
        dump = (tmp_path / key).read_bytes()
        held[key] = sum(text[:40] in dump for text in care)

    assert held == {"claire-martin": len(care), "anne-maurel": 0}


def test_its_accounts_leave_the_keyring_of_whoever_tries_it_alone(small_demo: Demo) -> None:
    assert {card.secret_kind for card in small_demo.home.accounts()} == {SecretKind.FILE}


def test_its_relay_starts_once_and_serves_its_accounts(small_demo: Demo) -> None:
    small_demo.start_relay()
    try:
        small_demo.start_relay()
        session = opened(small_demo, small_demo.accounts()[0])
        report = Sync(session).once()
        session.close()
    finally:
        small_demo.stop_relay()

    assert (report.refused, report.missing) == ([], [])


def test_a_second_build_does_nothing(small_demo: Demo) -> None:
    steps: list[str] = []

    made = small_demo.build(lambda step, _done, _total: steps.append(step))

    assert (made, steps) == (False, [])


def test_it_lives_apart_from_ones_own_accounts(tmp_path: Path) -> None:
    own = Home(tmp_path)
    other = demo_home(own).path / "cards"
    other.mkdir(parents=True)

    with pytest.raises(KnownError, match="contient autre chose"):
        Demo(demo_home(own)).build(nothing)

    assert other.is_dir()
    assert demo_home(own).path != own.path


def test_before_it_is_built_it_says_how_to_build_it(tmp_path: Path) -> None:
    demo = Demo(Home(tmp_path / "demo"))

    with pytest.raises(KnownError, match="carelink demo"):
        demo.start_relay()

    demo.stop_relay()
    assert not demo.exists()
    assert demo.accounts() == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9")
def test_a_build_that_was_killed_is_made_again_and_its_relay_did_not_outlive_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "demo")
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS_BUILD, str(home.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[3],
    ) as build:
        assert build.stdout is not None
        assert build.stdout.readline() == b"half-way\n"
        os.kill(build.pid, signal.SIGKILL)
    left = {card.account for card in home.accounts()}
    demo = Demo(home, smallest_corpus())
    assert left
    assert not demo.exists()

    assert demo.build(nothing)

    assert demo.exists()
    assert len(home.accounts()) == len(smallest_corpus().people)
    assert not left & {card.account for card in home.accounts()}


def test_a_relay_stops_with_whoever_started_it(tmp_path: Path) -> None:
    port = free_port()
    script = (
        "import sys\nfrom pathlib import Path\nfrom carelink.services.demo.relay import DemoRelay\n"
        "DemoRelay(Path(sys.argv[1]), int(sys.argv[2])).start()\n"
        "import os\nos._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "relay"), str(port)], check=True, timeout=60)

    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with DemoRelay(tmp_path / "relay", port).running():
                break
        except KnownError:
            # The one before still answers.
            time.sleep(0.1)
    else:
        pytest.fail("the relay goes on alone")
