"""Python's collector of cycles, kept to the GUI thread.

Left alone, it runs in whichever thread allocates, and destroys there what is left of closed windows:
Qt objects may only end in the GUI thread, and the process crashes. So it is off while the window is open,
and a timer of the event loop does its work.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 1_000


class GarbageKeeper(QObject):
    """Collects by Python's own thresholds, between two events and never within one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_on = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.check)
        self._timer.start()

    def check(self) -> None:
        """Collect the generations that are due."""
        counts, limits = gc.get_count(), gc.get_threshold()
        due = [generation for generation in range(3) if counts[generation] > limits[generation]]
        if due:
            gc.collect(max(due))

    def spare_loaded(self) -> None:
        """Leave out what is loaded by now: it stays, and looking through it takes long enough to be felt."""
        gc.freeze()

    def stop(self) -> None:
        """Give collecting back to Python."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_on:
            gc.enable()
