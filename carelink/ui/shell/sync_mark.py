"""The state of exchange in the top bar, kept true as time goes by, and the panel that it opens."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from carelink.language import tr
from carelink.services.exchange.state import SyncState
from carelink.ui.moments import now_ms
from carelink.ui.shell.sync_panel import SyncPanel
from carelink.ui.shell.sync_words import headline
from carelink.ui.widgets import SyncIndicator
from carelink.ui.widgets.tooltips import as_plain_tooltip
from carelink.ui.workspace import Workspace

_AGAIN_MS = 15_000
_WORTH_SAYING_MS = 600


class SyncMark(QObject):
    """Gives an indicator its words.

    Args:
        workspace: The open account.
        window: What the panel stands over.
    """

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._workspace, self._window = workspace, window
        self._state: SyncState | None = None
        self._failure = ""
        self._running = False
        self.indicator = SyncIndicator(tr("État des échanges"), "waiting")
        self.indicator.clicked.connect(self.open_panel)
        self.panel: SyncPanel | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(_AGAIN_MS)
        self._clock.timeout.connect(self._say)
        self._clock.start()
        # Most exchanges are over at once: saying so each time would only flicker.
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_WORTH_SAYING_MS)
        self._patience.timeout.connect(self._still_running)
        workspace.sync_state_changed.connect(self._on_state)
        workspace.sync_failed.connect(self._on_failed)
        workspace.sync_running_changed.connect(self._on_running)

    def open_panel(self) -> None:
        """Open the panel."""
        self.panel = SyncPanel(self._workspace, self._failure, self._window)
        self.panel.finished.connect(self.panel.deleteLater)
        self.panel.open()

    def _on_state(self, state: SyncState) -> None:
        self._state = state
        if state.offline_since is None:
            self._failure = ""
        self._say()

    def _on_failed(self, sentence: str) -> None:
        self._failure = sentence

    def _on_running(self, running: bool) -> None:
        if running:
            self._patience.start()
        else:
            self._patience.stop()
            self._running = False
            self._say()

    def _still_running(self) -> None:
        self._running = True
        self._say()

    def _say(self) -> None:
        if self._state is not None:
            text, look = headline(self._state, running=self._running, now=now_ms())
            self.indicator.set_state(text, look)
            self.indicator.setToolTip(as_plain_tooltip(self._failure))
