"""Times near today are said as people say them."""

from __future__ import annotations

from datetime import datetime

import pytest

from carelink.ui.moments import ago_words, moment_words, since_words

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def _at(*parts: int) -> int:
    return int(datetime(*parts).timestamp() * 1000)  # type: ignore[arg-type]  # noqa: DTZ001


NOW = _at(2026, 11, 22, 14, 5)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "aujourd’hui 14\u00a0h\u00a005"),
        (_at(2026, 11, 22, 8), "aujourd’hui 8\u00a0h"),
        (_at(2026, 11, 21, 18, 30), "hier 18\u00a0h\u00a030"),
        (_at(2026, 11, 1, 9), "1er\u00a0novembre 9\u00a0h"),
        (_at(2025, 12, 24, 0, 1), "24\u00a0décembre 2025 0\u00a0h\u00a001"),
    ],
)
def test_a_moment_names_its_day_only_as_far_as_needed(moment: int, words: str) -> None:
    assert moment_words(moment, NOW) == words


def test_what_began_today_is_said_by_its_hour_alone() -> None:
    assert since_words(_at(2026, 11, 22, 9, 30), NOW) == "9\u00a0h\u00a030"
    assert since_words(_at(2026, 11, 21, 9, 30), NOW) == "hier 9\u00a0h\u00a030"


def test_the_last_hour_is_counted_in_minutes() -> None:
    assert ago_words(NOW - MINUTE // 2, NOW) == "à l’instant"
    assert ago_words(NOW + HOUR, NOW) == "à l’instant"
    assert ago_words(NOW - 3 * MINUTE, NOW) == "il y a 3\u00a0min"
    assert ago_words(NOW - HOUR, NOW) == "aujourd’hui 13\u00a0h\u00a005"
