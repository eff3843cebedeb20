"""A PIN re-opens what was unlocked since the application started, from this process's memory, five tries.

What is kept of it on the disk is inside the encrypted vault: whoever could read it there needs it no more.
The vault's key stays in memory under what Argon2id makes of the PIN and a random secret of that memory.
"""

from __future__ import annotations

import secrets
import threading
from itertools import pairwise
from typing import Final

import msgspec

from carelink.crypto.primitives import KEY_BYTES, UnsealError, derive, seal, stretch, unseal
from carelink.language import tr
from carelink.models.vault.errors import SpentPinError, WeakPinError, WrongPinError

TRIES: Final = 5
LEAST_DIGITS: Final = 6
LONGEST_DATE: Final = 8
LEAST_VARIED: Final = 3
SALT_BYTES: Final = 32

_INFO: Final = b"carelink/1/pin"
_CENTURIES: Final = ("19", "20")


class PinRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the vault holds of a PIN.

    Attributes:
        salt: Of Argon2id.
        stretched: What it made of the PIN.
        mark: The passphrase's when the PIN was chosen: another passphrase ends the PIN.
    """

    salt: bytes
    stretched: bytes
    mark: bytes

    @classmethod
    def of(cls, pin: str, mark: bytes) -> PinRecord:
        """Return what to hold of a PIN; takes one Argon2id."""
        salt = secrets.token_bytes(SALT_BYTES)
        return cls(salt, stretch(pin, salt), mark)

    @classmethod
    def loaded(cls, setting: object) -> PinRecord | None:
        """Return what a vault's setting holds, or None where that is no PIN."""
        try:
            return msgspec.convert(setting, cls)
        except msgspec.ValidationError:
            return None

    def setting(self) -> object:
        """Return it as a vault's setting."""
        return msgspec.to_builtins(self)


class KeptKey:
    """A vault's key in memory, which the PIN gives back; five wrong tries in all, then it is forgotten.

    The right PIN does not give tries back: only the passphrase does, by making another one of these.

    Args:
        key: The vault's key.
        record: What the vault holds of the PIN.
    """

    def __init__(self, key: bytes, record: PinRecord) -> None:
        self._turn = threading.Lock()
        self._salt = record.salt
        self._mark = record.mark
        # Used once: another opening by passphrase makes another.
        self._secret = secrets.token_bytes(KEY_BYTES)
        self._sealed = seal(self._wrapping(record.stretched), key, _INFO)
        self._tries = TRIES

    @property
    def tries_left(self) -> int:
        """How many wrong PINs are still borne."""
        return self._tries

    def forget(self) -> None:
        """Keep nothing: only the passphrase opens."""
        self._tries = 0
        self._secret = self._sealed = b""

    def key(self, pin: str, mark: bytes) -> bytes:
        """Return the vault's key; takes one Argon2id.

        Args:
            pin: As typed.
            mark: The passphrase's now.

        Raises:
            WeakPinError: It is no PIN at all; no try is counted.
            WrongPinError: It is another one.
            SpentPinError: Only the passphrase opens from now on.
        """
        digits = checked_digits(pin)
        with self._turn:
            if mark != self._mark:
                self.forget()
            if not self._tries:
                raise SpentPinError
            self._tries -= 1
            try:
                key = unseal(self._wrapping(stretch(digits, self._salt)), self._sealed, _INFO)
            except UnsealError as error:
                if self._tries:
                    raise WrongPinError(self._tries) from error
                self.forget()
                raise SpentPinError from error
            self._tries += 1
            return key

    def _wrapping(self, stretched: bytes) -> bytes:
        return derive(stretched + self._secret, self._salt, _INFO)


def checked_digits(pin: str) -> str:
    """Return a PIN as it is derived from: without the spaces that people put between digits.

    Raises:
        WeakPinError: Something else than digits, or too few.
    """
    digits = "".join(pin.split())
    if not (digits.isascii() and digits.isdecimal()):
        raise WeakPinError(
            tr("Un code PIN n’a que des chiffres\u00a0: vérifiez la touche Majuscule ou le pavé numérique.")
        )
    if len(digits) < LEAST_DIGITS:
        raise WeakPinError(tr("Un code PIN a au moins {n} chiffres.", n=LEAST_DIGITS))
    return digits


def require_good_pin(pin: str) -> str:
    """Return the digits of a PIN that is not among the first that someone would try.

    Raises:
        WeakPinError: It is, with what is wrong with it.
    """
    digits = checked_digits(pin)
    if len(set(digits)) < LEAST_VARIED:
        raise WeakPinError(tr("Ce code répète les mêmes chiffres\u00a0: prenez-en un plus varié."))
    if _is_run(digits):
        raise WeakPinError(tr("Ces chiffres se suivent régulièrement\u00a0: prenez-les dans le désordre."))
    if _repeats(digits):
        raise WeakPinError(tr("Ce code répète le même motif\u00a0: prenez-en un plus varié."))
    if _holds_date(digits):
        raise WeakPinError(
            tr("Ce code ressemble à une date, qu’on essaierait d’abord\u00a0: prenez-en un autre.")
        )
    return digits


def _is_run(digits: str) -> bool:
    """Whether each digit is the one before plus the same step, 9 going on to 0."""
    return len({(int(b) - int(a)) % 10 for a, b in pairwise(digits)}) == 1


def _repeats(digits: str) -> bool:
    """Whether it is one part written again and again, or each digit twice: 121212, 123123, 112233."""
    again = digits in (digits + digits)[1:-1]
    pairs = len(digits) % 2 == 0 and digits[::2] == digits[1::2]
    return again or pairs


def _holds_date(digits: str) -> bool:
    """Whether a year of these two centuries is in it, or the whole is a day, in any usual order."""
    if len(digits) > LONGEST_DATE:
        return False
    if any(digits[at : at + 2] in _CENTURIES for at in range(len(digits) - 3)):
        return True
    if len(digits) != LEAST_DIGITS:
        return False
    first, second, third = (int(digits[at : at + 2]) for at in (0, 2, 4))
    return any(1 <= d <= 31 and 1 <= m <= 12 for d, m in ((first, second), (second, first), (third, second)))
