"""Toggle chips: choose one of a few, by mouse or by arrows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QPushButton, QSizePolicy, QWidget

from carelink.ui.theme import ToneName, current_theme, draw_icon, font, metrics, on_theme
from carelink.ui.widgets.flow_layout import FlowLayout
from carelink.ui.widgets.painting import draw_box, draw_text
from carelink.ui.widgets.volets import VoletCode, volet_look

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}


@dataclass(frozen=True)
class Choice:
    """One of the choices: its code, its words, how it looks once chosen."""

    code: str
    label: str
    icon: str = ""
    tone: ToneName = "selected"
    name: str = ""


def volet_choices(codes: Sequence[VoletCode]) -> list[Choice]:
    """Return the choices for some compartments, in their colours."""
    looks = [volet_look(code) for code in codes]
    return [Choice(look.code, look.short_name, look.icon, look.tone, look.name) for look in looks]


class ToggleChip(QPushButton):
    """A chip that is chosen or not; alone, it is a switch ("Urgent")."""

    def __init__(self, choice: Choice, parent: QWidget | None = None) -> None:
        super().__init__(choice.label, parent)
        self.choice = choice
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setAccessibleName(choice.name or choice.label)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        on_theme(self._refresh)

    def set_label(self, label: str, name: str = "") -> None:
        """Change the words ("Non lu 4"), and what is read aloud."""
        self.setText(label)
        self.setAccessibleName(name or label)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room for its icon and words."""
        fm = QFontMetrics(self.font())
        width = fm.horizontalAdvance(self.text()) + metrics().gap(24) + 2
        if self.choice.icon:
            width += metrics().px(18) + metrics().gap(8)
        return QSize(width, max(fm.height() + metrics().gap(8), metrics().px(32)))

    def minimumSizeHint(self) -> QSize:
        """Return the same size: its words are never cut."""
        return self.sizeHint()

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Tell the ring the shape."""
        return self, self.rect(), metrics().gap(10)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Repaint as hovered."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Repaint as left."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the chip; once chosen, in its own colour with an outline of it."""
        painter = QPainter(self)
        theme = current_theme()
        c, tint = theme.colors, theme.tint(self.choice.tone)
        chosen = self.isChecked()
        hovered = self.underMouse() and self.isEnabled()
        ink = tint.ink if chosen else c.ink if self.isEnabled() else c.ink_3
        fill = tint.soft if chosen else c.hover if hovered else c.card
        width = theme.border + (1 if chosen and theme.name == "contrast" else 0)
        edge = tint.ink if chosen else c.line_strong
        draw_box(painter, self.rect(), radius=metrics().gap(10), fill=fill, edge=edge, width=width)
        x, side = metrics().gap(12), metrics().px(18)
        if self.choice.icon:
            draw_icon(painter, self.choice.icon, QRectF(x, (self.height() - side) / 2, side, side), ink)
            x += side + metrics().gap(8)
        draw_text(painter, QRect(x, 0, self.width() - x, self.height()), self.text(), ink, self.font())

    def _refresh(self) -> None:
        chosen = font("strong")
        chosen.setPixelSize(metrics().px(14))
        self.setFont(chosen)
        self.updateGeometry()
        self.update()


class ToggleGroup(QWidget):
    """Chips of which exactly one is chosen. One stop for Tab; arrows, Home and End move.

    Signals:
        choice_changed: The code of the choice now in force.
    """

    choice_changed = Signal(str)

    def __init__(self, name: str, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        """Make a group called `name` (read aloud); the first choice is chosen."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._flow = FlowLayout(self)
        self._chips: dict[str, ToggleChip] = {}
        for choice in choices:
            chip = _GroupedChip(choice, self)
            chip.setAutoExclusive(True)  # told to assistive technologies as one of several
            chip.setAccessibleDescription(name)
            self._group.addButton(chip)
            self._flow.addWidget(chip)
            self._chips[choice.code] = chip
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._code = choices[0].code
        self._chips[self._code].setChecked(True)
        self._stop_at(self._code)
        self._group.buttonToggled.connect(self._toggled)

    def current(self) -> str:
        """Return the code of the choice in force."""
        return self._code

    def set_current(self, code: str) -> None:
        """Choose by code."""
        self._chips[code].setChecked(True)

    def chip(self, code: str) -> ToggleChip:
        """Return the chip of a choice, to disable it or to change its words."""
        return self._chips[code]

    def move_from(self, chip: ToggleChip, key: int) -> bool:
        """Choose the neighbour of `chip` for an arrow, Home or End; tell whether `key` was one."""
        usable = [other for other in self._chips.values() if other.isEnabled()]
        if key == Qt.Key.Key_Home:
            target = usable[0]
        elif key == Qt.Key.Key_End:
            target = usable[-1]
        elif key in _STEPS:
            target = usable[(usable.index(chip) + _STEPS[Qt.Key(key)]) % len(usable)]
        else:
            return False
        target.setChecked(True)
        target.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def _toggled(self, button: QAbstractButton, checked: bool) -> None:
        if not checked or not isinstance(button, ToggleChip):
            return
        self._code = button.choice.code
        self._stop_at(self._code)
        self.choice_changed.emit(self._code)

    def _stop_at(self, code: str) -> None:
        for other, chip in self._chips.items():
            chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus if other == code else Qt.FocusPolicy.ClickFocus)


class _GroupedChip(ToggleChip):
    def keyPressEvent(self, event: QKeyEvent) -> None:
        group = self.parentWidget()
        if isinstance(group, ToggleGroup) and group.move_from(self, event.key()):
            return
        super().keyPressEvent(event)
