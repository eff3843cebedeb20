"""Making a recovery sheet, step by step: what it is, the words to put on paper, three of them to check."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.recovery import Recovery, asked_numbers, wrong_numbers
from carelink.services.session import Session
from carelink.services.sheets import Sheet, page_words
from carelink.ui.operations import Operations
from carelink.ui.recovery.check import WordCheck
from carelink.ui.recovery.paper import WordsPaper
from carelink.ui.recovery.printing import Printing
from carelink.ui.recovery.words import what_it_is
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Banner, Button, FlowLayout, Label, Paragraph, announce

Step = Literal["what", "paper", "check", "done"]


class SheetMaking(QWidget):
    """The steps. Whoever shows it has two buttons, to go on and to leave, named by `act_words` and more.

    Args:
        session: The open account.
        operations: Where work is done.
        given: A sheet that was made with the account, and counts for nothing yet.
        replaces: Whether a sheet counts already.
        parent: The Qt parent.

    Signals:
        moved: Another step, or at work: the buttons have other names.
        left: It was put off; no sheet was made.
        finished: The sheet counts.
    """

    moved = Signal()
    left = Signal()
    finished = Signal()

    def __init__(
        self,
        session: Session,
        operations: Operations,
        given: Sheet | None = None,
        *,
        replaces: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._recovery = Recovery(session)
        self._operations = operations
        self._sheet = given
        self._pending = given is not None
        self._replaces = replaces
        self.step: Step = "what"
        self.busy = False
        self.printing = Printing(operations, self)
        self.printing.printed.connect(self._printed)
        self.printing.saved.connect(self._saved)
        self.printing.failed.connect(self._say)
        self.problem = Banner("", tone="urgent")
        self.problem.hide()
        self._columns: list[QVBoxLayout] = []
        self.pages: dict[Step, QWidget] = {
            "what": self._what_page(),
            "paper": self._paper_page(),
            "check": self._check_page(),
            "done": self._done_page(),
        }
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.problem)
        for step, page in self.pages.items():
            self._column.addWidget(page)
            page.setVisible(step == self.step)
        on_theme(self._space)

    def act_words(self) -> str:
        """Return what the first button says now."""
        if self.busy:
            return tr("Un instant…")
        match self.step:
            case "what":
                return tr("Faire une nouvelle feuille") if self._replaces else tr("Faire ma feuille")
            case "paper":
                return tr("Je l’ai sur papier")
            case "check":
                return tr("Vérifier")
            case "done":
                return tr("Terminer")

    def leave_words(self) -> str:
        """Return what the other button says now, or nothing where there is nothing to leave."""
        if self.step == "done":
            return ""
        return tr("Annuler") if self._replaces else tr("Plus tard")

    def act(self) -> None:
        """Go on."""
        if self.busy:
            return
        self.problem.hide()
        match self.step:
            case "what" if self._sheet is None:
                self._set_busy(busy=True)
                self._operations.vault(self._recovery.new_sheet, self._made, self._refused)
            case "what":
                self._show("paper")
            case "paper":
                self._show("check")
            case "check":
                self._check()
            case "done":
                self.finished.emit()

    def leave(self) -> None:
        """Put it off: what was made counts for nothing."""
        if not self.busy:
            self._drop()
            self.left.emit()

    def focus_first(self) -> None:
        """Give the keyboard to what the step is about."""
        match self.step:
            case "paper":
                self.print_button.setFocus(Qt.FocusReason.OtherFocusReason)
            case "check":
                self.check.focus_first()
            case _:
                pass

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep no word, however it goes."""
        if not event.spontaneous():
            self._drop()
        super().hideEvent(event)

    def _made(self, sheet: Sheet) -> None:
        self._sheet, self._pending = sheet, True
        self._set_busy(busy=False)
        self._show("paper")

    def _check(self) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        wrong = wrong_numbers(sheet, self.check.answers())
        self.check.say_wrong(
            wrong, tr("Ce n’est pas le mot qui porte ce numéro sur la page\u00a0: relisez-la.")
        )
        if wrong:
            return
        recovery, numbers = self._recovery, tuple(self.check.fields)
        self._set_busy(busy=True)
        self._operations.vault(lambda: recovery.confirm(sheet, numbers), self._confirmed, self._refused)

    def _confirmed(self, _done: None) -> None:
        self._pending = False
        self._set_busy(busy=False)
        self._drop()
        self._show("done")

    def _refused(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        self._say(str(error))

    def _say(self, sentence: str) -> None:
        self.problem.show()
        self.problem.set_message(sentence)

    def _printed(self) -> None:
        self.kept.set_message(
            tr("La page est partie vers l’imprimante. Vérifiez que les 24 mots s’y lisent bien."),
            tone="success",
        )

    def _saved(self, path: str) -> None:
        self.kept.set_message(
            tr(
                "Enregistrée dans {path}. Ce fichier contient les mots en clair\u00a0: imprimez-le, puis "
                "effacez-le.",
                path=path,
            ),
            tone="caution",
        )

    def _drop(self) -> None:
        """Keep no word; a sheet that was not checked is forgotten by the vault too."""
        self._sheet = None
        self.printing.forget()
        self.paper.show_words(())
        self.check.forget()
        if self._pending:
            self._pending = False
            self._operations.vault(self._recovery.put_off, _nothing)

    def _show(self, step: Step) -> None:
        self.step = step
        sheet = self._sheet
        if step == "paper" and sheet is not None:
            self.paper.show_words(sheet.words)
            self.printing.take(sheet)
            said = page_words(sheet)
            self._about.setText(f"{said.account} · {said.made}")
            self.relay.set_text("\n".join((tr("Relais\u00a0:"), *(said.relays or (said.no_relay,)))))
        elif step == "check" and not self.check.fields:
            self.check.ask(asked_numbers())
        for of, page in self.pages.items():
            page.setVisible(of == step)
        self.moved.emit()
        self.focus_first()
        if step == "done":
            announce(self, self.done.accessibleName())

    def _back_to_paper(self) -> None:
        self.check.forget()
        self._show("paper")

    def _set_busy(self, *, busy: bool) -> None:
        self.busy = busy
        self.pages[self.step].setEnabled(not busy)
        self.moved.emit()

    def _what_page(self) -> QWidget:
        page, column = self._page()
        column.addWidget(Paragraph(what_it_is()))
        if self._replaces:
            column.addWidget(
                Banner(
                    tr(
                        "La nouvelle feuille remplacera l’ancienne dès qu’elle sera vérifiée\u00a0: "
                        "l’ancienne n’ouvrira plus rien. Vous pourrez la détruire."
                    ),
                    tone="caution",
                )
            )
        column.addWidget(
            Banner(
                tr(
                    "Qui lit ces mots peut lire tout ce que vous lisez. Faites-la quand personne ne regarde "
                    "votre écran, avec une imprimante ou de quoi écrire."
                ),
                tone="neutral",
            )
        )
        return page

    def _paper_page(self) -> QWidget:
        page, column = self._page()
        column.addWidget(Paragraph(tr("Imprimez cette page, ou recopiez-la à la main, dans l’ordre.")))
        self._about = Label("", "strong", wrap=True)
        self.paper = WordsPaper()
        self.relay = Paragraph("", "secondary", tone="ink-2")
        self.print_button = Button(tr("Imprimer…"), icon="printer")
        self.print_button.clicked.connect(self.printing.ask_printer)
        self.save_button = Button(tr("Enregistrer en PDF…"), icon="download")
        self.save_button.clicked.connect(self.printing.ask_file)
        buttons = QWidget()
        row = FlowLayout(buttons, gap=10)
        for button in (self.print_button, self.save_button):
            row.addWidget(button)
        self.kept = Banner(
            tr(
                "CareLink n’enregistre ces mots nulle part, et ne pourra plus vous les montrer. Un PDF, lui, "
                "les contient en clair\u00a0: jamais dans un dossier partagé ou synchronisé, et effacez-le "
                "une fois imprimé."
            ),
            tone="neutral",
        )
        for widget in (self._about, self.paper, self.relay, buttons, self.kept):
            column.addWidget(widget)
        return page

    def _check_page(self) -> QWidget:
        page, column = self._page()
        self.check = WordCheck()
        self.check.submitted.connect(self.act)
        self.again_button = Button(tr("Revoir les mots"), variant="quiet", icon="arrow-left")
        self.again_button.clicked.connect(self._back_to_paper)
        column.addWidget(self.check)
        column.addWidget(self.again_button, 0, Qt.AlignmentFlag.AlignLeft)
        return page

    def _done_page(self) -> QWidget:
        page, column = self._page()
        self.done = Banner(
            tr(
                "Rangez-la dans un endroit sûr, loin de l’ordinateur, comme un acte notarié. Elle servira "
                "dès le prochain échange avec votre relais."
            ),
            title=tr("Votre feuille de secours est prête"),
            tone="success",
        )
        column.addWidget(self.done)
        return page

    def _page(self) -> tuple[QWidget, QVBoxLayout]:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        self._columns.append(column)
        return page, column

    def _space(self) -> None:
        self._column.setSpacing(metrics().gap(16))
        for column in self._columns:
            column.setSpacing(metrics().gap(14))


def _nothing(_done: None) -> None:
    """Forgetting has nothing to show."""
