"""`carelink` alone, `demo`, `tour`, `vault dump`, `doctor`, `hub serve`."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from _thread import interrupt_main
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from carelink.cli.opening import unlocked
from carelink.cli.output import Output
from carelink.language import tr
from carelink.services.diagnosis import Diagnosis
from carelink.services.vault_dump import VaultDump


def add_commands(commands: Any, common: ArgumentParser) -> None:  # noqa: ANN401  (argparse names no type)
    """Add this group's commands."""
    vault = commands.add_parser("vault", help=tr("le coffre de ce compte"))
    actions = vault.add_subparsers(dest="action", required=True, metavar=tr("action"))
    dump = actions.add_parser("dump", parents=[common], help=tr("copie en clair, pour un audit"))
    dump.add_argument("--out", type=Path, required=True, metavar="F")
    dump.set_defaults(run=_dump)
    doctor = commands.add_parser("doctor", parents=[common], help=tr("vérifier ce poste"))
    doctor.set_defaults(run=_doctor)

    hub = commands.add_parser("hub", help=tr("le relais"))
    actions = hub.add_subparsers(dest="action", required=True, metavar=tr("action"))
    serve = actions.add_parser("serve", parents=[common], help=tr("faire tourner un relais"))
    serve.add_argument("--data", type=Path, required=True, metavar="DIR")
    serve.add_argument("--database", default=None, metavar="URL")
    serve.add_argument("--host", default="127.0.0.1", metavar="H")
    serve.add_argument("--port", type=int, default=0, metavar="P")
    serve.add_argument("--cert", type=Path, default=None, metavar="F")
    serve.add_argument("--key", type=Path, default=None, metavar="F")
    serve.add_argument("--url", default=None, metavar="URL")
    serve.add_argument(
        "--until-input-closes",
        action="store_true",
        help=tr("s’arrêter avec le programme qui tient l’entrée standard"),
    )
    serve.set_defaults(run=_serve)


def open_window(parsed: Namespace, output: Output) -> int:
    """Open the desktop app."""
    from carelink.app import open_desktop
    from carelink.cli.opening import home_of

    del output
    return open_desktop(home_of(parsed), parsed.account)


def _dump(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        VaultDump(session).write(parsed.out)
    output.message(
        tr(
            "ATTENTION\u00a0: {path} contient en clair tout ce que ce compte peut lire, et ses clés. "
            "Effacez-le dès que vous n’en avez plus besoin.",
            path=parsed.out,
        )
    )
    output.result({"out": str(parsed.out)})
    return 0


def _doctor(parsed: Namespace, output: Output) -> int:
    with unlocked(parsed, output) as session:
        findings = Diagnosis(session).run()
    for finding in findings:
        mark = "✓" if finding.ok else "✗"
        output.result(
            {"check": finding.check, "ok": finding.ok, "sentence": finding.sentence},
            f"{mark} {finding.sentence}",
        )
    return 0 if all(finding.ok for finding in findings) else 1


def _serve(parsed: Namespace, output: Output) -> int:
    from carelink.hub.server import serve

    def ready(url: str, fingerprint: str) -> None:
        # Always JSON: whoever starts a relay needs its address, and its fingerprint for the links.
        Output(as_json=True).result({"url": url, "fingerprint": fingerprint})

    del output
    if parsed.until_input_closes:
        threading.Thread(target=_stop_with_input, name="carelink-input", daemon=True).start()
    serve(
        parsed.data,
        parsed.host,
        parsed.port,
        parsed.cert,
        parsed.key,
        parsed.url,
        ready,
        database=parsed.database,
    )
    return 0


def _stop_with_input() -> None:
    """Stop this process once its input closes: whoever started it is gone, even by a crash."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    while True:
        # Again until it is heard: the relay may not listen to signals yet.
        interrupt_main(signal.SIGTERM)
        time.sleep(0.2)
