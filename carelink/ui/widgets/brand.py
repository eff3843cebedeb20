"""The mark and the name, above what is shown before an account is open."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.ui.theme import current_theme, metrics, on_theme
from carelink.ui.widgets.feedback import IconLabel
from carelink.ui.widgets.labels import Label, Paragraph


class Brand(QWidget):
    """CareLink's mark and name, and a line below."""

    def __init__(self, line: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout()
        self._row.addStretch(1)
        self._row.addWidget(IconLabel("heart-handshake", _primary, size=44))
        self._row.addWidget(Label("CareLink", "display"))
        self._row.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._row)
        self._line = Paragraph(line, "large", tone="ink-2", parent=self)
        self._line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._line.setVisible(bool(line))
        self._column.addWidget(self._line)
        on_theme(self._space)

    def set_line(self, line: str) -> None:
        """Change the line below the name."""
        self._line.set_text(line)
        self._line.setVisible(bool(line))

    def _space(self) -> None:
        self._row.setSpacing(metrics().gap(14))
        self._column.setSpacing(metrics().gap(10))


def _primary() -> str:
    return current_theme().colors.primary
