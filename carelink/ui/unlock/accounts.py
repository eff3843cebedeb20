"""The people of this PC, side by side: arrows choose, Enter goes on. Never counts, never content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from carelink.language import tr
from carelink.models.vault.home import AccountCard, plain_name
from carelink.ui.theme import current_theme, draw_icon, font, metrics, on_theme
from carelink.ui.unlock.words import profession_words
from carelink.ui.widgets import PersonTile
from carelink.ui.widgets.painting import draw_box, draw_text

NEWCOMER = "+"
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class AccountFace(NamedTuple):
    """Someone to choose.

    Attributes:
        subtitle: As what they are, in one line.
        story: Who they are in two lines, in place of the subtitle.
        icon: An icon in place of a face.
    """

    code: str
    name: str
    subtitle: str = ""
    story: str = ""
    icon: str = ""


def faces_of(cards: Iterable[AccountCard]) -> list[AccountFace]:
    """Return the people of this PC, and the way in for whoever is not among them."""
    faces = [AccountFace(card.account, card.name, profession_words(card.profession)) for card in cards]
    return [*faces, AccountFace(NEWCOMER, tr("Autre personne"), tr("Ouvrir mon compte ici"), icon="plus")]


def centred(*widgets: QWidget) -> QHBoxLayout:
    """Return a row with room on both sides."""
    row = QHBoxLayout()
    row.addStretch(1)
    for widget in widgets:
        row.addWidget(widget, 4)
    row.addStretch(1)
    return row


class AccountGrid(QWidget):
    """One tile a person; a single stop for Tab.

    Signals:
        chosen: Code of the person chosen by click or Enter.
        moved: Code of the person that arrows went to.
    """

    chosen = Signal(str)
    moved = Signal(str)

    def __init__(self, name: str, *, tile_width: int = 250, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._tile_width = tile_width
        self._tiles: dict[str, _Tile] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._columns = 0
        on_theme(self._arrange)

    def set_faces(self, faces: Sequence[AccountFace], *, tile_width: int) -> None:
        """Show these people; with none chosen yet."""
        for tile in self._tiles.values():
            self._grid.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self._tile_width = tile_width
        self._tiles = {face.code: _Tile(face, self) for face in faces}
        for tile in self._tiles.values():
            tile.clicked.connect(tile.choose)
            tile.wanted.connect(self.chosen)
            tile.stepped.connect(self._step)
        self._columns = 0
        self._arrange()
        self._stop_at(next(iter(self._tiles), ""))

    def show_only(self, typed: str) -> None:
        """Show those whose name has what was typed in it, whatever its case and accents."""
        wanted = plain_name(typed)
        for tile in self._tiles.values():
            tile.setVisible(not wanted or wanted in plain_name(tile.accessibleName()))
        self._columns = 0
        self._arrange()
        shown = self._shown()
        if shown and not any(tile.isChecked() for tile in shown.values()):
            self._stop_at(next(iter(shown)))

    def select(self, code: str) -> None:
        """Show who is chosen."""
        for other, tile in self._tiles.items():
            tile.setChecked(other == code)
        self._stop_at(code)

    def tile(self, code: str) -> PersonTile:
        """Return someone's tile."""
        return self._tiles[code]

    def focus_chosen(self) -> None:
        """Give the keyboard to the person chosen, or the first."""
        tiles = list(self._tiles.values())
        target = next((tile for tile in tiles if tile.isChecked()), tiles[0] if tiles else None)
        if target is not None:
            target.setFocus(Qt.FocusReason.TabFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the tiles into as many columns as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        gap = metrics().gap(14)
        room = self.width() + gap
        shown = self._shown()
        columns = max(1, min(3, len(shown), room // (metrics().px(self._tile_width) + gap)))
        self._grid.setSpacing(gap)
        if columns == self._columns:
            return
        for column in range(self._columns):
            self._grid.setColumnStretch(column, 0)
        self._columns = columns
        for index, tile in enumerate(shown.values()):
            self._grid.addWidget(tile, index // columns, index % columns)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)

    def _step(self, code: str, across: int, down: int) -> None:
        codes = list(self._shown())
        index = codes.index(code) + across + down * self._columns
        if 0 <= index < len(codes):
            self._stop_at(codes[index])
            self._tiles[codes[index]].setFocus(Qt.FocusReason.TabFocusReason)
            self.moved.emit(codes[index])

    def _shown(self) -> dict[str, _Tile]:
        return {code: tile for code, tile in self._tiles.items() if not tile.isHidden()}

    def _stop_at(self, code: str) -> None:
        for other, tile in self._tiles.items():
            tile.setFocusPolicy(Qt.FocusPolicy.StrongFocus if other == code else Qt.FocusPolicy.ClickFocus)


class _Tile(PersonTile):
    wanted = Signal(str)
    stepped = Signal(str, int, int)

    def __init__(self, face: AccountFace, parent: QWidget) -> None:
        super().__init__(face.name, face.subtitle, key=face.code, parent=parent)
        self._code, self._icon_name, self._story = face.code, face.icon, face.story
        self.setCheckable(True)
        if face.story:
            self.setAccessibleDescription(face.story)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if not self._story:
            return hint
        lines = QFontMetrics(font("name")).height() + 2 * QFontMetrics(font("secondary")).height()
        return QSize(hint.width(), max(hint.height(), lines + metrics().gap(30)))

    def choose(self) -> None:
        self.wanted.emit(self._code)

    def nextCheckState(self) -> None:
        """Leave the choice to the grid: a second click must not undo the first."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        if self._story:
            self._paint_story(painter)
        if not self._icon_name:
            return
        tint, side = current_theme().tint("selected"), metrics().px(52)
        place = QRectF(metrics().gap(18), (self.height() - side) / 2, side, side)
        draw_box(painter, place, radius=side / 2, fill=tint.soft, edge=tint.edge)
        inset = side * 0.28
        draw_icon(painter, self._icon_name, place.adjusted(inset, inset, -inset, -inset), tint.ink)

    def _lines(self) -> list[tuple[str, Literal["name", "secondary", "small-strong"], str]]:
        return [] if self._story else super()._lines()

    def _text_height(self) -> int:
        return 0 if self._story else super()._text_height()

    def _paint_story(self, painter: QPainter) -> None:
        gap, c = metrics().gap, current_theme().colors
        left = gap(18) + metrics().px(52) + gap(14)
        room = self.width() - left - gap(16)
        name, small = font("name"), font("secondary")
        first, line = QFontMetrics(name).height(), QFontMetrics(small).height()
        top = (self.height() - first - 2 * line - gap(2)) // 2
        draw_text(painter, QRect(left, top, room, first), self._name, c.ink, name)
        painter.setFont(small)
        painter.setPen(QColor(c.ink_2))
        place = QRect(left, top + first + gap(2), room, 2 * line + 2)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap), self._story)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.choose()
        elif key in _STEPS:
            self.stepped.emit(self._code, *_STEPS[Qt.Key(key)])
        else:
            super().keyPressEvent(event)
