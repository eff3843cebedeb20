"""The one door to the files of `resources/`: fonts, icons, matrix, translations.

The wheel carries them as `carelink/_resources`; a source tree keeps them beside the package.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


@cache
def _root() -> Traversable:
    package = Path(__file__).resolve().parent
    for folder in (package / "_resources", package.parent / "resources"):
        if folder.is_dir():
            return folder
    # Packed in an archive: importlib knows how to look inside, and takes long to load.
    from importlib.resources import files

    return files("carelink") / "_resources"


def resource(name: str) -> Traversable:
    """Return the resource at the `/`-separated `name` below `resources/`."""
    return _root().joinpath(*name.split("/"))


def read_text(name: str) -> str:
    """Return a text resource, decoded as UTF-8."""
    return resource(name).read_text(encoding="utf-8")


def read_bytes(name: str) -> bytes:
    """Return a resource's bytes."""
    return resource(name).read_bytes()
