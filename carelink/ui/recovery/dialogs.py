"""The dialogs of the settings: making a recovery sheet, and checking the one that counts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.recovery import Recovery, SheetState
from carelink.ui.recovery.check import WordCheck
from carelink.ui.recovery.making import SheetMaking
from carelink.ui.widgets import Banner, Dialog
from carelink.ui.workspace import Workspace

WORDS = 24


class SheetDialog(Dialog):
    """Makes a sheet, in the place of the one that may count; accepted once it counts."""

    def __init__(self, workspace: Workspace, *, replaces: bool, parent: QWidget | None = None) -> None:
        super().__init__(tr("Feuille de secours"), width=640, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.making = SheetMaking(workspace.session, workspace.operations, replaces=replaces)
        self.body.addWidget(self.making)
        self.body.addStretch(1)
        self.act_button = self.set_primary(self.making.act_words(), icon="check")
        self.act_button.clicked.connect(self.making.act)
        self.making.moved.connect(self._moved)
        self.making.left.connect(self._left)
        self.making.finished.connect(self.accept)
        self._moved()
        self.act_button.setFocus()

    def reject(self) -> None:
        """Leave: a sheet that was not checked counts for nothing; one that was, does."""
        if self.making.step == "done":
            self.accept()
        else:
            self.making.leave()

    def _left(self) -> None:
        super().reject()

    def _moved(self) -> None:
        making = self.making
        self.act_button.set_text(making.act_words())
        self.act_button.setEnabled(not making.busy)
        self.cancel_button.setEnabled(not making.busy)
        self.cancel_button.set_text(making.leave_words())
        self.cancel_button.setVisible(bool(making.leave_words()))
        self.fit()
        if making.step in {"what", "done"}:
            self.act_button.setFocus(Qt.FocusReason.OtherFocusReason)


class CheckDialog(Dialog):
    """Sees that the page which someone has is the sheet that counts."""

    def __init__(self, workspace: Workspace, state: SheetState, parent: QWidget | None = None) -> None:
        text = (
            tr("Les trois mots que vous aviez recopiés en la faisant disent si c’est la bonne page.")
            if state.asked
            else tr("Cette feuille a été faite ailleurs\u00a0: seuls ses 24 mots disent si c’est la bonne.")
        )
        super().__init__(tr("Vérifier ma feuille de secours"), text, width=560, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._recovery, self._operations = Recovery(workspace.session), workspace.operations
        self._busy = False
        self.told = Banner("")
        self.told.hide()
        self.check = WordCheck()
        self.check.ask(state.asked or range(1, WORDS + 1))
        self.check.submitted.connect(self._check)
        self.body.addWidget(self.told)
        self.body.addWidget(self.check)
        self.body.addStretch(1)
        self.act_button = self.set_primary(tr("Vérifier"), icon="check")
        self.act_button.clicked.connect(self._check)
        self.check.focus_first()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep nothing of what was typed, however the dialog goes."""
        if not event.spontaneous():
            self.check.forget()
        super().hideEvent(event)

    def _check(self) -> None:
        if self._busy:
            return
        answers = self.check.answers()
        empty = [number for number, word in answers.items() if not word.strip()]
        self.told.hide()
        self.check.say_wrong(empty, tr("Recopiez le mot qui porte ce numéro sur la page."))
        if empty:
            return
        self._set_busy(busy=True)
        self._operations.vault(lambda: self._recovery.is_at_hand(answers), self._checked, self._refused)

    def _checked(self, right: bool) -> None:
        self._set_busy(busy=False)
        if not right:
            self._say(
                tr(
                    "Ces mots ne sont pas ceux de la feuille qui compte\u00a0: c’est peut-être une ancienne, "
                    "ou un mot est mal recopié. Si vous ne trouvez pas la bonne page, faites une nouvelle "
                    "feuille."
                )
            )
            self.check.focus_first()
            return
        self.check.hide()
        self._say(tr("C’est la bonne page. Rangez-la de nouveau, loin de l’ordinateur."), good=True)
        self.act_button.hide()
        self.set_closing(tr("Fermer"))
        self.cancel_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.fit()

    def _refused(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        self._say(str(error))

    def _say(self, sentence: str, *, good: bool = False) -> None:
        self.told.set_message(sentence, tone="success" if good else "urgent")
        self.told.show()
        self.bring_into_view(self.told)

    def _set_busy(self, *, busy: bool) -> None:
        self._busy = busy
        self.check.setEnabled(not busy)
        self.act_button.setEnabled(not busy)
        self.act_button.set_text(tr("Vérification…") if busy else tr("Vérifier"))
