"""What a tooltip says, as it is written."""

from __future__ import annotations


def as_plain_tooltip(text: str) -> str:
    """Return what makes a tooltip show `text` as it is written.

    Qt takes a tooltip with a tag in it for HTML. A member's name that has one would be obeyed, and could have
    the window fetch a file from elsewhere.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;") if "<" in text else text
