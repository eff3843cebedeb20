"""A relay with a certificate of its own, and notes that arrive without anyone doing anything."""

from __future__ import annotations

import json
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest

from tests.e2e.house import READY_SECONDS, House, Person, Service, free_port, let_in, relay
from tests.e2e.test_bad_input import refused
from tests.e2e.test_three_people import PATIENT

NOTES = 7


@pytest.fixture
def tls_hub(tmp_path: Path) -> Iterator[Service]:
    """A relay with a self-signed certificate, known under a public address."""
    port = free_port()
    made = relay(tmp_path / "tls-hub", port, "--host", "0.0.0.0", "--url", f"https://localhost:{port}")
    made.start()
    yield made
    made.kill()


def _link(hub: Service) -> str:
    return f"{hub.url}#{hub.ready['fingerprint']}"


class Watching:
    """`sync --watch` of someone who does nothing."""

    def __init__(self, person: Person) -> None:
        self.reports: Queue[dict[str, object]] = Queue()
        self.process = person.start("sync", "--watch")
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.reports.put(json.loads(line))

    def received(self) -> None:
        """Wait for an exchange that brought something."""
        while not self.reports.get(timeout=READY_SECONDS)["pulled"]:
            pass

    def quiet(self) -> None:
        """Wait until nothing more is under way."""
        self.reports.get(timeout=READY_SECONDS)
        while True:
            try:
                self.reports.get(timeout=1.5)
            except Empty:
                return

    def end(self) -> None:
        # Not an interrupt: whatever starts the tests in the background makes its children ignore it.
        self.process.kill()
        self.process.wait(timeout=READY_SECONDS)
        self._thread.join()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def test_a_note_arrives_where_nobody_does_anything(
    house: House, record_property: Callable[[str, object], None]
) -> None:
    watching = Watching(house.daughter)
    try:
        watching.quiet()
        latencies = []
        for number in range(NOTES):
            house.nurse.write(house.circle, "life", f"Note {number}")
            began = time.monotonic()
            house.nurse.sync()
            watching.received()
            latencies.append(time.monotonic() - began)
    finally:
        watching.end()
    median = statistics.median(latencies)
    record_property("median_seconds", median)
    print(f"published, sent, woken up, received: {median * 1000:.0f} ms (median of {NOTES})")
    assert len(house.daughter.texts(house.circle)) == NOTES


def test_a_relay_with_its_own_certificate(tls_hub: Service, person: Callable[..., Person]) -> None:
    assert tls_hub.url.startswith("https://localhost:")
    nurse, daughter = person("Claire Martin", "nurse"), person("Anne Maurel")
    circle = nurse.run("circle", "create", *PATIENT, "--hub", _link(tls_hub)).one["circle"]
    made = nurse.run("invite", circle, "--role", "relative", "--agreed", "oral", "--in-person").one
    assert made["link"].endswith(f"#{tls_hub.ready['fingerprint']}")
    assert daughter.run("join", made["link"]).one["state"] == "waiting"
    nurse.sync()
    assert daughter.sync().one["joined"] == [circle]
    checks = {line["check"]: line["ok"] for line in daughter.run("doctor").lines}
    assert checks["relay"]
    assert checks["wake_up"]
    watching = Watching(daughter)
    try:
        watching.quiet()
        nurse.write(circle, "life", "Par une ligne chiffrée")
        nurse.sync()
        watching.received()
    finally:
        watching.end()
    assert daughter.texts(circle) == ["Par une ligne chiffrée"]


def test_another_certificate_than_the_announced_one(
    tls_hub: Service, person: Callable[..., Person], tmp_path: Path
) -> None:
    nurse, stranger = person("Claire Martin", "nurse"), person("Luc Maurel")
    wrong = tls_hub.ready["fingerprint"][::-1]
    circle = nurse.run("circle", "create", *PATIENT, "--hub", f"{tls_hub.url}#{wrong}").one["circle"]
    nurse.write(circle, "life", "Gardée")
    refused(nurse.run("sync"), "certificat", "rien n’a été envoyé")
    assert nurse.texts(circle) == ["Gardée"]
    refused(stranger.run("join", f"AAAA-BBBB-CCCC@{tls_hub.url}#{wrong}"), "certificat")
    refused(stranger.run("join", f"AAAA-BBBB-CCCC@{tls_hub.url}"), "certificat")


def test_a_relay_that_changed_its_certificate_is_not_talked_to(
    tls_hub: Service, person: Callable[..., Person], tmp_path: Path
) -> None:
    nurse = person("Claire Martin", "nurse")
    circle = nurse.run("circle", "create", *PATIENT, "--hub", _link(tls_hub)).one["circle"]
    nurse.sync()
    port = tls_hub.url.rpartition(":")[2]
    tls_hub.stop()
    impostor = relay(tmp_path / "impostor", int(port), "--host", "0.0.0.0", "--url", tls_hub.url)
    impostor.start()
    try:
        nurse.write(circle, "life", "Gardée")
        refused(nurse.run("sync"), "certificat", "rien n’a été envoyé")
    finally:
        impostor.stop()
    tls_hub.start()
    assert nurse.sync().one["pushed"] == 1


def test_a_given_certificate_is_pinned_as_well(person: Callable[..., Person], tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt"),
            *("ec_paramgen_curve:prime256v1", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    port = free_port()
    given = ("--host", "localhost", "--cert", str(certificate), "--key", str(key))
    hub = relay(tmp_path / "given", port, *given)
    hub.start()
    try:
        nurse, daughter = person("Claire Martin", "nurse"), person("Anne Maurel")
        circle = nurse.run("circle", "create", *PATIENT, "--hub", _link(hub)).one["circle"]
        let_in(nurse, daughter, circle, "relative")
        nurse.write(circle, "life", "Bonjour")
        nurse.sync()
        daughter.sync()
        assert daughter.texts(circle) == ["Bonjour"]
    finally:
        hub.stop()


def test_plain_http_to_another_machine_is_refused(person: Callable[..., Person]) -> None:
    nurse = person("Claire Martin", "nurse")
    refused(nurse.run("circle", "create", *PATIENT, "--hub", "http://relais.exemple.fr"), "https://")
