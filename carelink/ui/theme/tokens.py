"""The decisions of `resources/theme/tokens.json`, as typed records without Qt.

The file has two levels. `raw` lists the options; a decision names a use and picks one option for each
theme. A tint is an `ink` on a `soft` ground, framed by an `edge`: high contrast has no soft ground, there
the edge does the work. A face is drawn for each person and never changes: the same pastels by night.
JSON, because the unlock screen waits for it: TOML takes 6 ms to load and parse.

Keeping Qt out lets the contrast of every theme be checked without a display. Named tuples, here and in
what else the unlock screen needs: a frozen dataclass takes 1 ms to define, and the screen waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, get_args

from carelink.errors import BugError
from carelink.resources import read_text

ThemeName = Literal["light", "dark", "contrast"]
THEME_NAMES: tuple[ThemeName, ...] = get_args(ThemeName)

ToneName = Literal[
    "neutral",
    "selected",
    "life",
    "coordination",
    "care",
    "restricted",
    "urgent",
    "caution",
    "info",
    "success",
]
TONE_NAMES: tuple[ToneName, ...] = get_args(ToneName)


class Tint(NamedTuple):
    """A coloured ground with what is written on it and the line around it."""

    ink: str
    soft: str
    edge: str


class Decisions(NamedTuple):
    """Colours named by their use, as `#RRGGBB`."""

    paper: str
    card: str
    hover: str
    pressed: str
    skeleton: str
    ink: str
    ink_2: str
    ink_3: str
    line: str
    line_strong: str
    field: str
    focus: str
    primary: str
    primary_hover: str
    primary_pressed: str
    on_primary: str
    danger: str
    danger_hover: str
    danger_pressed: str
    on_danger: str
    raised: str
    on_raised: str
    raised_action: str
    raised_edge: str
    dot_ok: str


class Theme(NamedTuple):
    """One complete look."""

    name: ThemeName
    colors: Decisions
    tints: Mapping[ToneName, Tint]
    faces: tuple[Tint, ...]

    def tint(self, tone: ToneName) -> Tint:
        """Return the tint called `tone`; the four compartments are tones too."""
        return self.tints[tone]

    @property
    def is_dark(self) -> bool:
        """Whether light text stands on a dark ground."""
        return self.name != "light"

    @property
    def border(self) -> int:
        """Width of a control's outline, in logical pixels."""
        return 2 if self.name == "contrast" else 1


@cache
def load_theme(name: ThemeName) -> Theme:
    """Read the theme called `name` from the token file.

    Raises:
        BugError: A decision is missing, unknown, or names an option that does not exist.
    """
    document = json.loads(read_text("theme/tokens.json"))
    raw: dict[str, str] = document["raw"]

    def resolve(choice: Mapping[str, str]) -> str:
        try:
            return raw[choice[name]]
        except KeyError as error:
            raise BugError(f"theme {name}: no colour for {choice}") from error

    def tint(choices: Mapping[str, Any]) -> Tint:
        ink, soft = resolve(choices["ink"]), resolve(choices["soft"])
        return Tint(ink, soft, resolve(choices["edge"]) if "edge" in choices else soft)

    decisions = {key: resolve(choice) for key, choice in document["decision"].items()}
    expected = set(Decisions._fields)
    if decisions.keys() != expected:
        raise BugError(f"token file and code differ: {decisions.keys() ^ expected}")
    if document["tint"].keys() != set(TONE_NAMES):
        raise BugError(f"token file and code differ: {document['tint'].keys() ^ set(TONE_NAMES)}")
    return Theme(
        name=name,
        colors=Decisions(**decisions),
        tints=MappingProxyType({tone: tint(document["tint"][tone]) for tone in TONE_NAMES}),
        faces=tuple(tint(face) for face in document["face"]),
    )
