"""One transmission whole: its text, its versions, and what its reader may do about it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.restricted import Access, NamedReaders
from carelink.services.time_line import EntryView, VersionView
from carelink.ui.person.moments import today, when_words
from carelink.ui.person.named_readers import ShareDialog, readers_card
from carelink.ui.person.row_layout import mark_chips, volet_chip
from carelink.ui.person.words import entry_text, signature
from carelink.ui.theme import metrics
from carelink.ui.widgets import (
    Avatar,
    Banner,
    Button,
    Card,
    Chip,
    Dialog,
    FlowLayout,
    GrowingTextEdit,
    Label,
    LabeledField,
    announce,
)
from carelink.ui.workspace import Workspace

SHOWN_OF_A_VERSION = 2000


class EntryDialog(Dialog):
    """Shows a transmission; corrects or withdraws it for those who may.

    Signals:
        changed: It was corrected or withdrawn.
    """

    changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        entry: EntryView,
        *,
        may_correct: bool,
        may_withdraw: bool,
        may_take: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Transmission"), width=680, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workspace = workspace
        self._entry = entry
        self._busy = False
        self.body.addLayout(self._header())
        if entry.parallel:
            self.body.addWidget(
                Banner(
                    tr(
                        "Cette transmission a été modifiée à deux endroits en même temps. "
                        "Rien n’est perdu\u00a0: lisez les deux versions ci-dessous, puis corrigez-la "
                        "pour n’en garder qu’une."
                    ),
                    title=tr("Deux versions écrites en parallèle"),
                    tone="caution",
                )
            )
        self.text = GrowingTextEdit(tr("Texte de la transmission"), min_lines=1, max_lines=16, bare=True)
        self.text.setPlainText(entry_text(entry))
        self.text.setReadOnly(True)
        self.body.addWidget(self.text)
        self.reason = GrowingTextEdit(tr("Raison du retrait"), min_lines=2, max_lines=4)
        self._reason_field = LabeledField(
            tr("Pourquoi la retirer"),
            self.reason,
            help_text=tr(
                "La transmission sera masquée\u202f; son texte et la raison restent dans l’historique."
            ),
        )
        self._reason_field.hide()
        self.body.addWidget(self._reason_field)
        self.problem = Label("", "secondary", tone="urgent", wrap=True)
        self.problem.hide()
        self.body.addWidget(self.problem)
        self._history = Card(tr("Historique"))
        self._history.hide()
        self.body.addWidget(self._history)
        self._named = QVBoxLayout()
        self.body.addLayout(self._named)
        self.body.addStretch(1)
        self.set_closing(tr("Fermer"))
        self.correct_button = Button(tr("Corriger"), icon="pencil")
        self.correct_button.setVisible(may_correct and not entry.withdrawn)
        self.correct_button.clicked.connect(self.start_correction)
        self.withdraw_button = Button(tr("Retirer"), variant="quiet", icon="eye-off")
        self.withdraw_button.setVisible(may_withdraw and not entry.withdrawn)
        self.withdraw_button.clicked.connect(self.start_withdrawal)
        if may_take and entry.is_signal and not entry.taken_by:
            self.take_button = self.set_primary(tr("Prendre en charge"), icon="circle-check")
            self.take_button.setToolTip(tr("Le citer dans une note du dossier médical"))
            self.take_button.clicked.connect(self._take)
        self.add_footer(self.correct_button)
        self.add_footer(self.withdraw_button)
        if entry.amended or entry.parallel or entry.withdrawn:
            cahier, trace = workspace.cahier, workspace.trace
            workspace.operations.vault(lambda: cahier.history(entry.entry), self._show_history)
            workspace.operations.vault(lambda: trace.record_entry(entry.entry), self._traced)
        if entry.is_restricted:
            restricted = workspace.restricted
            workspace.operations.vault(
                lambda: (restricted.readers(entry.entry), restricted.accesses(entry.entry)), self._show_named
            )
        self.text.setFocus()

    def _show_named(self, found: tuple[NamedReaders, list[Access]]) -> None:
        named, accesses = found
        self._named.addWidget(readers_card(named, accesses))
        if named.others and not self._entry.withdrawn:
            share = Button(tr("Faire lire à quelqu’un d’autre"), icon="user-plus")
            share.clicked.connect(lambda: self._share(named))
            self._named.addWidget(share, 0, Qt.AlignmentFlag.AlignLeft)

    def _share(self, named: NamedReaders) -> None:
        dialog = ShareDialog(self._workspace, self._entry.entry, named, self)
        dialog.shared.connect(lambda: self._done(None))
        dialog.open()

    def _traced(self, _nothing: None) -> None:
        """The trace goes with the next exchange; it is not worth one of its own."""

    def start_correction(self) -> None:
        """Let the text be changed."""
        self._act(tr("Publier la correction"), danger=False)
        self.text.setReadOnly(False)
        self.text.setProperty("bare", False)
        self.text.style().unpolish(self.text)
        self.text.style().polish(self.text)
        # Polishing alone leaves the frame as wide as it was.
        QApplication.sendEvent(self.text, QEvent(QEvent.Type.StyleChange))
        self.text.updateGeometry()
        self.text.submitted.connect(self._correct)
        self.text.setFocus()

    def start_withdrawal(self) -> None:
        """Ask for the reason."""
        self._act(tr("Retirer la transmission"), danger=True)
        self._reason_field.show()
        self.reason.setFocus()

    def _act(self, words: str, *, danger: bool) -> None:
        self.correct_button.hide()
        self.withdraw_button.hide()
        self.set_closing(tr("Annuler"))
        button = self.set_primary(words, variant="danger" if danger else "primary")
        button.clicked.connect(self._withdraw if danger else self._correct)

    def _correct(self) -> None:
        entry, text, cahier = self._entry.entry, self.text.toPlainText(), self._workspace.cahier
        if self._begin():
            self._workspace.operations.vault(lambda: cahier.amend(entry, text), self._done, self._refused)

    def _take(self) -> None:
        entry, signals = self._entry.entry, self._workspace.signals
        if self._begin():
            self._workspace.operations.vault(lambda: signals.take(entry), self._done, self._refused)

    def _withdraw(self) -> None:
        entry, reason, cahier = self._entry.entry, self.reason.toPlainText(), self._workspace.cahier
        if self._begin():
            self._workspace.operations.vault(
                lambda: cahier.withdraw(entry, reason), self._done, self._refused
            )

    def _begin(self) -> bool:
        if self._busy:
            return False
        self._busy = True
        self.problem.hide()
        return True

    def _done(self, _nothing: object) -> None:
        self.changed.emit()
        self.accept()

    def _refused(self, error: KnownError) -> None:
        self._busy = False
        self.problem.setText(str(error))
        self.problem.show()
        announce(self, str(error))

    def _header(self) -> QHBoxLayout:
        entry = self._entry
        row = QHBoxLayout()
        row.setSpacing(metrics().gap(12))
        row.addWidget(Avatar(entry.author.name, key=entry.author.id, size=44), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(metrics().gap(4))
        words.addWidget(Label(entry.author.name, "name", wrap=True))
        words.addWidget(Label(signature(entry, today()), "secondary", tone="ink-2", wrap=True))
        holder = QWidget()
        chips = FlowLayout(holder, gap=8)
        for text, icon, tone in (volet_chip(entry.compartment), *mark_chips(entry)):
            chips.addWidget(Chip(text, icon=icon, tone=tone))
        policy = holder.sizePolicy()
        policy.setHeightForWidth(True)
        holder.setSizePolicy(policy)
        words.addWidget(holder)
        row.addLayout(words, 1)
        return row

    def _show_history(self, versions: list[VersionView]) -> None:
        for number, version in enumerate(versions, 1):
            self._history.add_row(_version(number, version))
        self._history.show()


def _version(number: int, version: VersionView) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(metrics().gap(4))
    head = QHBoxLayout()
    head.setSpacing(metrics().gap(8))
    who = tr("{author}, {when}", author=version.author.name, when=when_words(version.time, today()))
    head.addWidget(Label(tr("Version {number}", number=number), "secondary-strong"))
    head.addWidget(Label(who, "secondary", tone="ink-2", wrap=True), 1)
    if version.withdrawn:
        head.addWidget(Chip(tr("Retrait"), icon="eye-off"))
    elif version.stands:
        head.addWidget(Chip(tr("En vigueur"), icon="check", tone="selected"))
    column.addLayout(head)
    text = version.text[:SHOWN_OF_A_VERSION]
    shown = text if len(text) == len(version.text) else f"{text}…"
    column.addWidget(Label(shown, wrap=True))
    if version.reason:
        reason = tr("Raison\u00a0: {reason}", reason=version.reason)
        column.addWidget(Label(reason, "secondary", tone="ink-2", wrap=True))
    return holder
