"""The copy kept aside when a vault turns out to be damaged."""

from __future__ import annotations

import filecmp
import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from carelink.models.vault.files import FILE_MODE, FOLDER_MODE, sync_folder

PREFIX = "damaged-"


def copies(vault: Path) -> list[Path]:
    """Return the folders of the copies kept beside `vault`, oldest first."""
    return sorted(path for path in vault.parent.glob(f"{PREFIX}*") if path.is_dir())


def keep_copy(vault: Path) -> Path | None:
    """Copy a vault and its write-ahead log byte for byte, once for each distinct content.

    Returns:
        The copy's folder, which may be an earlier one; None where the disk allows no copy.
    """
    sources = [path for path in (vault, vault.with_name(vault.name + "-wal")) if path.is_file()]
    try:
        for folder in copies(vault):
            if _same(sources, folder):
                return folder
        return _copy(sources, vault.parent)
    except OSError:
        return None


def _same(sources: list[Path], folder: Path) -> bool:
    names = {path.name for path in sources}
    return names == {path.name for path in folder.iterdir()} and all(
        filecmp.cmp(source, folder / source.name, shallow=False) for source in sources
    )


def _copy(sources: list[Path], parent: Path) -> Path:
    partial = parent / f".{PREFIX}{os.getpid()}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(mode=FOLDER_MODE)
        for source in sources:
            target = partial / source.name
            with source.open("rb") as data, os.fdopen(_new(target), "wb") as out:
                shutil.copyfileobj(data, out, 1 << 20)
                out.flush()
                os.fsync(out.fileno())
        sync_folder(partial)
        kept = partial.rename(_free_name(parent))
    except BaseException:
        with suppress(OSError):
            shutil.rmtree(partial, ignore_errors=True)
        raise
    sync_folder(parent)
    return kept


def _new(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)


def _free_name(parent: Path) -> Path:
    name = f"{PREFIX}{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    path, number = parent / name, 1
    while path.exists():
        number += 1
        path = parent / f"{name}-{number}"
    return path
