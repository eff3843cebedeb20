"""`python -m tests.hostile_relay`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from tests.hostile_relay.accomplice import Accomplice
from tests.hostile_relay.attacks import ATTACKS, attack_named
from tests.hostile_relay.proxy import serving


def main() -> int:
    """Attack until told to stop."""
    parser = argparse.ArgumentParser(prog="tests.hostile_relay", description="A relay that lies.")
    parser.add_argument("--attack", required=True, help=", ".join(sorted(ATTACKS)))
    parser.add_argument("--upstream", required=True, metavar="URL")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--skip", type=int, default=0, help="notes that pass before one is attacked")
    parser.add_argument("--part", default="ciphertext", choices=["ciphertext", "header", "signature"])
    parser.add_argument("--home", type=Path, help="home of a member who helps")
    options = parser.parse_args()
    accomplice = None if options.home is None else Accomplice.of(options.home)
    try:
        attack = attack_named(options.attack, options.skip, options.part, accomplice)
    except KeyError:
        parser.error(f"unknown attack; one of {', '.join(sorted(ATTACKS))}")
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with serving(attack, options.upstream, options.port) as url:
        sys.stdout.write(json.dumps({"url": url}) + "\n")
        sys.stdout.flush()
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
