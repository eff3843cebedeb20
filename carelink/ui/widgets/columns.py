"""Two columns that become one where there is no room for both."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from carelink.ui.theme import metrics, on_theme


class FoldingColumns(QWidget):
    """What matters on the left, what helps on the right; below each other in a narrow window.

    Columns fold, they do not shrink: the width at which they do grows with the text.
    """

    def __init__(
        self, main: QWidget, side: QWidget, *, fold_at: int = 960, parent: QWidget | None = None
    ) -> None:
        """Put `main` and `side` together; they fold under `fold_at` px of their own width, at 100 %."""
        super().__init__(parent)
        self._fold_at = fold_at
        self._parts = (main, side)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(main, 3)
        self._box.addWidget(side, 2)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        on_theme(self._refresh)

    def is_folded(self) -> bool:
        """Whether the columns are below each other."""
        return self._box.direction() == QBoxLayout.Direction.TopToBottom

    def minimumSizeHint(self) -> QSize:
        """Return the room of the wider column: the two need not be side by side."""
        hints = [part.minimumSizeHint() for part in self._parts]
        return QSize(max(hint.width() for hint in hints), max(hint.height() for hint in hints))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold or unfold."""
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        folded = self.width() < metrics().px(self._fold_at)
        if folded != self.is_folded():
            direction = QBoxLayout.Direction
            self._box.setDirection(direction.TopToBottom if folded else direction.LeftToRight)
            # Below each other, each takes the height of what it holds and no share of the rest.
            for index, share in enumerate((0, 0) if folded else (3, 2)):
                self._box.setStretch(index, share)
            self.updateGeometry()

    def _refresh(self) -> None:
        self._box.setSpacing(metrics().gap(20))
        self._fold()
