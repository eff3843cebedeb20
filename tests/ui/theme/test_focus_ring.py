from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from carelink.ui.theme import current_theme
from carelink.ui.theme.focus_ring import FocusRing
from carelink.ui.widgets import Button, TextField, scrolling


def _ring() -> FocusRing | None:
    rings = [w for w in QApplication.allWidgets() if isinstance(w, FocusRing) and w.isVisible()]
    return rings[0] if rings else None


def _page(*widgets: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(20, 20, 20, 20)
    for widget in widgets:
        column.addWidget(widget)
    return page


def _on_screen(widget: QWidget) -> QRect:
    return QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())


def test_the_ring_goes_where_tab_goes(show: Callable[[QWidget], None], qapp: QApplication) -> None:
    first, second = Button("Un"), Button("Deux")
    show(_page(first, second))
    first.setFocus(Qt.FocusReason.TabFocusReason)
    ring = _ring()
    assert ring is not None
    assert _on_screen(ring) == _on_screen(first).adjusted(-5, -5, 5, 5)
    QTest.keyClick(first, Qt.Key.Key_Tab)
    assert second.hasFocus()
    assert _on_screen(ring) == _on_screen(second).adjusted(-5, -5, 5, 5)


def test_the_ring_is_three_pixels_wide_and_two_away(show: Callable[[QWidget], None]) -> None:
    button = Button("Publier", variant="primary")
    page = _page(button)
    show(page)
    button.setFocus(Qt.FocusReason.TabFocusReason)
    image = page.grab().toImage()
    middle = button.geometry().center().y()
    left = button.geometry().left()
    focus, paper = current_theme().colors.focus.lower(), current_theme().colors.paper.lower()
    assert [image.pixelColor(left - d, middle).name() for d in (5, 4, 3)] == [focus] * 3
    assert [image.pixelColor(left - d, middle).name() for d in (6, 2, 1)] == [paper] * 3


def test_the_ring_scrolls_with_the_page(show: Callable[[QWidget], None], qapp: QApplication) -> None:
    buttons = [Button(f"Bouton {n}") for n in range(30)]
    area: QScrollArea = scrolling(_page(*buttons))
    area.resize(300, 200)
    show(area)
    buttons[2].setFocus(Qt.FocusReason.TabFocusReason)
    area.verticalScrollBar().setValue(60)
    qapp.processEvents()
    ring = _ring()
    assert ring is not None
    assert ring.parentWidget() is area.widget()
    assert _on_screen(ring) == _on_screen(buttons[2]).adjusted(-5, -5, 5, 5)


def test_a_click_on_a_button_draws_no_ring_until_a_key_is_pressed(
    show: Callable[[QWidget], None], qapp: QApplication
) -> None:
    first, second = Button("Un"), Button("Deux")
    page = _page(first, second)
    show(page)
    first.setFocus(Qt.FocusReason.TabFocusReason)
    _press_as_a_mouse_does(page, second)
    assert second.hasFocus()
    assert _ring() is None
    QTest.keyClick(second, Qt.Key.Key_Shift)
    ring = _ring()
    assert ring is not None
    assert _on_screen(ring) == _on_screen(second).adjusted(-5, -5, 5, 5)


def test_a_click_in_a_field_draws_the_ring(show: Callable[[QWidget], None]) -> None:
    button, field = Button("Un"), TextField("Nom")
    page = _page(button, field)
    show(page)
    _press_as_a_mouse_does(page, field)
    assert field.hasFocus()
    assert _ring() is not None


def _press_as_a_mouse_does(page: QWidget, target: QWidget) -> None:
    """Click through the window system, so that Qt knows of the button held down."""
    window = page.windowHandle()
    place = target.mapTo(page, target.rect().center())
    QTest.mouseClick(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def test_what_is_hidden_has_no_ring(show: Callable[[QWidget], None], qapp: QApplication) -> None:
    field = TextField("Nom")
    page = _page(field)
    show(page)
    field.setFocus(Qt.FocusReason.TabFocusReason)
    assert _ring() is not None
    field.hide()
    qapp.processEvents()
    assert _ring() is None


def test_closing_the_window_takes_the_ring_along(show: Callable[[QWidget], None], qapp: QApplication) -> None:
    for _ in range(2):
        field = TextField("Nom")
        page = _page(field)
        show(page)
        field.setFocus(Qt.FocusReason.TabFocusReason)
        assert _ring() is not None
        page.close()
        page.deleteLater()
        qapp.processEvents()
