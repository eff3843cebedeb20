"""Stretching a passphrase never waits for ever, whatever else goes on in the program."""

from __future__ import annotations

import subprocess
import sys

TWO_AT_ONCE = """
import threading
from carelink.crypto.primitives import stretch
threads = [threading.Thread(target=stretch, args=("jardin", bytes(32))) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_an_account_opens_while_another_thread_reads_an_invitation_code() -> None:
    # In a process of its own, which can be ended if it hangs.
    done = subprocess.run([sys.executable, "-c", TWO_AT_ONCE], timeout=60, check=False)

    assert done.returncode == 0
