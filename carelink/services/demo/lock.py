"""One build at a time: a lock that the system lets go of when its holder ends, however that happens."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from carelink.models.vault.files import disk_trouble, make_folder

_PAUSE_SECONDS = 0.2


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until no other program is in this block for the same file.

    Raises:
        KnownError: The disk is full, or refuses.
    """
    make_folder(path.parent)
    with disk_trouble(path):
        file = path.open("ab")
    with file:
        while not _taken(file):
            time.sleep(_PAUSE_SECONDS)
        yield


def _taken(file: BinaryIO) -> bool:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
    else:
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
