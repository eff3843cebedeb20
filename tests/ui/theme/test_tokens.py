from __future__ import annotations

from collections.abc import Iterator

import pytest

from carelink.errors import BugError
from carelink.ui.theme.state import Metrics
from carelink.ui.theme.stylesheet import build_stylesheet
from carelink.ui.theme.tokens import THEME_NAMES, TONE_NAMES, Theme, ThemeName, load_theme

TEXT = {"light": 4.5, "dark": 4.5, "contrast": 7.0}


def _luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def text_pairs(theme: Theme) -> Iterator[tuple[str, str, str]]:
    c = theme.colors
    for ground in ("paper", "card", "hover", "pressed"):
        for ink in ("ink", "ink_2", "ink_3"):
            yield f"{ink} on {ground}", getattr(c, ink), getattr(c, ground)
    for ground in ("paper", "card", "hover"):
        for ink in ("primary", "primary_hover", "primary_pressed"):
            yield f"{ink} on {ground}", getattr(c, ink), getattr(c, ground)
    for state in ("", "_hover", "_pressed"):
        yield f"button primary{state}", c.on_primary, getattr(c, f"primary{state}")
        yield f"button danger{state}", c.on_danger, getattr(c, f"danger{state}")
    yield "toast", c.on_raised, c.raised
    yield "toast action", c.raised_action, c.raised
    yield "selected item", c.primary, theme.tint("selected").soft
    for tone in TONE_NAMES:
        tint = theme.tint(tone)
        yield f"{tone} chip", tint.ink, tint.soft
        yield f"{tone} on card", tint.ink, c.card
        yield f"{tone} on paper", tint.ink, c.paper
        yield f"text on {tone}", c.ink, tint.soft
    for number, face in enumerate(theme.faces):
        yield f"face {number}", face.ink, face.soft


def shape_pairs(theme: Theme) -> Iterator[tuple[str, str, str]]:
    c = theme.colors
    for ground in ("card", "paper"):
        for line in ("field", "focus", "primary", "danger"):
            yield f"{line} on {ground}", getattr(c, line), getattr(c, ground)
    yield "sync dot", c.dot_ok, c.card


@pytest.mark.parametrize("name", THEME_NAMES)
def test_every_text_can_be_read(name: ThemeName) -> None:
    theme = load_theme(name)
    too_faint = [
        f"{pair}: {contrast(ink, ground):.2f}"
        for pair, ink, ground in text_pairs(theme)
        if contrast(ink, ground) < TEXT[name]
    ]
    assert too_faint == []


@pytest.mark.parametrize("name", THEME_NAMES)
def test_field_borders_and_the_focus_ring_stand_out(name: ThemeName) -> None:
    theme = load_theme(name)
    too_faint = [pair for pair, line, ground in shape_pairs(theme) if contrast(line, ground) < 3]
    assert too_faint == []


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_high_contrast_has_black_or_white_grounds_only() -> None:
    theme = load_theme("contrast")
    grounds = {theme.colors.paper, theme.colors.card}
    grounds |= {theme.tint(tone).soft for tone in TONE_NAMES} | {face.soft for face in theme.faces}
    assert grounds <= {"#000000", "#FFFFFF"}


@pytest.mark.parametrize("name", THEME_NAMES)
def test_the_style_sheet_only_uses_the_theme_s_colours(name: ThemeName) -> None:
    theme = load_theme(name)
    sheet = build_stylesheet(theme, Metrics(scale=100, motion=True))
    assert "$" not in sheet
    known = set(theme.colors) | {color for tint in theme.tints.values() for color in tint}
    used = {word.strip(";") for word in sheet.split() if word.startswith("#")}
    assert used
    assert used <= known


def test_an_unknown_theme_is_our_fault_and_says_so() -> None:
    with pytest.raises(BugError, match="sepia"):
        load_theme("sepia")
