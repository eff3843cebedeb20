"""Wrong passphrases slow the next tries down, across restarts and whatever the clock says.

This is against a colleague who tries at the keyboard. Who has copied the files is held by Argon2id
and by the PC's secret, not by this.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from carelink.errors import KnownError
from carelink.models.vault.errors import WrongPassphraseError
from carelink.models.vault.files import replace_file

FREE_TRIES = 2
LONGEST_WAIT = 300.0

Clock = Callable[[], float]


class _Record(msgspec.Struct, frozen=True):
    wrong: int
    until: float


def _delay(wrong: int) -> float:
    """Return the wait after the `wrong`-th wrong try: 2, 4, 8… seconds from the third on."""
    over = wrong - FREE_TRIES
    return 0.0 if over <= 0 else min(2.0 ** min(over, 30), LONGEST_WAIT)


class Attempts:
    """The count kept in an account's folder.

    Args:
        folder: The account's folder.
        now: Seconds on the wall clock, since no other one survives a restart.
    """

    def __init__(self, folder: Path, now: Clock = time.time) -> None:
        self._path = folder / "attempts.json"
        self._now = now

    def ensure_allowed(self) -> None:
        """Refuse a try that comes too soon.

        Raises:
            WrongPassphraseError: With the wait that is left.
        """
        record, now = self._load(), self._now()
        wait = record.until - now
        if wait > (longest := _delay(record.wrong)):
            # The clock was set back: wait from now, no longer than the delay itself.
            wait = longest
            self._save(_Record(record.wrong, now + wait))
        if wait > 0:
            raise WrongPassphraseError(wait, tried=False)

    def begin(self) -> None:
        """Count one try as wrong before it is made, so that ending the process does not hide it."""
        wrong = self._load().wrong + 1
        self._save(_Record(wrong, self._now() + _delay(wrong)))

    def wrong(self) -> WrongPassphraseError:
        """Return the error that says how long to wait after the try just counted."""
        return WrongPassphraseError(_delay(self._load().wrong), tried=True)

    def reset(self) -> None:
        """Forget the wrong tries: the right passphrase was given."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _load(self) -> _Record:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Record)
        except (OSError, msgspec.MsgspecError):
            return _Record(0, 0.0)

    def _save(self, record: _Record) -> None:
        # A full disk must not keep anyone out of their own vault.
        with suppress(OSError, KnownError):
            replace_file(self._path, msgspec.json.encode(record))
