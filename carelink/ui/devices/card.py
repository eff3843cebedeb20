"""Réglages: the PCs of this account, and its recovery sheet."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.services.devices import Devices, DeviceView, Revoked
from carelink.services.pairing import Paired
from carelink.ui.devices.add import AddDialog
from carelink.ui.devices.rename import RenameDialog
from carelink.ui.devices.revoke import RevokeDialog
from carelink.ui.devices.words import device_name, since_line, state_words
from carelink.ui.theme import current_theme, metrics
from carelink.ui.widgets import Button, Card, Chip, FlowLayout, IconLabel, Label, Paragraph, Toast
from carelink.ui.workspace import Workspace


class DevicesCard(Card):
    """One row a device.

    Signals:
        sheet_wanted: The sheet was made by what was revoked: another one should take its place.
    """

    sheet_wanted = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(tr("Appareils"), parent=parent)
        self._workspace = workspace
        self._devices = Devices(workspace.session)
        self._views: list[DeviceView] = []
        self.rows: dict[str, DeviceRow] = {}
        self.add_button = Button(tr("Ajouter un ordinateur"), icon="plus")
        self.add_button.clicked.connect(self.ask_add)

    def refresh(self) -> None:
        """Read them again."""
        self._workspace.operations.vault(self._devices.known, self._show)

    def ask_add(self) -> None:
        """Bring in one more PC."""
        dialog = AddDialog(self._workspace, self.window())
        dialog.paired.connect(self._paired)
        dialog.open()

    def ask_rename(self, view: DeviceView) -> None:
        """Call a device something else."""
        dialog = RenameDialog(self._workspace, view, self.window())
        dialog.accepted.connect(self.refresh)
        dialog.open()

    def ask_revoke(self, view: DeviceView) -> None:
        """Cut a device off."""
        dialog = RevokeDialog(self._workspace, view, self._views, self.window())
        dialog.revoked.connect(self._revoked)
        dialog.open()

    def _show(self, views: list[DeviceView]) -> None:
        self._views = views
        focused = next((key for key, row in self.rows.items() if row.has_focus()), "")
        self.clear_rows()
        self.rows.clear()
        for view in views:
            row = DeviceRow(view)
            row.rename_wanted.connect(self.ask_rename)
            row.revoke_wanted.connect(self.ask_revoke)
            self.rows[view.id] = row
            self.add_row(row)
        self.add_button = Button(tr("Ajouter un ordinateur"), icon="plus")
        self.add_button.clicked.connect(self.ask_add)
        foot = QVBoxLayout()
        foot.setSpacing(metrics().gap(8))
        foot.addWidget(
            Paragraph(
                tr(
                    "Vous pouvez lire et écrire depuis plusieurs ordinateurs, sous votre seul nom. S’il est "
                    "volé ou perdu, révoquez-le d’ici\u00a0: il ne recevra plus rien de nouveau."
                ),
                "secondary",
                tone="ink-2",
            )
        )
        foot.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.add_row(foot)
        if focused:
            row_now = self.rows.get(focused)
            target = self.add_button if row_now is None else row_now.rename_button
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _paired(self, paired: Paired) -> None:
        self._workspace.poke()
        self.refresh()
        Toast.show_in(self.window(), tr("{name} est un de vos appareils", name=paired.name), icon="check")

    def _revoked(self, revoked: Revoked) -> None:
        self._workspace.poke()
        self.refresh()
        words = (
            tr("1 appareil révoqué")
            if len(revoked.devices) == 1
            else tr("{n} appareils révoqués", n=len(revoked.devices))
        )
        Toast.show_in(self.window(), words, icon="check")
        if revoked.sheet:
            self.sheet_wanted.emit()


class DeviceRow(QWidget):
    """A device and what can be done with it.

    Signals:
        rename_wanted, revoke_wanted: The DeviceView.
    """

    rename_wanted = Signal(object)
    revoke_wanted = Signal(object)

    def __init__(self, view: DeviceView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = view
        name = device_name(view)
        self.rename_button = Button(tr("Renommer"), variant="quiet", size="compact", icon="pencil")
        self.rename_button.setAccessibleName(tr("Renommer {name}", name=name))
        self.rename_button.clicked.connect(self._rename)
        self.revoke_button = Button(tr("Révoquer…"), variant="quiet", size="compact", icon="hand-stop")
        self.revoke_button.setAccessibleName(tr("Révoquer {name}", name=name))
        self.revoke_button.clicked.connect(self._revoke)
        counts = view.state == "active"
        said = QWidget()
        flow = FlowLayout(said, gap=8)
        self.name = Label(name, "strong" if counts else "body", tone="ink" if counts else "ink-2")
        flow.addWidget(self.name)
        if view.this and view.name:
            flow.addWidget(Chip(tr("cet ordinateur"), tone="selected"))
        self.state = state_words(view)
        if self.state:
            flow.addWidget(Chip(self.state, tone="caution" if view.state == "revoking" else "neutral"))
        words = QVBoxLayout()
        words.setSpacing(metrics().gap(2))
        words.addWidget(said)
        words.addWidget(Label(since_line(view), "secondary", tone="ink-2"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(metrics().gap(12))
        icon = IconLabel("file-text" if view.paper else "device-desktop", _ink, size=22)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        for button in (self.rename_button, self.revoke_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.rename_button.setVisible(counts and not view.paper)
        self.revoke_button.setVisible(counts and not view.paper and not view.this)

    def has_focus(self) -> bool:
        """Whether the keyboard is on one of its buttons."""
        return self.rename_button.hasFocus() or self.revoke_button.hasFocus()

    def _rename(self) -> None:
        self.rename_wanted.emit(self.view)

    def _revoke(self) -> None:
        self.revoke_wanted.emit(self.view)


def _ink() -> str:
    return current_theme().colors.ink_2
