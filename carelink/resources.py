"""The one door to the files of `resources/`: fonts, icons, matrix, translations.

The wheel carries them as `carelink/_resources`; a source tree keeps them beside the package.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def _root() -> Traversable:
    packaged = files("carelink") / "_resources"
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parent.parent / "resources"


def resource(name: str) -> Traversable:
    """Return the resource at the `/`-separated `name` below `resources/`."""
    return _root().joinpath(*name.split("/"))


def read_text(name: str) -> str:
    """Return a text resource, decoded as UTF-8."""
    return resource(name).read_text(encoding="utf-8")


def read_bytes(name: str) -> bytes:
    """Return a resource's bytes."""
    return resource(name).read_bytes()
