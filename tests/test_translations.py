"""Every text has its English, the same values in it, and French typography in its source."""

from __future__ import annotations

import re

import pytest

from carelink.language import current_language, set_language, tr
from tests.catalogue import english, placeholders, said, sources, toml_string

# A space that lets the sign fall to the next line, or none at all.
_BAD_SPACE = re.compile(r" [:;!?»]|« |(?<=[\w)»…}])[;!?»]|(?<=[\w)»…}]):(?=\s|$)|«(?=[\w{])")


def test_what_is_said_is_written_out_where_it_is_said() -> None:
    assert [one.place for one in said() if one.source is None] == []


def test_the_values_given_are_those_that_the_text_has() -> None:
    # Without values, whoever asked for the text fills it in.
    wrong = [
        one.place
        for one in said()
        if one.source is not None and one.values not in {frozenset(), placeholders(one.source)}
    ]
    assert wrong == []


def test_every_text_has_its_english() -> None:
    known = english()
    assert [source for source in sources() if not known.get(source)] == []


def test_no_english_is_left_over() -> None:
    assert sorted(set(english()) - set(sources())) == []


def test_the_english_has_the_same_values() -> None:
    wrong = [source for source, text in english().items() if placeholders(source) != placeholders(text)]
    assert wrong == []


@pytest.mark.parametrize("sign", [r"\w·\w", "'", r"\(e\)", r"\(s\)", "/trice", r"\.\.\."])
def test_the_french_has_no_sign_that_screen_readers_or_printers_stumble_over(sign: str) -> None:
    wrong = [
        (one.place, one.source) for one in said() if one.source is not None and re.search(sign, one.source)
    ]
    assert wrong == []


def test_the_french_keeps_its_high_signs_with_their_words() -> None:
    wrong = [
        (one.place, toml_string(one.source))
        for one in said()
        if one.source is not None and _BAD_SPACE.search(one.source)
    ]
    assert wrong == []


def test_the_english_keeps_to_english_typography() -> None:
    known = english()
    bad = re.compile("[\u00a0\u202f][;:!?]|[«»]| [;:!?]")
    assert [text for text in known.values() if bad.search(text)] == []


def test_the_language_in_use_decides_and_french_stands_in_for_what_is_missing() -> None:
    assert current_language() == "fr"
    try:
        set_language("en")
        assert tr("Vie quotidienne") == english()["Vie quotidienne"] != "Vie quotidienne"
        assert tr("texte inconnu de {name}", name="x") == "texte inconnu de x"
        set_language("de")
        assert current_language() == "fr"
    finally:
        set_language("fr")
    assert tr("Vie quotidienne") == "Vie quotidienne"
