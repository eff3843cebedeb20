"""The one style sheet: fields, menus, lists, scroll bars and tooltips.

What has states, icons or shapes that a style sheet draws poorly paints itself (see `widgets`).
"""

from __future__ import annotations

from string import Template

from carelink.ui.theme.state import Metrics
from carelink.ui.theme.tokens import Theme

_SHEET = Template("""
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox {
    background: $card; color: $ink; border: ${border}px solid $field; border-radius: ${r}px;
    selection-background-color: $primary; selection-color: $on_primary;
    placeholder-text-color: $ink_3;
}
QLineEdit { padding: 0 ${field_pad}px; lineedit-password-character: 8226; }
QPlainTextEdit, QTextEdit { padding: ${text_v}px ${text_h}px; }
QLineEdit[invalid="true"], QPlainTextEdit[invalid="true"] { border: ${wrong}px solid $danger; }
QLineEdit:disabled, QPlainTextEdit:disabled {
    background: $paper; color: $ink_3; border-color: $line_strong;
}
QPlainTextEdit[bare="true"], QTextEdit[bare="true"] {
    border: none; border-radius: 0; padding: 0; background: transparent;
}

QMenu {
    background: $card; color: $ink; border: ${border}px solid $line_strong;
    padding: ${menu_pad}px;
}
QMenu::item {
    padding: ${item_v}px ${item_h}px; border-radius: ${r_small}px;
    border: 1px solid transparent;
}
QMenu::item:selected { background: $selected_soft; color: $selected_ink; border-color: $selected_edge; }
QMenu::item:disabled { color: $ink_3; }
QMenu::icon { padding-left: ${item_v}px; }
QMenu::separator { height: 1px; background: $line; margin: ${menu_pad}px; }

QToolTip {
    background: $raised; color: $on_raised; border: 1px solid $raised_edge;
    padding: ${tip_v}px ${tip_h}px;
}

QAbstractItemView {
    background: $card; color: $ink; border: none; outline: none;
    selection-background-color: $selected_soft; selection-color: $selected_ink;
    alternate-background-color: $paper;
}
QComboBox QAbstractItemView {
    border: ${border}px solid $line_strong; padding: ${menu_pad}px;
}
QComboBox QAbstractItemView::item {
    min-height: ${item_height}px; padding: 0 ${tip_h}px; border: 1px solid transparent;
}
QComboBox QAbstractItemView::item:selected {
    background: $selected_soft; color: $selected_ink; border-color: $selected_edge;
}
QHeaderView::section {
    background: $paper; color: $ink_2; border: none; border-bottom: 1px solid $line;
    padding: ${item_v}px ${tip_h}px;
}

QTabBar::scroller { width: ${tab_arrows}px; }
QTabBar QToolButton {
    background: $card; border: ${border}px solid $line_strong; border-radius: ${r_small}px;
    margin: ${item_v}px 1px;
}

QScrollArea { border: none; background: transparent; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: ${bar}px; margin: 0; }
QScrollBar:horizontal { height: ${bar}px; margin: 0; }
QScrollBar::handle { background: $field; border-radius: ${bar_r}px; margin: 3px; }
QScrollBar::handle:vertical { min-height: ${bar_min}px; }
QScrollBar::handle:horizontal { min-width: ${bar_min}px; }
QScrollBar::handle:hover { background: $ink_3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
""")


def build_stylesheet(theme: Theme, sizes: Metrics) -> str:
    """Return the style sheet of `theme` at the scale of `sizes`."""
    selected = theme.tint("selected")
    return _SHEET.substitute(
        theme.colors._asdict(),
        selected_ink=selected.ink,
        selected_soft=selected.soft,
        selected_edge=selected.edge,
        border=theme.border,
        r=sizes.gap(10),
        r_small=sizes.gap(6),
        field_pad=sizes.gap(12),
        text_v=sizes.gap(7),
        text_h=sizes.gap(10),
        wrong=theme.border + 1,
        tab_arrows=sizes.px(56),
        menu_pad=sizes.gap(4),
        item_v=sizes.gap(8),
        item_h=sizes.gap(14),
        item_height=sizes.px(34),
        tip_v=sizes.gap(4),
        tip_h=sizes.gap(8),
        bar=12,
        bar_r=3,
        bar_min=32,
    )
