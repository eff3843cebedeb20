"""Days and times in words, for screens, the command line and what is exported."""

from __future__ import annotations

import datetime

from carelink.language import tr

_WEEK = 7


def local_time(milliseconds: int) -> datetime.datetime:
    """Return a moment in this computer's zone."""
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC).astimezone()


def weekday_name(day: datetime.date) -> str:
    """Return "lundi" and so on."""
    names = (
        tr("lundi"),
        tr("mardi"),
        tr("mercredi"),
        tr("jeudi"),
        tr("vendredi"),
        tr("samedi"),
        tr("dimanche"),
    )
    return names[day.weekday()]


def month_name(day: datetime.date) -> str:
    """Return "janvier" and so on."""
    names = (
        tr("janvier"),
        tr("février"),
        tr("mars"),
        tr("avril"),
        tr("mai"),
        tr("juin"),
        tr("juillet"),
        tr("août"),
        tr("septembre"),
        tr("octobre"),
        tr("novembre"),
        tr("décembre"),
    )
    return names[day.month - 1]


def clock_words(moment: datetime.datetime) -> str:
    """Return a time of day: "8 h 30", "10 h"."""
    if moment.minute:
        return tr("{h}\u00a0h\u00a0{m}", h=moment.hour, m=f"{moment.minute:02}")
    return tr("{h}\u00a0h", h=moment.hour)


def day_words(day: datetime.date, *, year: bool) -> str:
    """Return "12 avril", or "12 avril 1938" with the year."""
    number = tr("1er") if day.day == 1 else str(day.day)
    words = tr("{day}\u00a0{month}", day=number, month=month_name(day))
    return f"{words}\u00a0{day.year}" if year else words


def at_words(milliseconds: int, today: datetime.date) -> str:
    """Return when something was, to end a sentence: "mardi à 21 h 04", "le 12 mars à 9 h"."""
    moment = local_time(milliseconds)
    clock, day = clock_words(moment), moment.date()
    days = (today - day).days
    if days == 0:
        return tr("aujourd’hui à {clock}", clock=clock)
    if days == 1:
        return tr("hier à {clock}", clock=clock)
    if 1 < days < _WEEK:
        return tr("{weekday} à {clock}", weekday=weekday_name(day), clock=clock)
    return tr("le {day} à {clock}", day=day_words(day, year=day.year != today.year), clock=clock)
