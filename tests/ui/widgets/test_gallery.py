"""What holds for every widget, seen on the gallery that shows them all."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTabBar,
    QWidget,
)

import carelink.ui
from carelink.ui import widgets
from carelink.ui.gallery import build_gallery
from carelink.ui.theme import THEME_NAMES, ThemeName, apply_theme, icon_names
from carelink.ui.theme.focus_ring import FocusRing

Show = Callable[[QWidget], None]
LEAST_TARGET = 24
_LOOKS: list[tuple[ThemeName, int]] = [
    ("light", 100),
    ("light", 150),
    ("light", 200),
    ("dark", 100),
    ("contrast", 150),
]
_INNER = {"qt_scrollarea_viewport", "qt_scrollarea_hcontainer", "qt_scrollarea_vcontainer"}


def _takes_focus(widget: QWidget) -> bool:
    return (
        widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.isVisible()
        and widget.isEnabled()
        and widget.objectName() not in _INNER
    )


def _spoken_name(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


@pytest.fixture(params=_LOOKS, ids=str)
def page(request: pytest.FixtureRequest, qapp: QApplication, show: Show) -> QWidget:
    name, scale = request.param
    apply_theme(qapp, name, scale)
    built = build_gallery()
    built.resize(1366, 768)
    show(built)
    return built


def test_whatever_takes_the_keyboard_says_its_name(page: QWidget) -> None:
    focusable = [w for w in page.findChildren(QWidget) if _takes_focus(w)]
    assert len(focusable) > 40
    nameless = [type(w).__name__ for w in focusable if not _spoken_name(w).strip()]
    assert nameless == []


def test_an_icon_alone_has_a_name_and_a_tooltip(page: QWidget) -> None:
    alone = page.findChildren(widgets.IconButton)
    assert alone
    assert [b for b in alone if not b.accessibleName() or b.toolTip() != b.accessibleName()] == []


def test_targets_are_large_enough(page: QWidget) -> None:
    small = [
        f"{type(b).__name__} {b.accessibleName()}: {b.width()}×{b.height()}"
        for b in page.findChildren(QWidget)
        if isinstance(b, QAbstractButton | QComboBox | QLineEdit | QTabBar)
        and b.isVisible()
        and _spoken_name(b)
        and min(b.width(), b.height()) < LEAST_TARGET
    ]
    assert small == []


def test_the_words_of_a_button_are_never_cut(page: QWidget) -> None:
    cut = [
        button.text()
        for button in page.findChildren(QPushButton)
        if button.isVisible() and button.text() and button.width() < button.minimumSizeHint().width()
    ]
    assert cut == []


def test_texts_have_the_height_that_they_need(page: QWidget) -> None:
    cut = [
        label.text()
        for label in page.findChildren(QLabel)
        if label.isVisible() and label.wordWrap() and label.height() < label.heightForWidth(label.width())
    ]
    assert cut == []


def test_nothing_lies_beyond_the_side_of_the_page(page: QWidget) -> None:
    area = page.findChild(QScrollArea, "gallery-page")
    assert isinstance(area, QScrollArea)
    content = area.widget()
    assert content is not None
    assert content.width() <= area.viewport().width()


def test_every_widget_that_takes_the_keyboard_shows_the_ring(page: QWidget, qapp: QApplication) -> None:
    for widget in [w for w in page.findChildren(QWidget) if _takes_focus(w)]:
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        assert any(ring.isVisible() for ring in page.findChildren(FocusRing)), type(widget).__name__


def test_tab_goes_through_the_page_and_comes_back(show: Show) -> None:
    page = build_gallery()
    show(page)
    start = page.findChild(widgets.SearchField)
    assert isinstance(start, QWidget)
    start.setFocus(Qt.FocusReason.TabFocusReason)
    seen: list[QWidget] = []
    for _ in range(300):
        current = QApplication.focusWidget()
        assert current is not None
        if current in seen:
            break
        seen.append(current)
        QTest.keyClick(current, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is start
    assert len(seen) > 40


@pytest.mark.parametrize("name", THEME_NAMES)
def test_a_page_built_in_one_theme_can_be_shown_in_another(
    name: ThemeName, qapp: QApplication, show: Show
) -> None:
    page = build_gallery()
    page.resize(1366, 768)
    show(page)
    before = page.grab().toImage()
    apply_theme(qapp, name, 150)
    qapp.processEvents()
    assert page.grab().toImage() != before


def test_the_gallery_shows_every_widget(show: Show) -> None:
    page = build_gallery()
    show(page)
    shown = {kind.__name__ for child in page.findChildren(QWidget) for kind in type(child).__mro__}
    public = {
        name
        for name in widgets.__all__
        if isinstance(kind := getattr(widgets, name), type) and issubclass(kind, QWidget)
    }
    # Dialogs and toasts stand on their own and have tests of their own.
    assert public - shown == {"Dialog", "Toast"}


def _sources() -> Iterator[Path]:
    root = Path(carelink.ui.__file__).parent
    return root.rglob("*.py")


def _icon_literals(tree: ast.AST) -> Iterator[str]:
    first = {"IconButton": 0, "EmptyState": 0, "IconLabel": 0, "icon": 0, "icon_pixmap": 0, "draw_icon": 1}
    first |= {"NavItem": 2, "Choice": 2}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        candidates = [k.value for k in node.keywords if k.arg in {"icon", "trailing_icon"}]
        place = first.get(called)
        if place is not None and len(node.args) > place:
            candidates.append(node.args[place])
        for value in candidates:
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                yield value.value


def test_every_icon_that_a_screen_names_is_shipped() -> None:
    used = {name for path in _sources() for name in _icon_literals(ast.parse(path.read_text("utf-8")))}
    assert len(used) > 20
    assert used - icon_names() == set()


def test_scroll_areas_do_not_take_the_keyboard_from_what_they_hold(show: Show) -> None:
    page = build_gallery()
    show(page)
    areas = [a for a in page.findChildren(QAbstractScrollArea) if type(a) is QScrollArea]
    assert areas
    assert all(area.focusPolicy() == Qt.FocusPolicy.NoFocus for area in areas)
