"""Files that only their owner reads, and that a power cut leaves whole: the old one or the new one."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.errors import DiskFullError, ReadOnlyVaultError

FILE_MODE = 0o600
FOLDER_MODE = 0o700
# `replace_file` takes as long as a slow disk; a crash and the next start are further apart.
UNFINISHED_SECONDS = 60.0

_FULL = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def make_folder(path: Path) -> None:
    """Make a folder, and its parents, that only their owner enters."""
    if not path.parent.is_dir():
        make_folder(path.parent)
    with disk_trouble(path):
        path.mkdir(mode=FOLDER_MODE, exist_ok=True)


@contextmanager
def disk_trouble(path: Path) -> Iterator[None]:
    """Tell in a sentence that the disk is full or that the system refuses to write."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(path) from error
        if error.errno in _REFUSED:
            raise ReadOnlyVaultError(path) from error
        raise


def create_file(path: Path, data: bytes = b"") -> None:
    """Write a new file of mode 0600 to the disk.

    Raises:
        FileExistsError: It is already there.
        KnownError: The disk is full, or refuses.
    """
    with disk_trouble(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            with suppress(OSError):
                path.unlink()
            raise


def create_named_file(path: Path, data: bytes = b"", *, replacing: bool = False) -> None:
    """Write a file that a person named, of mode 0600.

    Args:
        path: Where to.
        data: What it holds.
        replacing: Whether a file of this name is put out of the way; otherwise it is an error.

    Raises:
        KnownError: There is such a file already, its folder is missing, or the disk is full or refuses.
    """
    try:
        if replacing:
            replace_file(path, data)
        else:
            create_file(path, data)
    except FileExistsError as error:
        raise KnownError(
            tr("Le fichier {out} existe déjà et n’a pas été remplacé\u00a0: donnez un autre nom.", out=path)
        ) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise KnownError(
            tr(
                "Le dossier {folder} n’existe pas\u00a0: rien n’a été écrit. Créez-le d’abord.",
                folder=path.parent,
            )
        ) from error


def sync_folder(path: Path) -> None:
    """Make the names in a folder survive a power cut, where the system knows how."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clear_unfinished(folder: Path) -> None:
    """Remove what a process that ended within `replace_file` left in a folder; a young one may be at work."""
    for left in folder.glob(".*.new"):
        with suppress(OSError):
            if abs(time.time() - left.stat().st_mtime) > UNFINISHED_SECONDS:
                left.unlink()


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` in the place of a file, in one step.

    Raises:
        KnownError: The disk is full, or refuses; the old file is still there.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    temporary.unlink(missing_ok=True)
    try:
        create_file(temporary, data)
        with disk_trouble(path):
            temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
