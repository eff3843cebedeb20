"""`status-of`, `fact`, `facts`, `decisions`, `join`: what a script reads."""

from __future__ import annotations

from tests.cli.conftest import Command
from tests.sync.house import URL

JEANNE = ("--given", "Jeanne", "--birth-name", "Lambert", "--birth", "1938-04-12", "--hub", URL)


def made(carelink: Command) -> str:
    assert carelink("account", "create", "--name", "Claire", "--profession", "nurse").code == 0
    circle = str(carelink("--json", "circle", "create", *JEANNE).only["circle"])
    assert carelink("sync").code == 0
    return circle


def test_a_status_is_said_dated_and_listed_with_its_history(carelink: Command) -> None:
    circle = made(carelink)
    assert carelink("--json", "circle", "show", circle).only["status"] == "present"
    said = carelink("--json", "status-of", circle, "hospitalised").only
    assert (said["status"], said["by"]) == ("hospitalised", "Claire")
    assert carelink("status-of", circle, "deceased").code == 0
    shown = carelink("--json", "circle", "show", circle).only
    assert shown["status"] == "deceased"
    assert [one["status"] for one in shown["status_history"]] == ["deceased", "hospitalised"]
    refused = carelink("write", circle, "--compartment", "life", "--text", "x")
    assert refused.code == 1
    assert "clôture" in refused.err
    closing = ("--compartment", "life", "--text", "x", "--kind", "closing")
    assert carelink("write", circle, *closing).code == 0
    assert carelink("invite", circle, "--role", "nurse").code == 1


def test_a_fact_is_written_listed_and_ended(carelink: Command) -> None:
    circle = made(carelink)
    fact = carelink(
        "--json", "fact", "add", circle, "trusted_person", "--person", "Anne", "--document", "formulaire"
    ).only["fact"]
    listed = carelink("--json", "facts", circle).only
    assert (listed["id"], listed["person"], listed["stands"], listed["told"]) == (fact, "Anne", True, True)
    assert "Personne de confiance" in carelink("facts", circle).out
    assert carelink("fact", "end", circle, str(fact), "--reason", "erreur").code == 0
    assert carelink("--json", "facts", circle).only["stands"] is False
    assert carelink("fact", "add", circle, "curatorship").code == 1
    assert carelink("--json", "decisions", circle).objects == []


def test_whoever_joins_is_told_what_is_kept(carelink: Command) -> None:
    circle = made(carelink)
    link = carelink("--json", "invite", circle, "--role", "relative", "--agreed", "oral").only["link"]
    assert carelink("account", "create", "--name", "Anne").code == 0
    joined = carelink("--json", "--account", "Anne", "join", str(link))
    assert "Combien de temps" in joined.only["notice"]
    assert "Combien de temps" in joined.err
