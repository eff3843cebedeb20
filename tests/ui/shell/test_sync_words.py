"""The top bar never says that all is well when it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from carelink.services.exchange.state import SyncState
from carelink.services.exchange.sync import MissingView, RefusalView
from carelink.sync.outcome import Why
from carelink.ui.shell.sync_words import headline, refusal_words
from carelink.ui.widgets import SyncLook

NOON = int(datetime(2026, 11, 22, 12).timestamp() * 1000)  # noqa: DTZ001  (this computer's own noon)
MINUTE, HOUR = 60_000, 3_600_000
WELL = SyncState(None, NOON - MINUTE, 0, 0, 0, (), (), ())
REFUSAL = RefusalView("c", "care", "d", 4, "fork")
MISSING = MissingView("c", "life", "d", 4, 9)


@pytest.mark.parametrize(
    ("state", "words", "look"),
    [
        (WELL, "À jour · il y a 1\u00a0min", "ok"),
        (replace(WELL, last_exchange=NOON), "À jour · à l’instant", "ok"),
        (replace(WELL, last_exchange=NOON - 3 * HOUR), "À jour · aujourd’hui 9\u00a0h", "ok"),
        (replace(WELL, last_exchange=None), "Aucun échange encore", "waiting"),
        (replace(WELL, to_send=1), "1 note à envoyer", "waiting"),
        (replace(WELL, offline_since=NOON - 2 * HOUR), "Hors ligne depuis 10\u00a0h", "offline"),
        (
            replace(WELL, offline_since=NOON - 18 * HOUR, to_send=3),
            "Hors ligne depuis hier 18\u00a0h · 3 notes à envoyer",
            "offline",
        ),
        (replace(WELL, held=2), "2 notes vous attendent", "waiting"),
        (replace(WELL, refusals=(REFUSAL,), offline_since=NOON), "1 refus à regarder", "problem"),
        (replace(WELL, missing=(MISSING, MISSING)), "2 notes manquantes", "problem"),
        (replace(WELL, alarms=("c",), refusals=(REFUSAL,)), "Membres à vérifier", "problem"),
    ],
)
def test_the_worst_is_said_first(state: SyncState, words: str, look: SyncLook) -> None:
    assert headline(state, running=False, now=NOON) == (words, look)


def test_an_exchange_under_way_is_said_but_never_hides_a_problem() -> None:
    assert headline(WELL, running=True, now=NOON) == ("Échange en cours", "working")
    assert headline(replace(WELL, refusals=(REFUSAL,)), running=True, now=NOON)[1] == "problem"
    assert headline(replace(WELL, offline_since=NOON), running=True, now=NOON)[1] == "offline"


def test_every_reason_of_a_refusal_has_words() -> None:
    for why in Why:
        assert str(why) not in refusal_words(str(why))
    assert "nouvelle_raison" in refusal_words("nouvelle_raison")
