"""One start, timed from inside: of CareLink, or of a bare window. Run by `benchmarks.start`."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

TYPING_SECONDS = 2.0


def since_start() -> float:
    """Return the seconds since this process was made (Linux)."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    uptime = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    return uptime - int(fields[19]) / os.sysconf("SC_CLK_TCK")


def bare() -> None:
    """Show a bare window with a list in it, until it is painted."""
    from PySide6.QtCore import QEvent, QObject, QStringListModel, QTimer
    from PySide6.QtWidgets import QApplication, QListView, QMainWindow

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt names it)
            if event.type() == QEvent.Type.Paint:
                QTimer.singleShot(0, painted)
            return super().eventFilter(watched, event)

    def painted() -> None:
        print(json.dumps({"painted": since_start()}), flush=True)
        os._exit(0)

    app = QApplication(sys.argv[:1])
    window, watch, rows = QMainWindow(), Watch(), QListView()
    rows.setModel(QStringListModel([f"Note {n}" for n in range(60)]))
    window.setCentralWidget(rows)
    rows.viewport().installEventFilter(watch)
    window.resize(1440, 900)
    window.show()
    app.exec()


def carelink(folder: Path) -> None:
    """Open CareLink on an account as its command does, and its time line with the passphrase."""
    gc.disable()  # as `carelink.__main__`

    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

    import carelink.ui  # noqa: F401  (before any other use of Qt)
    from benchmarks import PASSPHRASE
    from carelink.models.vault.home import Home
    from carelink.ui.main_window import MainWindow
    from carelink.ui.settings.look import LookKeeper
    from carelink.ui.theme import application

    figures: dict[str, float] = {}
    home = Home(folder)
    app = application()
    keeper = LookKeeper(home, app)
    keeper.apply()
    window = MainWindow(home)
    window.resize(1440, 900)
    window.show()

    class Watch(QObject):
        """Calls back once what is watched is painted, with all that is painted with it."""

        def __init__(self, widget: QWidget, then: Callable[[], None], ready: Callable[[], bool]) -> None:
            super().__init__(widget)
            self._then, self._ready = then, ready
            widget.installEventFilter(self)

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt names it)
            if event.type() == QEvent.Type.Paint and self._ready():
                watched.removeEventFilter(self)
                QTimer.singleShot(0, self._then)
            return False

    def door() -> None:
        figures["door"] = since_start()
        QTimer.singleShot(int(TYPING_SECONDS * 1000), submit)

    def submit() -> None:
        field = next(f for f in window.unlock.findChildren(QLineEdit) if f.isVisible())
        field.setText(PASSPHRASE)
        figures["submitted"] = time.perf_counter()
        window.unlock.submit()
        look()

    def look() -> None:
        from carelink.ui.person.time_line_view import TimeLineView

        view = window.findChild(TimeLineView)
        if view is None:
            QTimer.singleShot(5, look)
            return
        model = view.model()
        Watch(view.viewport(), painted, lambda: model.rowCount() > 0)

    def painted() -> None:
        figures["page"] = time.perf_counter() - figures.pop("submitted")
        from carelink.ui.person.time_line_view import TimeLineView

        if not isinstance(QApplication.focusWidget(), TimeLineView):
            os._exit(1)  # it takes no keys yet
        from carelink.crypto.primitives import stretch

        begun = time.perf_counter()
        stretch(PASSPHRASE, bytes(16))
        figures["argon2id"] = time.perf_counter() - begun
        print(json.dumps(figures), flush=True)
        os._exit(0)

    Watch(window.unlock.open_button, door, lambda: True)
    app.exec()


if __name__ == "__main__":
    if sys.argv[1] == "bare":
        bare()
    else:
        carelink(Path(sys.argv[2]))
