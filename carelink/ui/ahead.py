"""Work done ahead, while the person reads or types: in small steps, each when nothing else is to be done."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer


class Ahead(QObject):
    """Does the steps of one piece of work; a key pressed meanwhile waits for one step at most."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: Iterator[None] = iter(())
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._step)

    def start(self, steps: Iterator[None]) -> None:
        """Do these steps from now on, in place of those before."""
        self._steps = steps
        self._timer.start()

    def stop(self) -> None:
        """Leave what is not done yet."""
        self._timer.stop()
        self._steps = iter(())

    def _step(self) -> None:
        try:
            next(self._steps)
        except StopIteration:
            self.stop()
        except BaseException:
            self.stop()
            raise
