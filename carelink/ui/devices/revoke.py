"""Cutting off a PC that was lost or stolen: first what it does, then, once asked for, it is done."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.devices import Devices, DeviceView, Revoked
from carelink.ui.devices.words import device_name, since_line
from carelink.ui.person.day_field import DayField
from carelink.ui.theme import metrics
from carelink.ui.widgets import Banner, Card, Dialog, LabeledField, Paragraph, announce
from carelink.ui.workspace import Workspace


class RevokeDialog(Dialog):
    """Shows what revoking a device does. The keyboard starts on what leaves everything as it is.

    Signals:
        revoked: The Revoked.
    """

    revoked = Signal(object)

    def __init__(
        self,
        workspace: Workspace,
        view: DeviceView,
        everything: Sequence[DeviceView],
        parent: QWidget | None = None,
    ) -> None:
        name = device_name(view)
        super().__init__(tr("Révoquer {name}", name=name), width=560, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._devices, self._operations = Devices(workspace.session), workspace.operations
        self._view, self._known = view, {one.id: one for one in everything}
        self._busy = False
        self.sentences: list[str] = []
        self.since = DayField(tr("Perdu ou volé depuis le (facultatif)"))
        self.since_field = LabeledField(
            tr("Perdu ou volé depuis le (facultatif)"),
            self.since,
            help_text=tr(
                "Les appareils qu’il avait ajoutés avant ce jour restent les vôtres. Sans date, tous ceux "
                "qu’il a ajoutés sont révoqués avec lui."
            ),
        )
        self.since.textChanged.connect(self._foresee)
        self._card = Card(tr("Ce qui va changer"))
        self.problem = Banner("", tone="urgent")
        self.problem.hide()
        for widget in (self.since_field, self._card, self.problem):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.act_button = self.set_primary(tr("Révoquer"), variant="danger", icon="hand-stop")
        self.act_button.setDefault(False)
        self.act_button.setAutoDefault(True)
        self.cancel_button.setAutoDefault(True)
        self.cancel_button.setDefault(True)
        self.act_button.clicked.connect(self._revoke)
        self.cancel_button.setFocus()
        self._foresee()

    def reject(self) -> None:
        """Leave, unless it is being written."""
        if not self._busy:
            super().reject()

    def _since(self) -> int | None:
        """Return the start of the day written, in milliseconds since 1970.

        Raises:
            ValueError: What is written is no day.
        """
        day = self.since.day()
        if day is None:
            return None
        if day > datetime.datetime.now(datetime.UTC).astimezone().date():
            raise ValueError(day)
        return int(datetime.datetime.combine(day, datetime.time()).astimezone().timestamp()) * 1000

    def _foresee(self) -> None:
        self.since_field.set_error("")
        self.act_button.setEnabled(False)
        try:
            since = self._since()
        except ValueError:
            return
        devices, device = self._devices, self._view.id
        self._operations.vault(
            lambda: (since, devices.cut_off_by(device, since)), self._foreseen, self._refused
        )

    def _foreseen(self, found: tuple[int | None, tuple[str, ...]]) -> None:
        since, gone = found
        try:
            if since != self._since() or self._busy:
                return
        except ValueError:
            return
        name = device_name(self._view)
        others = [self._known[one] for one in gone if one != self._view.id and one in self._known]
        sentences = [
            tr(
                "Dès le prochain échange, {name} ne recevra plus rien de nouveau, dans aucun de vos "
                "cercles, et n’y écrira plus.",
                name=name,
            ),
            tr(
                "Ce qu’il a déjà reçu, il le garde\u00a0: sa phrase de passe le protège. Si quelqu’un la "
                "connaît, prévenez vos cercles."
            ),
        ]
        if others:
            listed = ", ".join(
                tr("{name} ({since})", name=device_name(one), since=since_line(one)) for one in others
            )
            sentences.append(tr("Seront révoqués aussi, car ajoutés par lui\u00a0: {names}.", names=listed))
        sentences.append(
            tr("Une révocation ne s’annule pas\u00a0: l’ordinateur retrouvé serait à ajouter de nouveau.")
        )
        self._say(sentences)
        self.act_button.setEnabled(True)

    def _say(self, sentences: list[str]) -> None:
        if sentences == self.sentences:
            return
        self.sentences = sentences
        self._card.clear_rows()
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics().gap(8))
        for sentence in sentences:
            column.addWidget(Paragraph(sentence))
        self._card.add_row(holder)
        self.setAccessibleDescription(" ".join(sentences))
        announce(self, " ".join(sentences))
        self.fit()

    def _revoke(self) -> None:
        if self._busy:
            return
        try:
            since = self._since()
        except ValueError:
            self.since_field.set_error(tr("Écrivez un jour passé, ainsi\u00a0: 12/04/2026."))
            self.since.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        devices, device = self._devices, self._view.id
        self._busy = True
        self.act_button.setEnabled(False)
        self._operations.vault(lambda: devices.revoke(device, since), self._done, self._refused)

    def _done(self, revoked: Revoked) -> None:
        self._busy = False
        self.accept()
        self.revoked.emit(revoked)

    def _refused(self, error: KnownError) -> None:
        self._busy = False
        self.problem.show()
        self.problem.set_message(str(error))
        self.bring_into_view(self.problem)
