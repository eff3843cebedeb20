"""A name is shown as it is written, whatever it looks like."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from carelink.ui.widgets.labels import ElidedLabel
from carelink.ui.widgets.tooltips import as_plain_tooltip

PLANTED = 'Anne <img src="//ailleurs.example/x.png"> Moreau'


@pytest.mark.parametrize("text", [PLANTED, "<b>Anne</b>", "a &amp; b < c", "5 < 6"])
def test_what_looks_like_html_is_shown_as_it_is_written(qtbot: QtBot, text: str) -> None:
    shown = QTextDocument()
    shown.setHtml(as_plain_tooltip(text))
    assert shown.toPlainText() == text


@pytest.mark.parametrize("text", ["Anne Moreau", "Dupont & fils", "« Été »"])
def test_what_does_not_is_left_alone(text: str) -> None:
    assert as_plain_tooltip(text) == text


def test_a_members_name_is_never_obeyed_as_html(qtbot: QtBot) -> None:
    label = ElidedLabel(PLANTED)
    qtbot.addWidget(label)
    label.resize(30, 20)
    label.show()
    assert "<img" not in label.toolTip()
    assert "Moreau" in label.toolTip()
