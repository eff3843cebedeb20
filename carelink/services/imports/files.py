"""Reading the file of a list, no more of it than a list may be long."""

from __future__ import annotations

from pathlib import Path

from carelink.errors import KnownError
from carelink.interop.tables import MAX_BYTES
from carelink.language import tr


def read_list(file: Path) -> bytes:
    """Return what a file holds, or its beginning where it is longer than any list.

    Raises:
        KnownError: It cannot be read.
    """
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise KnownError(
            tr("Le fichier {path} ne peut pas être lu\u00a0: rien n’a été importé.", path=file)
        ) from error
