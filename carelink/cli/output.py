"""What goes out: one JSON object a line for scripts, or short text for people; errors on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass

# A terminal obeys control characters, and others wrote what is printed here.
_CONTROL = {code: "\ufffd" for code in (*range(32), *range(127, 160)) if code not in b"\t\n"}


def printable(text: str) -> str:
    """Return a text whose control characters, tabs and line ends apart, are replaced."""
    return text.translate(_CONTROL)


@dataclass(frozen=True, slots=True)
class Output:
    """Where results and messages go.

    Attributes:
        as_json: One unindented JSON object per line on the standard output.
    """

    as_json: bool

    def result(self, values: Mapping[str, object], text: str = "") -> None:
        """Give one result: its JSON, or `text` (by default its fields) for a person."""
        if self.as_json:
            line = json.dumps(values, ensure_ascii=False, default=str)
        else:
            line = printable(text or "\n".join(f"{key} : {value}" for key, value in values.items()))
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def message(self, text: str) -> None:
        """Say something beside the results."""
        sys.stderr.write(printable(text) + "\n")
        sys.stderr.flush()
