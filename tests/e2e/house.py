"""A relay and people as the command line knows them: real folders, real processes where they matter."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import update

from carelink.cli.main import run as run_command
from carelink.models import schema
from carelink.models.vault.home import Home
from carelink.services.accounts import open_account
from carelink.services.cahier import Cahier
from carelink.services.restricted import Restricted
from carelink.services.session import Session
from tests.e2e.forks import MODULES, ROOT, Forked

PASSPHRASE = "cheval batterie agrafe correct"
READY_SECONDS = 30.0
COMMAND_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a command came to: its exit code, its JSON lines, and what it said beside them."""

    code: int
    lines: list[dict[str, Any]]
    said: str

    @property
    def one(self) -> dict[str, Any]:
        assert self.code == 0, self.said
        assert len(self.lines) == 1, self.lines
        return self.lines[0]

    @property
    def whys(self) -> set[str]:
        """Reasons of what an exchange refused."""
        return {refused["why"] for refused in self.one["refused"]}


def _result(code: int, out: str, err: str) -> Result:
    return Result(code, [json.loads(line) for line in out.splitlines()], err)


def environment(**more: str) -> dict[str, str]:
    return {
        **os.environ,
        "CARELINK_PASSPHRASE": PASSPHRASE,
        "CARELINK_SECRETS": "file",
        "CARELINK_DEBUG": "1",
        **more,
    }


Process = subprocess.Popen[str] | Forked


def started(module: str, arguments: Sequence[str], stderr: int) -> Process:
    """Run `python -m module` in a process of its own, from its loading on where it must be seen to load."""
    if module in MODULES and sys.platform == "linux":
        return Forked(module, arguments, environment(), stderr)
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


@dataclass
class Person:
    """Someone with a home folder on some PC."""

    home: Path
    account: str = ""

    def run(self, *arguments: str, stdin: bytes = b"") -> Result:
        """Run a command in this process; quick, and the same code as the command's own process."""
        out, err, typed = io.StringIO(), io.StringIO(), sys.stdin
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = run_command(["--json", "--home", str(self.home), *arguments])
        finally:
            sys.stdin.close()
            sys.stdin = typed
        return _result(code, out.getvalue(), err.getvalue())

    def start(self, *arguments: str, module: str = "carelink", options: Sequence[str] = ()) -> Process:
        """Start a command in a process of its own."""
        return started(module, [*options, "--json", "--home", str(self.home), *arguments], subprocess.PIPE)

    def process(self, *arguments: str, module: str = "carelink", options: Sequence[str] = ()) -> Result:
        """Run a command in a process of its own, to its end."""
        with self.start(*arguments, module=module, options=options) as running:
            out, err = running.communicate(timeout=COMMAND_SECONDS)
            return _result(running.wait(), out, err)

    def create(self, name: str, profession: str = "") -> Person:
        """Make the account."""
        options = ["--profession", profession] if profession else []
        self.account = self.run("account", "create", "--name", name, *options).one["account"]
        return self

    def session(self) -> Session:
        """Open the account as a screen would."""
        home = Home(self.home)
        return open_account(home, home.find(None), PASSPHRASE)

    def reach(self, url: str) -> None:
        """Find the relay at another address from now on, such as that of someone in between."""
        session = self.session()
        try:
            with session.write() as stores:
                stores.connection.execute(update(schema.hubs).values(url=url))
        finally:
            session.close()

    def write(self, circle: str, compartment: str, text: str) -> str:
        entry: str = self.run("write", circle, "--compartment", compartment, "--text", text).one["entry"]
        return entry

    def write_all(self, circle: str, compartment: str, texts: Iterable[str]) -> list[str]:
        """Write many notes with the vault unlocked once, as the window does."""
        session = self.session()
        try:
            cahier = Cahier(session)
            return [cahier.write(circle, compartment, text) for text in texts]
        finally:
            session.close()

    def keep_all(self, circle: str, reader: str, texts: Iterable[str]) -> list[str]:
        """Write many notes that are kept to one reader."""
        session = self.session()
        try:
            restricted = Restricted(session)
            return [restricted.write(circle, text, [reader]) for text in texts]
        finally:
            session.close()

    def sync(self) -> Result:
        result = self.run("sync")
        assert result.code == 0, result.said
        return result

    def texts(self, circle: str, *options: str) -> list[str]:
        """Return the texts of the cahier, newest first."""
        result = self.run("entries", circle, "--limit", "100000", *options)
        assert result.code == 0, result.said
        return [line["text"] for line in result.lines]

    def dump(self, out: Path) -> Path:
        """Write the vault in the clear."""
        assert self.run("vault", "dump", "--out", str(out)).code == 0
        return out


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Service:
    """A process that says in JSON when it is ready."""

    arguments: Sequence[str]
    log: Path
    ready: dict[str, str] = field(default_factory=dict)
    process: Process | None = None

    @property
    def url(self) -> str:
        return self.ready["url"]

    def start(self) -> None:
        with self.log.open("a", encoding="utf-8") as log:
            self.process = started(self.arguments[0], self.arguments[1:], log.fileno())
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log.read_text(encoding="utf-8")
        self.ready = json.loads(line)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        self.process.wait(timeout=READY_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None


def relay(data: Path, port: int, *options: str) -> Service:
    """Return a relay, not started yet."""
    return Service(
        ["carelink", "--json", "hub", "serve", "--data", str(data), "--port", str(port), *options],
        data.with_name(data.name + ".log"),
    )


@dataclass
class House:
    """A relay, and a circle of a nurse, a doctor and a daughter who have all met."""

    folder: Path
    hub: Service
    circle: str
    nurse: Person
    doctor: Person
    daughter: Person

    @property
    def people(self) -> tuple[Person, Person, Person]:
        return (self.nurse, self.doctor, self.daughter)

    @property
    def database(self) -> Path:
        return self.folder / "hub" / "relay.sqlite"

    def settle(self) -> None:
        """Exchange until everyone has everything."""
        for _ in range(2):
            for person in self.people:
                person.sync()


def let_in(inviter: Person, newcomer: Person, circle: str, role: str, *options: str) -> None:
    """Invite someone by a code handed over in person, and let them in."""
    agreed = () if "--agreed" in options else ("--agreed", "oral")
    made = inviter.run("invite", circle, "--role", role, "--in-person", *agreed, *options).one
    assert newcomer.run("join", made["link"]).one["state"] == "waiting"
    inviter.sync()
    newcomer.sync()
    inviter.sync()


def found(folder: Path, port: int) -> House:
    """Make a circle of three."""
    folder.mkdir(parents=True, exist_ok=True)
    hub = relay(folder / "hub", port)
    hub.start()
    try:
        nurse = Person(folder / "nurse").create("Claire Martin", "nurse")
        doctor = Person(folder / "doctor").create("Paul Petit", "physician")
        daughter = Person(folder / "daughter").create("Anne Maurel")
        patient = ("--given", "Jeanne", "--birth-name", "Moreau", "--birth", "1938-04-12")
        circle = nurse.run("circle", "create", *patient, "--hub", hub.url).one["circle"]
        let_in(nurse, doctor, circle, "physician")
        let_in(nurse, daughter, circle, "relative")
        doctor.sync()
    finally:
        hub.stop()
    return House(folder, hub, circle, nurse, doctor, daughter)


def copied(house: House, folder: Path, port: int) -> House:
    """Return a copy of a house whose relay does not run, on the same port."""
    shutil.copytree(house.folder, folder)
    return House(
        folder,
        relay(folder / "hub", port),
        house.circle,
        *(Person(folder / person.home.name, person.account) for person in house.people),
    )
