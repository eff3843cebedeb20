"""What goes wrong in a screen is said, and the window goes on."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from carelink.app import FaultTeller
from carelink.errors import KnownError
from carelink.models.vault.home import Home
from carelink.ui.main_window import MainWindow
from tests.ui.households import Open, household, open_window, relay

__all__ = ["household", "open_window", "relay"]


def _said(window: MainWindow) -> list[str]:
    return [label.text() for label in window.findChildren(QLabel)]


def test_a_known_refusal_is_shown_in_its_own_words(
    open_window: Open, tmp_path_factory: pytest.TempPathFactory
) -> None:
    window = open_window(Home(tmp_path_factory.mktemp("home"))).window
    FaultTeller(window).tell(KnownError, KnownError("Le disque est plein."), None)
    assert "Le disque est plein." in _said(window)


def test_a_fault_of_ours_is_said_without_what_was_written(
    open_window: Open,
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
    qtbot: QtBot,
) -> None:
    window = open_window(Home(tmp_path_factory.mktemp("home"))).window
    FaultTeller(window).tell(ValueError, ValueError("Mme Moreau a dit"), None)
    assert any("erreur inattendue (ValueError)" in words for words in _said(window))
    assert "Mme Moreau" not in caplog.text + " ".join(_said(window))
