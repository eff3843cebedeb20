"""One tour: a demonstration and a home of its own, every screen, every profile; nothing of it stays."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.files import make_folder
from carelink.models.vault.home import Home, HomeSettings
from carelink.models.vault.secrets import CHOICE, SecretKind
from carelink.services.accounts import create_account, open_account, open_with_key
from carelink.services.demo import Demo, DemoAccount, demo_home
from carelink.services.demo.calendar import ZONE
from carelink.services.demo.corpus import Corpus
from carelink.services.session import Session
from carelink.ui.gallery import build_gallery
from carelink.ui.main_window import MainWindow
from carelink.ui.theme import apply_theme
from carelink.ui.tour.camera import Camera
from carelink.ui.tour.first_steps import take_first_steps
from carelink.ui.tour.guide import Guide
from carelink.ui.tour.profiles import PROFILES, visit
from carelink.ui.tour.waiting import after, until

Progress = Callable[[str, int, int], None]
ThemeName = Literal["light", "dark", "contrast"]

_GUEST = "Rémi Lambert"
_NO_LOCK_MINUTES = 60
_NOISE = "This plugin does not support"


@dataclass(frozen=True, slots=True)
class Look:
    """How the pictures look.

    Attributes:
        width, height: Of the window.
        scale: Size of the text in per cent.
    """

    width: int = 1440
    height: int = 900
    scale: int = 100
    theme: ThemeName = "light"


def run_tour(
    out: Path, look: Look, progress: Progress, *, gallery: bool = False, corpus: Corpus | None = None
) -> list[Path]:
    """Take the pictures.

    Args:
        out: Folder of the pictures; those of an earlier tour go away.
        look: How they look.
        progress: Told what is being done, and how many of how many.
        gallery: Whether to show the pieces that screens are made of, and nothing else.
        corpus: Who and what; by default the whole demonstration.

    Returns:
        The pictures, in the order of the tour.

    Raises:
        KnownError: The folder cannot be written, or the demonstration cannot be built.
    """
    make_folder(out)
    for old in out.glob("[0-9][0-9][0-9]-*.png"):
        old.unlink()
    app = _application(look)
    apply_theme(app, look.theme, look.scale)
    camera = Camera(out)
    if gallery:
        page = build_gallery()
        page.resize(look.width, max(look.height, page.sizeHint().height()))
        page.show()
        camera.shoot(page, "all", "gallery")
        page.close()
        page.deleteLater()
        return camera.pictures
    with tempfile.TemporaryDirectory(prefix="carelink-tour-") as folder, _surroundings():
        _Tour(Home(Path(folder)), look, progress, corpus or Corpus.whole(), camera).run()
    return camera.pictures


def _application(look: Look) -> QApplication:
    """Return the application, off screen where there is no screen."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        return app
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform == "linux" and not has_display and "QT_QPA_PLATFORM" not in os.environ:
        return _off_screen(look)
    return QApplication(["carelink"])


def _off_screen(look: Look) -> QApplication:
    """Return an application whose screen is as large as people's: dialogs are cut to fit theirs."""
    screen = {
        "name": "tour",
        "x": 0,
        "y": 0,
        "width": max(look.width, 1920),
        "height": max(look.height, 1080),
        "logicalDpi": 96,
        "logicalBaseDpi": 96,
        "dpr": 1,
    }
    qInstallMessageHandler(_say_unless_noise)
    with tempfile.TemporaryDirectory(prefix="carelink-tour-") as folder:
        config = Path(folder) / "screens.json"
        config.write_text(json.dumps({"screens": [screen]}), encoding="ascii")
        return QApplication(["carelink", "-platform", f"offscreen:configfile={config}"])


def _say_unless_noise(_kind: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
    """Pass on what Qt says, but what the platform without a screen says of each window."""
    if message and _NOISE not in message:
        sys.stderr.write(message + "\n")


@contextmanager
def _surroundings() -> Iterator[None]:
    """Leave the keyring of whoever runs the tour alone, and show the times of the circles' place."""
    wanted = {CHOICE: SecretKind.FILE.value, "TZ": str(ZONE)}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    _set_zone()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        _set_zone()


def _set_zone() -> None:
    """Let this process take in the zone of its environment, where the system lets it."""
    if sys.platform != "win32":
        time.tzset()


class _Tour:
    def __init__(self, home: Home, look: Look, progress: Progress, corpus: Corpus, camera: Camera) -> None:
        self._home = home
        self._look = look
        self._progress = progress
        self._corpus = corpus
        self._camera = camera
        self._demo = Demo(demo_home(home), corpus)

    def run(self) -> None:
        self._demo.build(self._progress)
        settings = HomeSettings(
            theme=self._look.theme, text_scale=self._look.scale, auto_lock_minutes=_NO_LOCK_MINUTES
        )
        for home in (self._home, self._demo.home):
            home.save_settings(settings)
        self._demo.start_relay()
        # In a home of its own: it must not stand among those who share the newcomer's computer.
        guest = _new_account(Home(self._home.path / "guest"), _GUEST, self._demo.passphrase)
        window = MainWindow(self._home)
        try:
            window.resize(self._look.width, self._look.height)
            window.show()
            window.activateWindow()
            self._visit_all(Guide(window, self._camera), guest)
        finally:
            window.close()
            window.deleteLater()
            guest.close()
            self._demo.stop_relay()

    def _visit_all(self, guide: Guide, guest: Session) -> None:
        accounts = self._accounts()
        wanted = [profile for profile, key in PROFILES.items() if key in accounts]
        self._first_steps(guide, accounts[self._corpus.circles[0].coordinator])
        self._open_demo(guide)
        for done, profile in enumerate(wanted, start=1):
            account = accounts[PROFILES[profile]]
            unlock = guide.window.unlock
            after(unlock.opened, unlock.grid.tile(account.account).click, f"{account.name}'s account")
            guide.arrive()
            visit(guide, profile, guest)
            guide.lock()
            self._progress(tr("Images de chaque profil"), done, len(wanted))

    def _accounts(self) -> dict[str, DemoAccount]:
        by_name = {account.name: account for account in self._demo.accounts()}
        return {person.key: by_name[person.name] for person in self._corpus.people}

    def _first_steps(self, guide: Guide, coordinator: DemoAccount) -> None:
        session = open_account(
            self._demo.home, self._demo.home.find(coordinator.account), self._demo.passphrase
        )
        try:
            take_first_steps(guide, session, self._demo.circles()[0].circle)
        finally:
            session.close()
        self._progress(tr("Images des premiers pas"), 1, 1)

    def _open_demo(self, guide: Guide) -> None:
        window = guide.window
        after(window.demo.ready, window.unlock.demo_button.click, "the demonstration")
        until(lambda: window.stack.currentWidget() is window.unlock, "the people of the demonstration")
        guide.profile = "all"
        guide.shoot("people")


def _new_account(home: Home, name: str, passphrase: str) -> Session:
    made = create_account(home, name, passphrase)
    return open_with_key(home, home.find(made.account), made.key)


def read_size(text: str) -> tuple[int, int]:
    """Return width and height for "1440x900".

    Raises:
        KnownError: It is not a size, or one that no screen has.
    """
    width, _, height = text.lower().partition("x")
    if width.isdecimal() and height.isdecimal() and 640 <= int(width) <= 7680 and 480 <= int(height) <= 4320:
        return int(width), int(height)
    raise KnownError(tr("La taille s’écrit 1440x900, de 640x480 à 7680x4320."))
