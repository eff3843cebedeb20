"""The texts that people read, taken out of the sources.

`python -m tests.catalogue` lists what the English catalogue lacks, as TOML to fill in, and what it has
too much.
"""

from __future__ import annotations

import ast
import string
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
CATALOGUE = TOP / "resources" / "translations" / "en.toml"


@dataclass(frozen=True)
class Said:
    """A text given to `tr`; `source` is None where it is not written out there."""

    place: str
    source: str | None
    values: frozenset[str]


@cache
def said() -> tuple[Said, ...]:
    """Return every call of `tr` under `carelink/`."""
    return tuple(_said())


def _said() -> Iterator[Said]:
    for path in sorted((TOP / "carelink").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr"):
                continue
            place = f"{path.relative_to(TOP)}:{node.lineno}"
            values = frozenset(keyword.arg or "**" for keyword in node.keywords)
            yield Said(place, _literal(node.args[0]) if len(node.args) == 1 else None, values)


def _literal(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _literal(node.left), _literal(node.right)
        return None if left is None or right is None else left + right
    return None


def placeholders(text: str) -> frozenset[str]:
    """Return the names in braces."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def sources() -> list[str]:
    """Return each French source once, in order."""
    return sorted({one.source for one in said() if one.source is not None})


def english() -> dict[str, str]:
    """Return the English catalogue."""
    messages: dict[str, str] = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["messages"]
    return messages


def toml_string(text: str) -> str:
    """Return a text as a TOML string on one line, its no-break spaces visible."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\u00a0": "\\u00a0", "\u202f": "\\u202f"}
    return '"' + "".join(escapes.get(letter, letter) for letter in text) + '"'


def write(messages: dict[str, str]) -> None:
    """Write the English catalogue, sorted by source."""
    lines = [f"{toml_string(source)} = {toml_string(messages[source])}" for source in sorted(messages)]
    CATALOGUE.write_text("\n".join(["[messages]", *lines]) + "\n", encoding="utf-8")


def main() -> None:
    """Print what is missing and what is stale."""
    known, wanted = english(), sources()
    for source in wanted:
        if source not in known:
            print(f'{toml_string(source)} = ""')
    for source in sorted(set(known) - set(wanted)):
        print(f"# stale: {toml_string(source)}")


if __name__ == "__main__":
    main()
