"""Publish → visible through a relay on loopback: two running clients, real processes for the relay.

From the author's publish to the reader's vault, told by its own live exchange: sealing, push, storage
at the relay, wake-up, pull, verification, decryption, storage. Aim: median under 100 ms. The floor is
one empty call to the same relay.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.people import account, circle, median
from carelink.services.cahier import Cahier
from carelink.services.exchange.live import LiveSync
from carelink.services.exchange.sync import Sync, SyncReport
from carelink.services.invitations import InvitationRequest, Invitations
from carelink.services.joining import Joinings
from carelink.sync.carriers.addresses import HubAddress
from carelink.sync.carriers.http import HttpCarrier

NOTES = 60


def started_hub(data: Path) -> tuple[subprocess.Popen[str], str]:
    """Start a relay and return it with its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "carelink", "hub", "serve", "--data", str(data)],
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdout is None:
        raise SystemExit("no output")
    return process, str(json.loads(process.stdout.readline())["url"])


def main() -> None:
    """Measure, and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        hub, url = started_hub(Path(folder) / "hub")
        nurse = account(Path(folder) / "nurse", "Claire Martin", "nurse")
        daughter = account(Path(folder) / "daughter", "Anne Maurel")
        identifier = circle(nurse, url)
        request = InvitationRequest("relative", in_person=True, agreed="oral")
        Joinings(daughter).join(Invitations(nurse).invite(identifier, request).link)
        Sync(nurse).once()
        Sync(daughter).once()
        arrived = threading.Event()

        def done(report: SyncReport) -> None:
            if report.pulled:
                arrived.set()

        sender = LiveSync(nurse, lambda _: None, print)
        reader = LiveSync(daughter, done, print)
        sender.start()
        reader.start()
        time.sleep(3)
        cahier = Cahier(nurse)
        times = []
        for number in range(NOTES):
            arrived.clear()
            begun = time.perf_counter()
            cahier.write(identifier, "life", f"Promenade au jardin, n° {number}.")
            sender.poke()
            if not arrived.wait(10):
                raise SystemExit("a note did not arrive")
            times.append(time.perf_counter() - begun)
            time.sleep(0.05)
        sender.stop()
        reader.stop()
        carrier = HttpCarrier(HubAddress(url))
        floor = []
        for _ in range(NOTES):
            begun = time.perf_counter()
            carrier.info()
            floor.append(time.perf_counter() - begun)
        carrier.close()
        nurse.close()
        daughter.close()
        hub.terminate()
        hub.wait(10)
    middle = median(times) * 1000
    print(
        json.dumps(
            {
                "benchmark": "live",
                "notes": NOTES,
                "median_ms": round(middle, 1),
                "slowest_ms": round(max(times) * 1000, 1),
                "floor_ms": round(median(floor) * 1000, 1),
                "aim": "< 100 ms",
                "met": middle < 100,
            }
        )
    )


if __name__ == "__main__":
    main()
