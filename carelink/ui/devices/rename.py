"""Calling a device something else."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.devices import Devices, DeviceView
from carelink.ui.widgets import Dialog, LabeledField, TextField, announce
from carelink.ui.workspace import Workspace


class RenameDialog(Dialog):
    """Accepted once it has its name."""

    def __init__(self, workspace: Workspace, view: DeviceView, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Renommer un ordinateur"),
            tr("Vous seul ou vous seule voyez ce nom, sur cet ordinateur."),
            width=480,
            parent=parent,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._devices, self._operations, self._view = Devices(workspace.session), workspace.operations, view
        self.name = TextField(tr("Nom"), placeholder=tr("Portable du salon"))
        self.name.setText(view.name)
        self.name.selectAll()
        self.field = LabeledField(tr("Nom"), self.name)
        self.body.addWidget(self.field)
        self.act_button = self.set_primary(tr("Renommer"))
        self.act_button.clicked.connect(self._rename)
        self.name.setFocus()

    def _rename(self) -> None:
        name, device, devices = self.name.text(), self._view.id, self._devices
        self._operations.vault(lambda: devices.rename(device, name), self._done, self._refused)

    def _done(self, _nothing: None) -> None:
        self.accept()

    def _refused(self, error: KnownError) -> None:
        self.field.set_error(str(error))
        self.name.setFocus()
        announce(self, str(error))
