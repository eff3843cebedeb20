"""The threat model names tests and pages that are there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "docs" / "threat-model.md"

_TEST = re.compile(r"`(tests/[\w/]+\.py)((?:::\w+)+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
_CODE = re.compile(r"`((?:carelink|tests|docs)/[\w./-]+)`")


def named_tests(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return each named test: its file, then class and function as pytest names them."""
    return [(path, tuple(names.split("::")[1:])) for path, names in _TEST.findall(text)]


@cache
def present_in(path: str) -> frozenset[tuple[str, ...]]:
    """Return the functions, classes and constants of a file, those of a class after its name."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    found: set[tuple[str, ...]] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add((node.name,))
        if isinstance(node, ast.Assign):  # as a state machine's own test case is
            found |= {(target.id,) for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.ClassDef):
            found |= {(node.name, inner.name) for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return frozenset(found)


def gone(text: str) -> list[str]:
    """Return the named tests that are not there."""
    return ["::".join((path, *names)) for path, names in named_tests(text) if names not in present_in(path)]


def dead(text: str) -> list[str]:
    """Return the relative links, and the paths written as code, that lead nowhere."""
    links = [link for link in _LINK.findall(text) if "://" not in link]
    return [
        *(link for link in links if not (MODEL.parent / link).exists()),
        *(path for path in _CODE.findall(text) if not (ROOT / path).exists()),
    ]


def test_each_test_that_is_said_to_show_something_is_there() -> None:
    text = MODEL.read_text(encoding="utf-8")
    assert gone(text) == []
    assert len(named_tests(text)) == len(re.findall(r"::(?:test_|TestRegistry)", text)), "each is read"


def test_each_adversary_says_what_shows_it() -> None:
    sections = re.split(
        r"^### (?=3\.)", MODEL.read_text(encoding="utf-8").partition("\n## 4")[0], flags=re.MULTILINE
    )
    assert [section.splitlines()[0] for section in sections[1:] if not named_tests(section)] == []
    assert len(sections) > 1


def test_no_link_is_dead() -> None:
    assert dead(MODEL.read_text(encoding="utf-8")) == []


def test_a_test_or_a_page_that_is_gone_is_noticed() -> None:
    here = "tests/docs/test_threat_model.py"
    assert gone(f"`{here}::test_no_link_is_dead`") == []
    assert gone(f"`{here}::test_of_yesterday`") == [f"{here}::test_of_yesterday"]
    assert gone("`tests/access/test_registry.py::test_it_happens_once`"), "it is in a class"
    assert gone("`tests/docs/test_gone.py::test_x`") == ["tests/docs/test_gone.py::test_x"]
    assert dead("[a](protocol.md#checks), [b](gone.md), `carelink/gone.py`") == [
        "gone.md",
        "carelink/gone.py",
    ]
