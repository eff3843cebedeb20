"""Values as typed on a command line: dates, durations, texts, passphrases."""

from __future__ import annotations

import getpass
import os
import re
import sys
from argparse import ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from carelink.errors import KnownError
from carelink.language import tr
from carelink.records.bodies import MAX_TEXT_CHARACTERS
from carelink.services.errors import TextTooLongError

PASSPHRASE_VARIABLE = "CARELINK_PASSPHRASE"  # noqa: S105  (a variable's name)
NEW_PASSPHRASE_VARIABLE = "CARELINK_NEW_PASSPHRASE"  # noqa: S105  (a variable's name)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_UTF8_BYTES = 4
_MOST_WORDS_BYTES = 1 << 20


def duration(text: str) -> int:
    """Return milliseconds for "5s", "10m", "24h" or "7d"."""
    match = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    if match is None:
        raise ArgumentTypeError(tr("une durée s’écrit 30s, 10m, 24h ou 7d"))
    return int(match[1]) * _UNITS[match[2]] * 1000


def moment(text: str) -> int:
    """Return milliseconds since 1970 for an ISO date or date and time (local where no zone is named)."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(tr("une date s’écrit 2026-12-31 ou 2026-12-31T18:00")) from None
    return int(value.astimezone(UTC).timestamp() * 1000)


def iso(milliseconds: int | None) -> str | None:
    """Return a time as ISO 8601 in UTC."""
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def spoken_time(milliseconds: int) -> str:
    """Return a time for a person, in this computer's zone."""
    try:
        zone: ZoneInfo | None = ZoneInfo("localtime")
    except ZoneInfoNotFoundError:
        zone = None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(zone).strftime("%d/%m/%Y %H:%M")


def text_argument(text: str) -> str:
    """Return a text given on the command line, or read from the standard input for "-".

    Raises:
        TextTooLongError: Over the limit; the rest is not read.
        KnownError: Not UTF-8.
    """
    if text != "-":
        return text
    limit = MAX_TEXT_CHARACTERS
    data = sys.stdin.buffer.read((limit + 1) * _UTF8_BYTES + 1)
    try:
        read = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(data) <= (limit + 1) * _UTF8_BYTES:
            raise KnownError(tr("Le texte reçu n’est pas de l’UTF-8\u00a0: rien n’a été publié.")) from error
        read = data.decode("utf-8", errors="replace")
    if len(read.strip()) > limit:
        rest = sum(len(chunk) for chunk in iter(lambda: sys.stdin.buffer.read(1 << 20), b""))
        raise TextTooLongError(len(read.strip()) + rest, limit)
    return read


def words_text(file: Path) -> str:
    """Return the text in which the words of a recovery sheet stand; "-" is the standard input.

    Raises:
        KnownError: An unreadable file.
    """
    if str(file) == "-":
        return sys.stdin.buffer.read(_MOST_WORDS_BYTES).decode("utf-8", errors="replace")
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST_WORDS_BYTES).decode("utf-8", errors="replace")
    except OSError as error:
        raise KnownError(
            tr("Le fichier des mots de secours ne peut pas être lu\u00a0: {path}.", path=file)
        ) from error


def passphrase(file: Path | None, prompt: str, *, interactive: bool, again: bool = False) -> str:
    """Return the passphrase from a file, the environment, or a prompt.

    Args:
        file: First line of this file, where given.
        prompt: What to ask.
        interactive: Whether a prompt is allowed.
        again: Whether to ask twice, for a new one.

    Raises:
        KnownError: Nowhere to take it from, an unreadable file, or two different ones typed.
    """
    if (known := _given(file, PASSPHRASE_VARIABLE)) is not None:
        return known
    if not interactive or not sys.stdin.isatty():
        raise KnownError(
            tr("La phrase de passe manque\u00a0: donnez-la par --passphrase-file ou CARELINK_PASSPHRASE.")
        )
    typed = getpass.getpass(prompt)
    if again and getpass.getpass(tr("Encore une fois\u00a0: ")) != typed:
        raise KnownError(tr("Les deux phrases de passe diffèrent\u00a0: rien n’a été créé."))
    return typed


def new_passphrase(file: Path | None, *, interactive: bool) -> str:
    """Return the passphrase to change to, from a file, the environment, or a prompt answered twice.

    Args:
        file: First line of this file, where given.
        interactive: Whether a prompt is allowed.

    Raises:
        KnownError: Nowhere to take it from, an unreadable file, or two different ones typed.
    """
    if (known := _given(file, NEW_PASSPHRASE_VARIABLE)) is not None:
        return known
    if not interactive or not sys.stdin.isatty():
        raise KnownError(
            tr(
                "La nouvelle phrase de passe manque\u00a0: donnez-la par --new-passphrase-file ou "
                "CARELINK_NEW_PASSPHRASE."
            )
        )
    typed = getpass.getpass(tr("Nouvelle phrase de passe\u00a0: "))
    if getpass.getpass(tr("Encore une fois\u00a0: ")) != typed:
        raise KnownError(tr("Les deux phrases de passe diffèrent\u00a0: rien n’a été changé."))
    return typed


def _given(file: Path | None, variable: str) -> str | None:
    """Return the first line of a file, else what the environment says."""
    if file is None:
        return os.environ.get(variable)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KnownError(
            tr("Le fichier de la phrase de passe ne peut pas être lu\u00a0: {path}.", path=file)
        ) from error
    return lines[0] if lines else ""
