"""The tour leaves one picture for each screen of each profile, none empty, none twice."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from carelink.errors import BugError, KnownError
from carelink.services.demo.corpus import Corpus
from carelink.ui.tour import Look, run_tour
from carelink.ui.tour import waiting as tour_waiting
from carelink.ui.tour.tour import read_size
from carelink.ui.tour.waiting import until
from tests.sync.fixtures import quicken

PEOPLE = ("claire-martin", "anne-maurel", "helene-roche")
DAYS = 20
SMALL = Look(1200, 800)

EVERYONE = {"cahier", "unread", "volet-coordination", "urgent", "search", "circle", "matrix", "leave"}
WRITERS = {"volet-life", "composer-life", "composer-urgent"}
EXPECTED = {
    "all": {"people"},
    "newcomer": {
        "welcome",
        "restore",
        "pair",
        "account",
        "passphrase",
        "sheet",
        "sheet-words",
        "sheet-check",
        "sheet-done",
        "join",
        "join-typed",
        "waiting",
        "let-in",
        "create-circle",
        "unlock",
        "unlock-refused",
        "settings",
        "passphrase-change",
        "passphrase-weak",
        "pin",
        "pin-weak",
        "settings-pin",
        "unlock-pin",
        "unlock-pin-refused",
    },
    "nurse": EVERYONE
    | WRITERS
    | {
        "persons",
        "volet-care",
        "volet-care_inbox",
        "composer-coordination",
        "composer-care",
        "composer-readers",
        "composer-restricted",
        "history",
        "correction",
        "withdrawal",
        "member",
        "member-open-care",
        "member-close-life",
        "member-close-coordination",
        "member-close-care",
        "member-role",
        "member-remove",
        "trace",
        "invite",
        "invite-relative",
        "invite-agreement",
        "invite-code",
        "invitation-open",
        "invitation-answered",
        "invitation-done",
        "exchanges",
    },
    "pharmacist": EVERYONE | {"persons", "volet-care", "volet-care_inbox"},
    "daughter": EVERYONE | WRITERS | {"settings"},
}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, qapp: QApplication) -> list[Path]:
    out = tmp_path_factory.mktemp("tour")
    (out / "999-nurse-of-an-earlier-tour.png").touch()
    with pytest.MonkeyPatch.context() as patch:
        quicken(patch)
        found = run_tour(
            out, SMALL, lambda _step, _done, _total: None, corpus=Corpus.whole().slice(PEOPLE, DAYS)
        )
    assert sorted(out.iterdir()) == found
    return found


@pytest.mark.e2e
@pytest.mark.timeout(400)
def test_each_screen_of_each_profile_has_its_picture(pictures: list[Path]) -> None:
    profiles = sorted(EXPECTED, key=len, reverse=True)
    seen = defaultdict(set)
    for number, picture in enumerate(pictures, start=1):
        place, _, rest = picture.stem.partition("-")
        assert int(place) == number
        profile = next(profile for profile in profiles if rest.startswith(f"{profile}-"))
        seen[profile].add(rest.removeprefix(f"{profile}-"))

    assert dict(seen) == EXPECTED


@pytest.mark.e2e
@pytest.mark.timeout(400)
def test_pictures_are_of_the_wanted_size_and_none_is_empty_or_like_another(pictures: list[Path]) -> None:
    images = {picture.name: QImage(str(picture)) for picture in pictures}

    assert {(image.width(), image.height()) for image in images.values()} == {(1200, 800)}
    for name, image in images.items():
        colors = {image.pixel(x, y) for x in range(0, 1200, 7) for y in range(0, 800, 7)}
        assert len(colors) > 8, name
    assert len({path.read_bytes() for path in pictures}) == len(pictures)


def test_the_gallery_is_one_picture(tmp_path: Path, qapp: QApplication) -> None:
    found = run_tour(tmp_path, SMALL, lambda _step, _done, _total: None, gallery=True)

    assert [path.name for path in found] == ["001-all-gallery.png"]
    assert QImage(str(found[0])).height() >= 800


def test_the_tour_says_what_it_waited_for_in_vain(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tour_waiting, "LONGEST_SECONDS", 0.1)

    with pytest.raises(BugError, match="a pig flies"):
        until(lambda: False, "a pig flies")


@pytest.mark.parametrize("text", ["1440", "1440x", "big", "100x100", "99999x900", "-5x900"])
def test_a_size_that_is_none_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(KnownError, match="1440x900"):
        read_size(text)


def test_a_size_is_width_by_height() -> None:
    assert read_size("1280X720") == (1280, 720)
