"""Choosing by name who reads a note, and who else is to read it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.records.bodies import TraceAction
from carelink.services.cahier import ReaderName
from carelink.services.restricted import Access, NamedReaders
from carelink.ui.person.moments import today, when_words
from carelink.ui.person.words import as_what
from carelink.ui.widgets import Card, CheckBox, Dialog, Label, Paragraph, announce
from carelink.ui.workspace import Workspace


class ChooseReadersDialog(Dialog):
    """Names of people to tick.

    Signals:
        chosen: Ids of those who are ticked, as a tuple.
    """

    chosen = Signal(object)

    def __init__(
        self,
        title: str,
        text: str,
        people: Sequence[ReaderName],
        ticked: Collection[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, text, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.boxes: dict[str, CheckBox] = {}
        card = Card(tr("Personnes du cercle"))
        for person in sorted(people, key=lambda one: not one.professional):
            box = CheckBox(f"{person.name} · {as_what(person.role, person.relation)}")
            box.setChecked(person.id in ticked)
            self.boxes[person.id] = box
            card.add_row(box)
        if not people:
            card.add_row(
                Paragraph(tr("Personne d’autre ne peut lire cette note dans ce cercle."), tone="ink-2")
            )
        self.body.addWidget(card)
        self.button = self.set_primary(tr("Choisir"))
        self.button.clicked.connect(self._choose)

    def ticked(self) -> tuple[str, ...]:
        """Return the ids of those who are ticked."""
        return tuple(person for person, box in self.boxes.items() if box.isChecked())

    def _choose(self) -> None:
        self.chosen.emit(self.ticked())
        self.accept()


class ShareDialog(ChooseReadersDialog):
    """Adds readers to a note kept to named ones, with or without what came before.

    Signals:
        shared: It is in the vault.
    """

    shared = Signal()

    def __init__(
        self, workspace: Workspace, entry: str, named: NamedReaders, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            tr("Faire lire cette note"),
            tr("Ils la liront en plus de ceux qui la lisent déjà. Ce qui a été lu ne se reprend pas."),
            named.others,
            parent=parent,
        )
        self._workspace = workspace
        self._entry = entry
        self.history = CheckBox(tr("Avec ses versions d’avant, et qui l’a ouverte"))
        if not named.without_history:
            # Of another's words, only what that person signed proves that they are theirs.
            self.history.setChecked(True)
            self.history.setEnabled(False)
        self.body.addWidget(self.history)
        self.problem = Label("", "secondary", tone="urgent", wrap=True)
        self.problem.hide()
        self.body.addWidget(self.problem)
        self.body.addStretch(1)
        self.button.setText(tr("Faire lire"))

    def _choose(self) -> None:
        entry, readers, history = self._entry, self.ticked(), self.history.isChecked()
        restricted = self._workspace.restricted
        self.button.setEnabled(False)
        self._workspace.operations.vault(
            lambda: restricted.share(entry, readers, history), self._done, self._refused
        )

    def _done(self, _nothing: None) -> None:
        self.shared.emit()
        self.accept()

    def _refused(self, error: KnownError) -> None:
        self.button.setEnabled(True)
        self.problem.setText(str(error))
        self.problem.show()
        announce(self, str(error))


def readers_card(named: NamedReaders, accesses: Sequence[Access]) -> Card:
    """Return who reads a note kept to named readers, and when each of them last opened it."""
    card = Card(tr("Seuls à lire cette note"), count=str(len(named.readers)) if named.readers else "")
    if not named.readers:
        card.add_row(Paragraph(tr("Personne d’autre que vous ne la lit."), tone="ink-2"))
    last = {access.id: access for access in reversed(accesses)}
    for reader in named.readers:
        access = last.get(reader.id)
        words = as_what(reader.role, reader.relation)
        if access is not None:
            exported = access.action == TraceAction.EXPORTED
            done = tr("exportée {when}") if exported else tr("ouverte {when}")
            words = f"{words} · {done.format(when=when_words(access.time, today()))}"
        card.add_row(Label(f"{reader.name} · {words}", wrap=True))
    return card
