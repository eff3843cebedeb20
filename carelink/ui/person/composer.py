"""Where a transmission is written: volet, words, who will read it, publish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from carelink.access.compartments import RESTRICTED, Stream
from carelink.errors import KnownError
from carelink.language import tr
from carelink.records.bodies import MAX_TEXT_CHARACTERS, EntryKind
from carelink.services.cahier import Audience, ReaderName
from carelink.services.drafts import Draft
from carelink.services.status_views import StatusView
from carelink.services.wording import entry_kind_name
from carelink.ui.person.named_readers import ChooseReadersDialog
from carelink.ui.person.note_edit import NoteEdit
from carelink.ui.person.reader_line import ReaderLine
from carelink.ui.theme import current_theme, metrics, on_theme
from carelink.ui.widgets import (
    NOTE_CODES,
    Button,
    Choice,
    FlowLayout,
    Label,
    Select,
    ToggleChip,
    ToggleGroup,
    VoletCode,
    announce,
    volet_choices,
)
from carelink.ui.widgets.painting import draw_box
from carelink.ui.workspace import Workspace

DRAFT_DELAY_MS = 600
KINDS = (
    EntryKind.NOTE,
    EntryKind.INSTRUCTION,
    EntryKind.NEWS,
    EntryKind.ADVICE_REQUEST,
    EntryKind.INTERVENTION,
)


class Composer(QFrame):
    """Writes into one circle at a time; what is half written stays in the vault.

    Signals:
        published: Id of the transmission that is now in the vault.
        left: Escape was pressed.
    """

    published = Signal(str)
    left = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._circle = ""
        self._filling = False
        self._publishing = False
        self._unkept = False
        self._collapsed = False
        self._writable: tuple[str, ...] = ()
        self._named: tuple[str, ...] = ()
        self.volets: ToggleGroup | None = None
        self.setAccessibleName(tr("Écrire une transmission"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._lead = Label(tr("Écrire dans"), "secondary", tone="ink-2", parent=self)
        self.edit = NoteEdit(
            tr("Texte de la transmission"),
            placeholder=tr("Ce que vous avez vu, fait, ou ce qu’il faut savoir"),
            min_lines=2,
            max_lines=9,
            bare=True,
            parent=self,
        )
        self.readers = ReaderLine(self)
        self.error = Label("", "secondary", tone="urgent", wrap=True, parent=self)
        self.error.hide()
        self.kind = Select(tr("Genre de transmission"), self)
        self._kinds: tuple[EntryKind, ...] = ()
        self._offer_kinds(KINDS)
        self.urgent = ToggleChip(Choice("urgent", tr("Urgent"), "alert-triangle", "urgent"), self)
        self.kept = Label("", "secondary", tone="ink-2", parent=self)
        self.publish_button = Button(tr("Publier"), variant="primary", hint=tr("Ctrl ↵"), parent=self)
        self._lay_out()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(DRAFT_DELAY_MS)
        self._pause.timeout.connect(self.keep_draft)
        self._connect()
        on_theme(self._space)

    def show_circle(self, circle: str, writable: Sequence[str]) -> None:
        """Write into `circle`, going on with what was half written there."""
        self.keep_draft()
        self._circle, self._named = circle, ()
        draft = self._workspace.drafts.get(circle) if writable else None
        self._offer(writable)
        self._fill(draft)
        self.refresh_readers()

    def update_rights(self, writable: Sequence[str]) -> None:
        """Offer the volets of now, without touching what is being written."""
        chosen = self.compartment()
        if tuple(writable) != self._writable:
            self._offer(writable)
            if self.volets is not None and chosen in writable:
                self.volets.set_current(chosen)
        self.refresh_readers()

    def follow_status(self, status: StatusView) -> None:
        """Offer the kinds of notes that can be written about the person as they are now."""
        if status.deceased:
            self._offer_kinds((EntryKind.CLOSING,))
        else:
            self._offer_kinds(KINDS if status.followed else (*KINDS, EntryKind.CLOSING))

    def _offer_kinds(self, kinds: tuple[EntryKind, ...]) -> None:
        if kinds == self._kinds:
            return
        chosen, self._kinds, filling = self.kind.currentData(), kinds, self._filling
        self._filling = True
        self.kind.clear()
        for kind in kinds:
            words = entry_kind_name(kind)
            self.kind.addItem(words[:1].upper() + words[1:], kind.value)
        self.kind.setCurrentIndex(max(0, self.kind.findData(chosen)))
        self._filling = filling

    def set_collapsed(self, collapsed: bool, *, bare: bool = False) -> None:
        """Keep to the volets, a line of text and its readers where the window is low; `bare`, to the line."""
        for widget in (self._lead, self.readers, *([self.volets] if self.volets is not None else [])):
            widget.setVisible(not (collapsed and bare))
        self._tools.setVisible(not collapsed)
        self.kept.setVisible(not collapsed)
        self.publish_button.setVisible(not collapsed)
        self._collapsed = collapsed
        self.edit.set_least_lines(1 if collapsed else 2)
        self._space()

    def compartment(self) -> str:
        """Return the volet that is written into."""
        return self.volets.current() if self.volets is not None else ""

    def refresh_readers(self) -> None:
        """Name who will read, as the circle is now."""
        if not self._circle or not self.compartment():
            return
        if self.compartment() != RESTRICTED:
            self.readers.set_audience(self._workspace.cahier.audience(self._circle, self.compartment()))
            return
        readers = tuple(person for person in self._nameable() if person.id in self._named)
        self._named = tuple(person.id for person in readers)
        self.readers.set_audience(Audience(RESTRICTED, readers, ()))

    def choose_readers(self) -> None:
        """Ask by name who is to read."""
        dialog = ChooseReadersDialog(
            tr("Qui lira cette note"),
            tr("Personne d’autre dans le cercle ne la lira, ni ne saura qu’elle existe."),
            self._nameable(),
            self._named,
            self.window(),
        )
        dialog.chosen.connect(self.name_readers)
        # Back to the words, where the buttons are.
        dialog.finished.connect(lambda _result: self.edit.setFocus())
        dialog.open()

    def name_readers(self, readers: Sequence[str]) -> None:
        """Have these people read what is being written, and nobody else."""
        self._named = tuple(readers)
        self.refresh_readers()

    def _nameable(self) -> tuple[ReaderName, ...]:
        return self._workspace.restricted.nameable(self._circle)

    def keep_draft(self) -> None:
        """Keep what is half written, now."""
        self._pause.stop()
        if not self._unkept or not self._circle:
            return
        self._unkept = False
        circle, draft = self._circle, self._draft()
        drafts = self._workspace.drafts
        self._workspace.operations.vault(lambda: drafts.save(circle, draft), self._draft_kept, self._refused)

    def publish(self) -> None:
        """Publish what is written."""
        if self._publishing or not self._circle or not self._writable:
            return
        draft, circle, readers = self._draft(), self._circle, self._named
        cahier, restricted = self._workspace.cahier, self._workspace.restricted
        self._pause.stop()
        self._unkept = False
        self._set_publishing(True)

        def work() -> str:
            if draft.compartment == RESTRICTED:
                return restricted.write(circle, draft.text, readers, draft.kind, draft.urgent)
            return cahier.write(circle, draft.compartment, draft.text, draft.kind, draft.urgent)

        self._workspace.operations.vault(work, self._done, self._refused)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Outline the card while its text has the keyboard."""
        if watched is self.edit and event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            self.update()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the surface; in the primary colour while it is written on."""
        theme = current_theme()
        active = self.edit.hasFocus()
        edge = theme.colors.primary if active else theme.colors.line_strong
        draw_box(
            QPainter(self),
            self.rect(),
            radius=metrics().gap(14),
            fill=theme.colors.card,
            edge=edge,
            width=2 if active else theme.border,
        )

    def _lay_out(self) -> None:
        self._chips = QHBoxLayout()
        self._chips.addWidget(self._lead)
        self._chips.addStretch(0)
        self._top = QVBoxLayout()
        self._top.addLayout(self._chips)
        self._top.addWidget(self.edit)
        self._tools = QWidget(self)
        tools = FlowLayout(self._tools)
        tools.addWidget(self.kind)
        tools.addWidget(self.urgent)
        policy = self._tools.sizePolicy()
        policy.setHeightForWidth(True)
        self._tools.setSizePolicy(policy)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self._tools, 1)
        self._foot.addWidget(self.kept)
        self._foot.addWidget(self.publish_button)
        self._below = QVBoxLayout()
        self._below.addWidget(self.error)
        self._below.addLayout(self._foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(0)
        column.addLayout(self._top)
        column.addWidget(self.readers)
        column.addLayout(self._below)

    def _connect(self) -> None:
        self.edit.installEventFilter(self)
        self.edit.textChanged.connect(self._changed)
        self.edit.submitted.connect(self.publish)
        self.edit.left.connect(self.left)
        self.edit.too_long.connect(self._too_long)
        self.readers.choice_wanted.connect(self.choose_readers)
        self.kind.currentIndexChanged.connect(self._changed)
        self.urgent.toggled.connect(self._changed)
        self.publish_button.clicked.connect(self.publish)
        self._workspace.closing.connect(self.keep_draft)

    def _offer(self, writable: Sequence[str]) -> None:
        if self.volets is not None:
            self._chips.removeWidget(self.volets)
            self.volets.hide()
            self.volets.deleteLater()
            self.volets = None
        self._writable = tuple(writable)
        codes = [code for code in NOTE_CODES if code in writable]
        self.setVisible(bool(codes))
        if not codes:
            return
        self.volets = ToggleGroup(tr("Volet dans lequel écrire"), _choices(codes), self)
        self._chips.insertWidget(1, self.volets, 1)
        self.setTabOrder(self.volets.chip(codes[0]), self.edit)
        # The narrowest audience first: what is meant for carers must not slip to the family.
        self.volets.set_current("care" if "care" in codes else codes[0])
        self.volets.choice_changed.connect(self._volet_changed)

    def _fill(self, draft: Draft | None) -> None:
        self._filling = True
        self.edit.setPlainText(draft.text if draft else "")
        self.kind.setCurrentIndex(max(0, self.kind.findData(draft.kind)) if draft else 0)
        self.urgent.setChecked(draft is not None and draft.urgent)
        if draft is not None and draft.compartment in self._writable and self.volets is not None:
            self.volets.set_current(draft.compartment)
        self._fit_to_volet()
        self.kept.setText(tr("Brouillon gardé") if draft else "")
        self._say("")
        self._filling = False

    def _fit_to_volet(self) -> None:
        # A signal is a plain note, whatever it tells.
        self.kind.setVisible(self.compartment() != Stream.CARE_INBOX)

    def _draft(self) -> Draft:
        kind = self.kind.currentData()
        return Draft(self.compartment(), self.edit.toPlainText(), str(kind), self.urgent.isChecked())

    def _volet_changed(self) -> None:
        self._fit_to_volet()
        self.refresh_readers()
        self._changed()

    def _changed(self) -> None:
        if self._filling:
            return
        self._say("")
        self.kept.setText("")
        self._unkept = True
        self._pause.start()

    def _draft_kept(self, _nothing: None) -> None:
        if not self._unkept:
            self.kept.setText(tr("Brouillon gardé") if self.edit.toPlainText().strip() else "")

    def _done(self, entry: str) -> None:
        signalled = self.compartment() == Stream.CARE_INBOX
        self._set_publishing(False)
        self._named = ()
        self._fill(None)
        self.refresh_readers()
        self.kept.setText("")
        announce(self, tr("Signalement publié") if signalled else tr("Transmission publiée"))
        self.published.emit(entry)

    def _refused(self, error: KnownError) -> None:
        self._set_publishing(False)
        self._unkept = True
        self._say(str(error))

    def _too_long(self, length: int) -> None:
        self._say(
            tr(
                "Ce texte est trop long pour une transmission ({length} caractères, {limit} au plus)\u00a0: "
                "rien n’a été collé. Partagez-le en plusieurs notes.",
                length=_grouped(length),
                limit=_grouped(MAX_TEXT_CHARACTERS),
            )
        )

    def _say(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))
        if sentence:
            announce(self, sentence)

    def _set_publishing(self, publishing: bool) -> None:
        self._publishing = publishing
        self.edit.setReadOnly(publishing)
        self.publish_button.setEnabled(not publishing)

    def _space(self) -> None:
        gap = metrics().gap
        self._chips.setSpacing(gap(10))
        self._top.setContentsMargins(gap(16), gap(13), gap(16), gap(10))
        self._top.setSpacing(gap(10))
        foot = 0 if self._collapsed else gap(10)
        self._below.setContentsMargins(gap(16), foot, gap(16), max(foot, gap(4)))
        self._below.setSpacing(gap(8))
        self._foot.setSpacing(gap(12))
        self.update()


def _choices(codes: Sequence[VoletCode]) -> list[Choice]:
    """Return where one may write; signalling is an act and not a place."""
    return [
        replace(choice, label=tr("Signaler aux soignants"), name=tr("Signaler aux soignants"))
        if choice.code == Stream.CARE_INBOX
        else choice
        for choice in volet_choices(codes)
    ]


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")
