"""Who will read this, by name: the line that stands under whatever is being written."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from carelink.access.compartments import RESTRICTED
from carelink.language import tr
from carelink.services.cahier import Audience, ReaderName
from carelink.ui.person.row_layout import volet_chip
from carelink.ui.person.words import (
    as_what,
    audience_sentence,
    names_that_fit,
    not_readers,
    reader_count,
    reader_names,
)
from carelink.ui.theme import current_theme, draw_icon, font, metrics, on_theme
from carelink.ui.widgets import Avatar, Card, Dialog, Label, Paragraph, announce
from carelink.ui.widgets.painting import draw_text
from carelink.ui.widgets.tooltips import as_plain_tooltip

_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class ReaderLine(QPushButton):
    """The band of names, in the volet's colour; it opens the whole list.

    Signals:
        choice_wanted: Pressed where the readers are named one by one.
    """

    choice_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._audience: Audience | None = None
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.clicked.connect(self._open)
        on_theme(self._refresh)

    def audience(self) -> Audience | None:
        """Return who is named now."""
        return self._audience

    def set_audience(self, audience: Audience) -> None:
        """Name who will read; a change is said aloud."""
        if audience == self._audience:
            return
        self._audience = audience
        sentence = audience_sentence(audience)
        self.setAccessibleName(sentence)
        named = audience.compartment == RESTRICTED
        self.setAccessibleDescription(
            tr("Entrée choisit qui lira") if named else tr("Entrée ouvre la liste complète")
        )
        self.setToolTip(as_plain_tooltip(sentence))
        if self.isVisible():
            announce(self, sentence)
        self._refresh()

    def words(self) -> tuple[str, str, str]:
        """Return the three parts of the line: how many, the names with room, who of the family will not."""
        if self._audience is None:
            return "", "", ""
        head, names, outside = self._parts()
        return head, self._shown(names, self._names_room(self.width())), outside

    def hasHeightForWidth(self) -> bool:
        """Tell that a narrow place needs more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the lines at a width."""
        return self._lines(width) * self._line_height() + metrics().gap(16)

    def sizeHint(self) -> QSize:
        """Return the height at the width in force."""
        return QSize(metrics().px(320), self.heightForWidth(max(self.width(), metrics().px(320))))

    def minimumSizeHint(self) -> QSize:
        """Return a width in which the names can give way."""
        return QSize(metrics().px(200), self.heightForWidth(self.width()))

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Tell the ring the shape."""
        return self, self.rect().adjusted(4, 4, -4, -4), metrics().gap(6)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Repaint as hovered."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground, then the names in as many lines as they need."""
        if self._audience is None:
            return
        painter = QPainter(self)
        theme, sizes = current_theme(), metrics()
        tint = theme.tint(volet_chip(self._audience.compartment)[2])
        painter.fillRect(self.rect(), QColor(tint.soft))
        if theme.name == "contrast":
            painter.fillRect(QRect(0, 0, self.width(), 2), QColor(tint.edge))
        head, names, outside = self.words()
        side, tall, pad = sizes.px(18), self._line_height(), sizes.gap(18)
        y = sizes.gap(8)
        draw_icon(painter, "eye", QRectF(pad, y + (tall - side) / 2, side, side), tint.ink)
        left, right = pad + side + sizes.gap(10), self.width() - pad
        bold, plain = font("secondary-strong"), font("secondary")
        head_wide = QFontMetrics(bold).horizontalAdvance(head) + 2
        ink = theme.colors.ink
        draw_text(painter, QRect(left, y, right - left, tall), head, tint.ink, bold)
        lines = self._lines(self.width())
        if lines == 1:
            x = left + head_wide + sizes.gap(6)
            place = QRect(x, y, self._names_room(self.width()), tall)
            draw_text(painter, place, names, ink, plain)
            draw_text(painter, QRect(left, y, right - left, tall), outside, tint.ink, bold, align=_RIGHT)
            return
        if names:
            y += tall
            draw_text(painter, QRect(left, y, right - left, tall), names, ink, plain)
        if outside:
            draw_text(painter, QRect(left, y + tall, right - left, tall), outside, tint.ink, bold)

    def _lines(self, width: int) -> int:
        head, names, outside = self._parts()
        sizes = metrics()
        bold, plain = QFontMetrics(font("secondary-strong")), QFontMetrics(font("secondary"))
        room = self._room(width)
        needed = bold.horizontalAdvance(head) + sizes.gap(6)
        needed += min(plain.horizontalAdvance(", ".join(names)), sizes.px(220))
        if outside:
            needed += bold.horizontalAdvance(outside) + sizes.gap(14)
        if needed <= room:
            return 1
        return 1 + bool(names) + bool(outside)

    def _parts(self) -> tuple[str, list[str], str]:
        if self._audience is None:
            return "", [], ""
        return (
            reader_count(self._audience),
            reader_names(self._audience),
            not_readers(self._audience.without_access),
        )

    def _room(self, width: int) -> int:
        sizes = metrics()
        return width - 2 * sizes.gap(18) - sizes.px(18) - sizes.gap(10)

    def _names_room(self, width: int) -> int:
        room = self._room(width)
        if self._lines(width) > 1:
            return room
        head, _names, outside = self._parts()
        sizes, bold = metrics(), QFontMetrics(font("secondary-strong"))
        room -= bold.horizontalAdvance(head) + 2 + sizes.gap(6)
        return room - (bold.horizontalAdvance(outside) + 2 + sizes.gap(14) if outside else 0)

    def _shown(self, names: list[str], room: int) -> str:
        plain = QFontMetrics(font("secondary"))
        words = names_that_fit(names, lambda words: plain.horizontalAdvance(words) <= room)
        over = plain.horizontalAdvance(words) - room
        if over <= 0 or not names:
            return words
        # Even one name is too long: it gives way, how many there are does not.
        first = plain.elidedText(
            names[0], Qt.TextElideMode.ElideRight, plain.horizontalAdvance(names[0]) - over
        )
        return first + words[len(names[0]) :]

    def _line_height(self) -> int:
        return QFontMetrics(font("secondary-strong")).height() + metrics().gap(2)

    def _refresh(self) -> None:
        self.updateGeometry()
        self.update()

    def _open(self) -> None:
        if self._audience is not None and self._audience.compartment == RESTRICTED:
            self.choice_wanted.emit()
        elif self._audience is not None:
            ReadersDialog(self._audience, self.window()).open()


class ReadersDialog(Dialog):
    """Everyone who will read, and who of the family will not."""

    def __init__(self, audience: Audience, parent: QWidget | None = None) -> None:
        volet = volet_chip(audience.compartment)[0]
        super().__init__(
            tr("Qui lira cette note"),
            tr(
                "Volet «\u00a0{volet}\u00a0». Les membres qui rejoindront le cercle avec l’historique "
                "la liront aussi.",
                volet=volet,
            ),
            parent=parent,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        readers = sorted(audience.readers, key=lambda reader: not reader.professional)
        self.body.addWidget(
            _people(tr("Liront"), readers, tr("Personne d’autre que vous n’est encore dans ce volet."))
        )
        if audience.without_access:
            self.body.addWidget(_people(tr("Ne liront pas"), audience.without_access, ""))
        self.body.addStretch(1)
        self.set_closing(tr("Fermer"))


def _people(title: str, people: list[ReaderName] | tuple[ReaderName, ...], empty: str) -> Card:
    card = Card(title, count=str(len(people)) if people else "")
    for person in people:
        row = QHBoxLayout()
        row.setSpacing(metrics().gap(12))
        row.addWidget(Avatar(person.name, key=person.id))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(person.name, "strong", wrap=True))
        words.addWidget(Label(as_what(person.role, person.relation), "secondary", tone="ink-2", wrap=True))
        row.addLayout(words, 1)
        card.add_row(row)
    if not people:
        card.add_row(Paragraph(empty, tone="ink-2"))
    return card
