"""When things happened: the corpus counts days back, the demonstration counts from now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from carelink.services.demo.corpus import Act

ZONE = ZoneInfo("Europe/Paris")
LATEST_MS = 3 * 60 * 1000
_SPREAD_MS = 40 * 60 * 1000


class Clock:
    """A clock that stands where it is put; each account's session reads it."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return milliseconds since 1970."""
        return self.now


def local_moment(now: int, days_ago: int, time: dt.time) -> int:
    """Return the milliseconds of a time of day in the circles' zone, so many days before `now`."""
    today = dt.datetime.fromtimestamp(now / 1000, ZONE).date()
    moment = dt.datetime.combine(today - dt.timedelta(days=days_ago), time, ZONE)
    return int(moment.timestamp() * 1000)


def moments(acts: Sequence[Act], now: int) -> list[int]:
    """Return when each act happened, in milliseconds; none is later than just before `now`.

    Args:
        acts: In their order, which is kept.
        now: The moment of the demonstration.
    """
    wanted = [local_moment(now, act.days_ago, act.of_day) for act in acts]
    latest = now - LATEST_MS
    past = [moment for moment in wanted if moment <= latest]
    late = len(wanted) - len(past)
    if not late:
        return wanted
    # The demonstration is opened before the day's notes would have been written.
    first = max([latest - _SPREAD_MS, *past[-1:]])
    step = (latest - first) / late
    return past + [int(first + step * place) for place in range(1, late + 1)]
