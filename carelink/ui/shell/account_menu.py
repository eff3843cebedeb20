"""The menu behind my name: other circles, other people of this PC, locking."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from carelink.language import tr
from carelink.models.vault.home import Home
from carelink.ui.theme import icon

MOST_OTHERS = 8


class AccountMenu(QMenu):
    """Made anew each time it opens, so that it has the theme and the accounts of now.

    Signals:
        join_wanted: To join another circle.
        circle_wanted: To create one.
        settings_wanted: To see the settings.
        lock_wanted: To lock, and whose account to offer next (nothing for one's own).
    """

    join_wanted = Signal()
    circle_wanted = Signal()
    settings_wanted = Signal()
    lock_wanted = Signal(str)

    def __init__(self, home: Home, own: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Mon compte"))
        self._do(tr("Rejoindre un cercle"), "mail-opened").triggered.connect(self.join_wanted)
        self._do(tr("Créer un cercle"), "plus").triggered.connect(self.circle_wanted)
        self._do(tr("Réglages"), "settings").triggered.connect(self.settings_wanted)
        self.addSeparator()
        others = [card for card in home.accounts() if card.account != own][:MOST_OTHERS]
        for card in others:
            action = self._do(tr("Passer à {name}", name=card.name), "user")
            action.setData(card.account)
        lock = self._do(tr("Verrouiller"), "lock")
        lock.setText(f"{lock.text()}\tCtrl+L")
        lock.setData("")
        self.triggered.connect(self._chosen)

    def open_below(self, widget: QWidget) -> None:
        """Show the menu under the button that it belongs to."""
        width = self.sizeHint().width()
        self.popup(widget.mapToGlobal(QPoint(widget.width() - width, widget.height() + 4)))

    def _do(self, text: str, icon_name: str) -> QAction:
        action = QAction(icon(icon_name), text.replace("&", "&&"), self)
        self.addAction(action)
        return action

    def _chosen(self, action: QAction) -> None:
        account = action.data()
        if isinstance(account, str):
            self.lock_wanted.emit(account)
