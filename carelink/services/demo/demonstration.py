"""The demonstration on this computer: whether it is there, making it, its relay, its accounts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.files import make_folder, replace_file
from carelink.models.vault.home import DEMO_MARKER, Home
from carelink.services.demo.building import Builder
from carelink.services.demo.corpus import Corpus
from carelink.services.demo.lock import alone
from carelink.services.demo.relay import DemoRelay, free_port

PASSPHRASE = "jardin tilleul panier soleil"  # noqa: S105  (of invented people)
FORMAT = 1
FOLDER = "demo"
_RELAY_NAME = "relay.json"


class DemoAccount(msgspec.Struct, frozen=True):
    """An account to open: its id in hexadecimal, its name, and who that is in a line."""

    account: str
    name: str
    description: str


class DemoCircle(msgspec.Struct, frozen=True):
    """A circle: its id in hexadecimal, and the name of the person that it exists for."""

    circle: str
    patient: str


class _RelayPlace(msgspec.Struct, frozen=True):
    """Written first: tells that the folder is a demonstration's, and where its relay listens."""

    port: int


class _Marker(msgspec.Struct, frozen=True):
    """Written last: without it the demonstration is not whole."""

    format: int
    hub_key: str
    accounts: tuple[DemoAccount, ...]
    circles: tuple[DemoCircle, ...]


def demo_home(home: Home | None = None) -> Home:
    """Return the demonstration's folder, apart from the accounts of whoever tries CareLink."""
    return Home((home or Home.default()).path / FOLDER)


@dataclass
class Demo:
    """The demonstration in a folder.

    Args:
        home: Its folder; nothing else may be in it.
        corpus: Who and what; by default everything.
    """

    home: Home
    corpus: Corpus | None = None

    @property
    def passphrase(self) -> str:
        """The passphrase of every account, no secret."""
        return PASSPHRASE

    def exists(self) -> bool:
        """Tell whether it is there and whole."""
        return self._marker() is not None

    def build(self, progress: Callable[[str, int, int], None], *, reset: bool = False) -> bool:
        """Make it, unless it is there; one that was interrupted, or that is reset, is made again.

        Args:
            progress: Told what is being done, and how many of how many.
            reset: Whether to make it again though it is whole.

        Returns:
            Whether anything was made.

        Raises:
            KnownError: The folder holds something else, the disk is full, or the relay does not start.
        """
        with alone(self.home.path.with_name(f".{self.home.path.name}.lock")):
            if self.exists() and not reset:
                return False
            self._clear()
            make_folder(self.home.path)
            place = _RelayPlace(free_port())
            replace_file(self.home.path / _RELAY_NAME, msgspec.json.encode(place))
            relay = DemoRelay(self._relay_data, place.port)
            with relay.running() as key:
                self._fill(relay.url, key, progress)
        return True

    def _fill(self, url: str, key: bytes, progress: Callable[[str, int, int], None]) -> None:
        corpus = self.corpus or Corpus.whole()
        built = Builder(self.home, corpus, PASSPHRASE, url, progress).build()
        accounts = tuple(DemoAccount(built.accounts[p.key], p.name, p.description) for p in corpus.people)
        circles = tuple(
            DemoCircle(built.circles[c.key], f"{c.given} {c.used_name or c.birth_name}")
            for c in corpus.circles
        )
        marker = _Marker(FORMAT, key.hex(), accounts, circles)
        replace_file(self.home.path / DEMO_MARKER, msgspec.json.encode(marker))

    def accounts(self) -> list[DemoAccount]:
        """Return the accounts to open, in the order of the story; none before it is built."""
        marker = self._marker()
        return list(marker.accounts) if marker else []

    def circles(self) -> list[DemoCircle]:
        """Return the circles; none before it is built."""
        marker = self._marker()
        return list(marker.circles) if marker else []

    def start_relay(self) -> None:
        """Start its relay, unless it runs; it stops with this program.

        Raises:
            KnownError: It is not built, or its relay does not start.
        """
        self._relay().start()

    def stop_relay(self) -> None:
        """Stop its relay, if this program started it."""
        DemoRelay(self._relay_data, 0).stop()

    @property
    def _relay_data(self) -> Path:
        return self.home.path / "relay"

    def _relay(self) -> DemoRelay:
        marker, place = self._marker(), self._place()
        if marker is None or place is None:
            raise KnownError(
                tr(
                    "La démonstration n’est pas encore prête sur cet ordinateur\u00a0: préparez-la avec "
                    "«\u00a0carelink demo\u00a0»."
                )
            )
        return DemoRelay(self._relay_data, place.port, bytes.fromhex(marker.hub_key))

    def _clear(self) -> None:
        """Remove what an earlier or interrupted making left, and nothing that is not ours.

        Raises:
            KnownError: The folder holds something else, or files in it are in use.
        """
        path = self.home.path
        if not path.exists() or not any(path.iterdir()):
            return
        if self._place() is None:
            raise KnownError(
                tr(
                    "Le dossier {path} contient autre chose qu’une démonstration\u202f; rien n’y a été "
                    "changé\u00a0: déplacez-le, ou choisissez-en un autre avec --home.",
                    path=path,
                )
            )
        try:
            # The sign that the folder is ours goes last, the sign that it is whole first.
            (path / DEMO_MARKER).unlink(missing_ok=True)
            for child in path.iterdir():
                if child.is_dir():
                    shutil.rmtree(child)
                elif child.name != _RELAY_NAME:
                    child.unlink()
        except OSError as error:
            raise KnownError(
                tr(
                    "La démonstration est encore ouverte dans une autre fenêtre\u202f; vos propres comptes "
                    "ne sont pas touchés\u00a0: fermez-la, puis recommencez."
                )
            ) from error

    def _marker(self) -> _Marker | None:
        try:
            marker = msgspec.json.decode((self.home.path / DEMO_MARKER).read_bytes(), type=_Marker)
        except (OSError, msgspec.MsgspecError):
            return None
        return marker if marker.format == FORMAT else None

    def _place(self) -> _RelayPlace | None:
        try:
            return msgspec.json.decode((self.home.path / _RELAY_NAME).read_bytes(), type=_RelayPlace)
        except (OSError, msgspec.MsgspecError):
            return None
