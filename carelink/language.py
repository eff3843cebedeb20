"""The user's language: every text that a person reads passes through `tr`.

French is the source. Other languages are catalogues of `source = "translation"` under
`resources/translations/`, so that the layers below the screens can speak without Qt.
"""

from __future__ import annotations

from functools import cache

from carelink.resources import read_text

SOURCE_LANGUAGE = "fr"
LANGUAGES = ("fr", "en")

_current = SOURCE_LANGUAGE


@cache
def _catalogue(language: str) -> dict[str, str]:
    if language == SOURCE_LANGUAGE:
        return {}
    import tomllib

    return dict(tomllib.loads(read_text(f"translations/{language}.toml"))["messages"])


def set_language(language: str) -> None:
    """Choose the language of everything said from now on.

    Args:
        language: One of `LANGUAGES`; anything else means French.
    """
    global _current
    _current = language if language in LANGUAGES else SOURCE_LANGUAGE


def current_language() -> str:
    """Return the code of the language in use, "fr" or "en"."""
    return _current


def tr(source: str, **values: object) -> str:
    """Return `source` in the user's language, with its `{placeholders}` filled."""
    text = _catalogue(_current).get(source, source)
    return text.format(**values) if values else text
