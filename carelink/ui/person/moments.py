"""Days, times and ages as people say them: "hier 16 h", "12 avril 1938", "88 ans"."""

from __future__ import annotations

import datetime

from carelink.language import tr
from carelink.services.moments import clock_words, day_words, local_time, weekday_name

__all__ = ["age_on", "day_heading", "day_words", "local_time", "today", "when_words"]


def today() -> datetime.date:
    """Return the date here and now."""
    return datetime.datetime.now(datetime.UTC).astimezone().date()


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
