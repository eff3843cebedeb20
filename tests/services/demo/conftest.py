"""A small demonstration, built once for the tests that only look at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from carelink.models.vault.home import Home
from carelink.services.demo import Demo
from carelink.services.demo.corpus import Corpus
from tests.sync.fixtures import quicken

PEOPLE = ("claire-martin", "sofia-benali", "helene-roche", "anne-maurel", "odile-sarrazin")
DAYS = 30


def small_corpus() -> Corpus:
    """A nurse, a care assistant, a pharmacist, a daughter and a volunteer, over some days."""
    return Corpus.whole().slice(PEOPLE, DAYS)


def smallest_corpus() -> Corpus:
    """The nurse and the daughter, over some days."""
    return Corpus.whole().slice(("claire-martin", "anne-maurel"), 10)


def nothing(_step: str, _done: int, _total: int) -> None:
    """Progress that nobody looks at."""


@pytest.fixture(scope="module")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with pytest.MonkeyPatch.context() as patch:
        quicken(patch)
        demo = Demo(Home(tmp_path_factory.mktemp("small") / "demo"), small_corpus())
        assert demo.build(nothing)
        yield demo
