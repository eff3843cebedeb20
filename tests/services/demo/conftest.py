"""A small demonstration, built once for the tests that only look at it."""

from __future__ import annotations

import pytest

from carelink.models.vault.home import Home
from carelink.services.demo import Demo
from carelink.services.demo.corpus import Corpus

PEOPLE = ("claire-martin", "sofia-benali", "helene-roche", "anne-maurel", "odile-sarrazin")
DAYS = 30


def small_corpus() -> Corpus:
    """A nurse, a care assistant, a pharmacist, a daughter and a volunteer, over some days."""
    return Corpus.whole().slice(PEOPLE, DAYS)


def nothing(_step: str, _done: int, _total: int) -> None:
    """Progress that nobody looks at."""


@pytest.fixture(scope="session")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    demo = Demo(Home(tmp_path_factory.mktemp("small") / "demo"), small_corpus())
    assert demo.build(nothing)
    return demo
