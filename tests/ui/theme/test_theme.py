from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontInfo, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from carelink.errors import BugError
from carelink.ui.theme import (
    apply_theme,
    current_theme,
    draw_icon,
    font,
    icon,
    icon_names,
    icon_pixmap,
    metrics,
    theme_signals,
)
from carelink.ui.theme.fonts import FAMILY
from carelink.ui.widgets import Button, Label


def test_the_bundled_typeface_is_in_use_at_its_weights() -> None:
    for role, weight, size in (("body", 400, 15), ("section", 600, 17), ("title", 700, 26)):
        info = QFontInfo(font(role))  # type: ignore[arg-type]
        assert (info.family(), info.weight(), info.pixelSize()) == (FAMILY, weight, size)


def test_french_typography_needs_no_other_typeface() -> None:
    fm = QFontMetrics(font("body"))
    missing = [letter for letter in "éèàùçœŒÉ«»’…–−·,→←↵\u00a0\u202f" if not fm.inFontUcs4(ord(letter))]
    assert missing == []


def test_no_text_is_smaller_than_twelve_pixels() -> None:
    assert font("small").pixelSize() >= 12


def test_columns_of_numbers_line_up() -> None:
    fm = QFontMetrics(font("body", tabular=True))
    assert len({fm.horizontalAdvance(digit * 4) for digit in "0123456789"}) == 1


def test_text_and_controls_grow_with_the_scale(qapp: QApplication, qtbot: QtBot) -> None:
    button = Button("Publier", variant="primary")
    label = Label("Cahier", "section")
    qtbot.addWidget(button)
    qtbot.addWidget(label)
    small = button.sizeHint()
    apply_theme(qapp, "light", 150)
    assert button.sizeHint().height() == 57
    assert button.sizeHint().width() > small.width() * 1.3
    assert label.font().pixelSize() == round(17 * 1.5)


@pytest.mark.parametrize(("asked", "given"), [(50, 100), (125, 125), (400, 200)])
def test_the_scale_stays_between_100_and_200(qapp: QApplication, asked: int, given: int) -> None:
    apply_theme(qapp, "light", asked)
    assert metrics().scale == given


def test_open_windows_follow_a_change_of_theme(qapp: QApplication, qtbot: QtBot) -> None:
    label = Label("Jeanne")
    field = QLineEdit()
    qtbot.addWidget(label)
    qtbot.addWidget(field)
    with qtbot.waitSignal(theme_signals().theme_changed):
        apply_theme(qapp, "dark")
    ink = QColor(current_theme().colors.ink)
    assert label.palette().windowText().color() == ink
    assert field.palette().text().color() == ink


def test_a_destroyed_widget_is_forgotten_by_the_theme(qapp: QApplication) -> None:
    label = Label("Jeanne")
    label.deleteLater()
    qapp.processEvents()
    del label
    apply_theme(qapp, "dark")


def test_every_icon_draws_something_in_the_colour_asked() -> None:
    for name in sorted(icon_names()):
        image = icon_pixmap(name, 24, "#B3261E").toImage()
        inked = [
            image.pixelColor(x, y)
            for x in range(24)
            for y in range(24)
            if image.pixelColor(x, y).alpha() > 200
        ]
        assert inked, name
        assert all(abs(color.red() - 0xB3) < 6 and abs(color.green() - 0x26) < 6 for color in inked), name


def test_icons_are_sharp_on_a_dense_screen() -> None:
    pixmap = icon_pixmap("lock", 20, "#000000", 2.0)
    assert pixmap.width() == 40
    assert pixmap.deviceIndependentSize().width() == 20


def test_an_icon_is_painted_at_the_density_of_what_it_is_painted_on() -> None:
    canvas = QPixmap(40, 40)
    canvas.setDevicePixelRatio(2)
    canvas.fill(QColor("white"))
    painter = QPainter(canvas)
    draw_icon(painter, "lock", QRectF(0, 0, 20, 20), "#000000")
    painter.end()
    expected = icon_pixmap("lock", 20, "#000000", 2.0).toImage()
    dark = {(x, y) for x in range(40) for y in range(40) if expected.pixelColor(x, y).alpha() == 255}
    image = canvas.toImage()
    assert dark
    assert all(image.pixelColor(x, y).lightness() < 10 for x, y in dark)


def test_a_menu_icon_comes_in_the_text_colour() -> None:
    assert not icon("settings").isNull()


def test_an_unknown_icon_is_our_fault() -> None:
    with pytest.raises(BugError, match="unicorn"):
        icon_pixmap("unicorn", 20, "#000000")


def test_the_interpreter_survives_a_long_session() -> None:
    """PySide6 6.12.0 takes a reference to None away at each call, before Python 3.12."""
    program = (
        "import carelink.ui\n"
        "from PySide6.QtCore import QTimer\n"
        "timer = QTimer()\n"
        "for _ in range(50_000): timer.setInterval(1)\n"
        "print('alive')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "alive"
