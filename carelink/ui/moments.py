"""Times in words, as people say them: "il y a 3 min", "hier 18 h", "le 12 avril 2026"."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta

from carelink.language import tr
from carelink.services.moments import clock_words, month_name

__all__ = ["ago_words", "clock_words", "day_words", "moment_words", "now_ms", "since_words"]

_MINUTE_MS = 60_000


def now_ms() -> int:
    """Return milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def day_words(day: date, *, today: date) -> str:
    """Return a day: "aujourd’hui", "hier", "12 avril", "12 avril 2025"."""
    if day == today:
        return tr("aujourd’hui")
    if day == today - timedelta(days=1):
        return tr("hier")
    words = f"{tr('1er') if day.day == 1 else day.day}\u00a0{month_name(day)}"
    return words if day.year == today.year else f"{words} {day.year}"


def moment_words(milliseconds: int, now: int | None = None) -> str:
    """Return when something was: "aujourd’hui 8 h 30", "hier 18 h", "12 avril 9 h 05"."""
    moment, today = _local(milliseconds), _local(now if now is not None else now_ms()).date()
    return f"{day_words(moment.date(), today=today)} {clock_words(moment)}"


def since_words(milliseconds: int, now: int | None = None) -> str:
    """Return when something began, to follow "depuis": "8 h 30", "hier 18 h"."""
    moment, today = _local(milliseconds), _local(now if now is not None else now_ms()).date()
    clock = clock_words(moment)
    return clock if moment.date() == today else f"{day_words(moment.date(), today=today)} {clock}"


def ago_words(milliseconds: int, now: int | None = None) -> str:
    """Return how long ago: "à l’instant", "il y a 3 min", then the moment itself."""
    now = now if now is not None else now_ms()
    minutes = (now - milliseconds) // _MINUTE_MS
    if minutes < 1:
        return tr("à l’instant")
    if minutes < 60:
        return tr("il y a {n}\u00a0min", n=minutes)
    return moment_words(milliseconds, now)


def _local(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000).astimezone()
