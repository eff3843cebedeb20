"""From nothing to a usable time line with a 100,000-entry vault; floor: a bare PySide6 window.

What the user waits for: process start to the unlock screen painted, then from the passphrase given to
the first page of the time line painted and taking keys. The typing itself (two seconds here, in which
CareLink loads what it needs) and one measured Argon2id are subtracted. Aim: within 2× the floor.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.people import account, circle, median
from benchmarks.vaults import fill_vault

ENTRIES = 100_000
ROUNDS = 7
HUB = "http://127.0.0.1:1"


def child(*arguments: str) -> dict[str, float]:
    """Run one start in a process of its own and return its figures, in seconds."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "CARELINK_SECRETS": "file"}
    # An installed CareLink is compiled already.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.start_child", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
        timeout=120,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Measure, and print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        session = account(home, "Anne Maurel")
        fill_vault(session, circle(session, HUB), count)
        session.close()
        child("bare")
        child("carelink", str(home))
        starts, floors = [], []
        for _ in range(ROUNDS):
            floors.append(child("bare")["painted"])
            starts.append(child("carelink", str(home)))
    usable = median([s["door"] + s["page"] - s["argon2id"] for s in starts])
    floor = median(floors)
    print(
        json.dumps(
            {
                "benchmark": "start",
                "entries": count,
                "usable_seconds": round(usable, 3),
                "door_seconds": round(median([s["door"] for s in starts]), 3),
                "page_seconds": round(median([s["page"] - s["argon2id"] for s in starts]), 3),
                "floor_seconds": round(floor, 3),
                "times_floor": round(usable / floor, 2),
                "aim": "<= 2",
                "met": usable <= 2 * floor,
            }
        )
    )


if __name__ == "__main__":
    main()
