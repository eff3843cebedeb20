"""The recovery drill: a PC is lost, and the printed words alone bring every circle back."""

from __future__ import annotations

import re
import stat
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.house import House, Person, Service, let_in


def words_of(page: str) -> list[str]:
    numbered = {int(number): word for number, word in re.findall(r"(\d+)\. ([^\W\d_]+)", page)}
    return [numbered[number] for number in range(1, 25)]


def begun(person: Person, url: str) -> str:
    """Return a circle that someone begins, once its relay knows it."""
    patient = ("--given", "Lucien", "--birth-name", "Moreau", "--birth", "1936-01-02")
    circle: str = person.run("circle", "create", *patient, "--hub", url).one["circle"]
    person.sync()
    return circle


def test_the_printed_words_alone_bring_every_circle_back(house: House, tmp_path: Path) -> None:
    page = tmp_path / "feuille.txt"
    made = house.daughter.run("account", "sheet", "--out", str(page))
    assert made.code == 0, made.said
    assert "ATTENTION" in made.said
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert house.hub.url in page.read_text(encoding="utf-8")
    house.nurse.write(house.circle, "life", "Avant la perte")
    house.nurse.sync()
    house.daughter.write(house.circle, "life", "De l’ancien ordinateur")
    for someone in (house.daughter, house.nurse, house.daughter):
        someone.sync()
    texts = house.daughter.texts(house.circle)
    # The words alone, shouted and without accents, and the address beside them.
    bare = " ".join(words_of(page.read_text(encoding="utf-8"))).upper()
    bare = "".join(c for c in unicodedata.normalize("NFD", bare) if not unicodedata.combining(c))
    typed = tmp_path / "mots.txt"
    typed.write_text(bare, encoding="utf-8")
    new = Person(tmp_path / "bare")
    result = new.run("account", "recover", "--words-file", str(typed), "--hub", house.hub.url)
    assert result.code == 0, result.said
    assert result.one["circles"] == [house.circle]
    assert result.one["account"] == house.daughter.account
    assert new.texts(house.circle) == texts
    new.write(house.circle, "life", "Du nouvel ordinateur")
    assert new.sync().one["pushed"] >= 1
    house.nurse.sync()
    assert house.nurse.texts(house.circle)[0] == "Du nouvel ordinateur"
    members = house.nurse.run("circle", "show", house.circle).one["members"]
    assert len([member for member in members if member["id"] == house.daughter.account]) == 1
    house.nurse.write(house.circle, "life", "Bon retour")
    house.nurse.sync()
    synced = new.sync().one
    assert (synced["refused"], synced["missing"]) == ([], [])
    assert new.texts(house.circle)[0] == "Bon retour"
    # The words still work, from the page as it was printed.
    again = Person(tmp_path / "again")
    result = again.run("account", "recover", "--words-file", str(page))
    assert result.code == 0, result.said
    assert again.texts(house.circle) == new.texts(house.circle)


def test_a_sheet_made_with_the_account_brings_back_what_was_joined_and_created_since(
    house: House, tmp_path: Path
) -> None:
    page = tmp_path / "feuille.txt"
    cousin = Person(tmp_path / "cousin")
    made = cousin.run("account", "create", "--name", "Léa Moreau", "--sheet", str(page)).one
    cousin.account = made["account"]
    let_in(house.nurse, cousin, house.circle, "relative")
    own = begun(cousin, house.hub.url)
    cousin.sync()
    cousin.write(own, "life", "Mon propre cercle")
    cousin.sync()
    house.nurse.write(house.circle, "life", "Bonjour Léa")
    house.nurse.sync()
    new = Person(tmp_path / "bare")
    result = new.run("account", "recover", "--words-file", str(page), "--hub", house.hub.url)
    assert result.code == 0, result.said
    assert sorted(result.one["circles"]) == sorted([own, house.circle])
    assert new.texts(own) == ["Mon propre cercle"]
    assert new.texts(house.circle)[0] == "Bonjour Léa"


def test_a_new_sheet_takes_the_place_of_the_old_one(house: House, tmp_path: Path) -> None:
    old, young = tmp_path / "old.txt", tmp_path / "young.txt"
    for page in (old, young):
        assert house.daughter.run("account", "sheet", "--out", str(page)).code == 0
        house.daughter.sync()
    refused = Person(tmp_path / "refused").run("account", "recover", "--words-file", str(old))
    assert refused.code == 1
    assert "ne connaît pas cette feuille" in refused.said
    result = Person(tmp_path / "bare").run("account", "recover", "--words-file", str(young))
    assert result.code == 0, result.said


def test_a_wrong_word_and_a_missing_one_are_named(house: House, tmp_path: Path) -> None:
    page = tmp_path / "feuille.txt"
    assert house.daughter.run("account", "sheet", "--out", str(page)).code == 0
    house.daughter.sync()
    text = page.read_text(encoding="utf-8")
    seventh = words_of(text)[6]
    typed = tmp_path / "typed.txt"
    for changed, said in (
        (text.replace(f" 7. {seventh}", " 7. zzyzx"), "mot 7"),
        (text.replace(f" 7. {seventh}", "    "), "numéros 7)"),
        (" ".join(words_of(text)[:-1]), "23 mots"),
    ):
        typed.write_text(changed, encoding="utf-8")
        bare = Person(tmp_path / "bare")
        result = bare.run("account", "recover", "--words-file", str(typed), "--hub", house.hub.url)
        assert result.code == 1
        assert said in result.said
        assert bare.run("account", "list").lines == []


def test_an_absent_relay_is_said_and_the_same_command_goes_on_later(
    house: House, tmp_path: Path, hub: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "feuille.txt"
    other = begun(house.daughter, hub.url)
    assert house.daughter.run("account", "sheet", "--out", str(page)).code == 0
    house.daughter.sync()
    port = hub.url
    hub.stop()
    new = Person(tmp_path / "bare")
    result = new.run("account", "recover", "--words-file", str(page))
    assert result.code == 1
    assert port in result.said
    assert result.lines[0]["circles"] == [house.circle]
    hub.start()
    result = new.run("account", "recover", "--words-file", str(page))
    assert result.code == 0, result.said
    assert sorted(result.one["circles"]) == sorted([other, house.circle])
    house.hub.stop()
    hub.stop()
    nowhere = Person(tmp_path / "nowhere").run("account", "recover", "--words-file", str(page))
    assert nowhere.code == 1
    assert "ne répond pas" in nowhere.said


def test_killed_at_any_call_the_same_command_ends_well(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from carelink.sync.carriers.http import HttpCarrier

    page = tmp_path / "feuille.txt"
    assert house.daughter.run("account", "sheet", "--out", str(page)).code == 0
    house.daughter.sync()
    house.nurse.write(house.circle, "life", "Avant la perte")
    house.nurse.sync()
    call: Callable[..., object] = HttpCarrier.call
    new = Person(tmp_path / "bare")
    for allowed in range(1, 60):
        left = [allowed]

        def counted(carrier: HttpCarrier, request: object, left: list[int] = left) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            answer = call(carrier, request)
            if left[0] == 0:
                raise KeyboardInterrupt
            return answer

        with monkeypatch.context() as patch:
            patch.setattr(HttpCarrier, "call", counted)
            result = new.run("account", "recover", "--words-file", str(page))
        if result.code == 0:
            break
        assert result.code == 130, result.said
    assert result.one["circles"] == [house.circle]
    assert "Avant la perte" in new.texts(house.circle)
    new.write(house.circle, "life", "De retour")
    assert new.sync().one["pushed"] >= 1


def test_a_lost_pc_is_cut_off_everywhere_in_one_action(house: House, tmp_path: Path) -> None:
    page = tmp_path / "feuille.txt"
    assert house.daughter.run("account", "sheet", "--out", str(page)).code == 0
    house.daughter.sync()
    new = Person(tmp_path / "bare")
    assert new.run("account", "recover", "--words-file", str(page)).code == 0
    devices = new.run("account", "devices").lines
    (lost,) = [device for device in devices if not device["this"] and not device["paper"]]
    assert new.run("account", "revoke", lost["device"]).one["revoked"] == [lost["device"]]
    assert {d["state"] for d in new.run("account", "devices").lines} == {"active", "revoking"}
    new.sync()
    assert {d["state"] for d in new.run("account", "devices").lines} == {"active", "revoked"}
    new.write(house.circle, "life", "Après le vol")
    new.sync()
    house.nurse.sync()
    house.nurse.write(house.circle, "life", "Après le vol aussi")
    house.nurse.sync()
    house.daughter.run("sync")
    assert not any("Après le vol" in text for text in house.daughter.texts(house.circle))
    new.sync()
    assert new.texts(house.circle)[:2] == ["Après le vol aussi", "Après le vol"]
    # The old PC vouched for the sheet, which vouched for the new one: it comes in nowhere again.
    own = begun(new, house.hub.url)
    members = new.run("circle", "show", own).one["members"]
    assert len(members) == 1
    house.daughter.run("sync")
    assert own not in [line["circle"] for line in house.daughter.run("circle", "list").lines]
    again = Person(tmp_path / "again")
    result = again.run("account", "recover", "--words-file", str(page))
    assert result.code == 0, result.said
    assert sorted(result.one["circles"]) == sorted([own, house.circle])
    assert "Après le vol aussi" in again.texts(house.circle)
