"""Days, times and ages as people say them: "hier 16 h", "12 avril 1938", "88 ans"."""

from __future__ import annotations

import datetime

from carelink.language import tr
from carelink.ui.moments import clock_words

NBSP = "\u00a0"


def local_time(milliseconds: int) -> datetime.datetime:
    """Return a moment in this computer's zone."""
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC).astimezone()


def today() -> datetime.date:
    """Return the date here and now."""
    return datetime.datetime.now(datetime.UTC).astimezone().date()


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


def day_words(day: datetime.date, *, year: bool) -> str:
    """Return "12 avril", or "12 avril 1938" with the year."""
    number = tr("1er") if day.day == 1 else str(day.day)
    words = tr("{day}\u00a0{month}", day=number, month=month_name(day))
    return f"{words}{NBSP}{day.year}" if year else words


def when_words(milliseconds: int, now: datetime.date) -> str:
    """Return a moment in words, the closer the shorter: "6 h 55", "hier 16 h", "12 mars, 9 h"."""
    moment = local_time(milliseconds)
    clock, day = clock_words(moment), moment.date()
    days = (now - day).days
    if days == 0:
        return clock
    if days == 1:
        return tr("hier {clock}", clock=clock)
    if 1 < days < 7:
        return f"{weekday_name(day)} {clock}"
    return f"{day_words(day, year=day.year != now.year)}, {clock}"


def day_heading(day: datetime.date, now: datetime.date) -> str:
    """Return the heading of a day: "Aujourd'hui, dimanche 22 novembre"."""
    words = f"{weekday_name(day)} {day_words(day, year=day.year != now.year)}"
    days = (now - day).days
    if days == 0:
        return tr("Aujourd’hui, {day}", day=words)
    if days == 1:
        return tr("Hier, {day}", day=words)
    return words[:1].upper() + words[1:]


def age_on(birth: datetime.date, day: datetime.date) -> int:
    """Return how many birthdays have passed."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
