"""The panel that opens from the state of exchange: all that the top bar says in few words."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.wording import of_name
from carelink.ui.moments import ago_words, now_ms, since_words
from carelink.ui.shell.sync_details import HeldLine, SyncDetails, gather
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Banner, Button, Card, Dialog, Label, Paragraph, scrolling
from carelink.ui.workspace import Workspace


class SyncPanel(Dialog):
    """Last exchange, what waits here, refusals, what is missing, notes that wait for a yes.

    Args:
        workspace: The open account.
        failure: Why the last exchange failed, or nothing.
    """

    def __init__(self, workspace: Workspace, failure: str, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("État des échanges"),
            tr("Ce que vous écrivez est gardé ici d’abord, puis part dès que le relais répond."),
            width=620,
            parent=parent,
        )
        self._workspace, self._failure = workspace, failure
        self.set_closing(tr("Fermer"))
        self.now_button = Button(tr("Échanger maintenant"), icon="refresh")
        self.now_button.clicked.connect(self._exchange)
        self.add_footer(self.now_button)
        self._holder = QWidget()
        self._rows = QVBoxLayout(self._holder)
        self._rows.setContentsMargins(0, 0, 8, 0)
        self.area: QScrollArea = scrolling(self._holder)
        self.area.viewport().setAutoFillBackground(False)
        self._holder.setAutoFillBackground(False)
        self.body.addWidget(self.area)
        workspace.sync_state_changed.connect(self._reload)
        workspace.sync_failed.connect(self._failed)
        on_theme(self._space)
        self._reload()

    def _room(self) -> QSize:
        parent = self.parentWidget()
        window = parent.window().size() if parent is not None else QSize(1024, 700)
        return QSize(window.width() - metrics().gap(48), window.height() - metrics().gap(48))

    def _reload(self, _state: object = None) -> None:
        self._workspace.operations.vault(self._gather, self._show)

    def _gather(self) -> SyncDetails:
        return gather(self._workspace)

    def _failed(self, sentence: str) -> None:
        self._failure = sentence

    def _exchange(self) -> None:
        self._failure = ""
        self._workspace.poke()

    def _show(self, details: SyncDetails) -> None:
        focused: QWidget | None = self.focusWidget()
        focus_here = focused is not None and self._holder.isAncestorOf(focused)
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for part in self._parts(details):
            self._rows.addWidget(part)
            # Shown now and not at the next turn of the loop, so that it counts in the height below.
            part.show()
        self._rows.addStretch(1)
        wanted = self._rows.totalHeightForWidth(metrics().px(560))
        self.area.setMinimumHeight(min(max(0, wanted), metrics().px(420)))
        self.resize(self.sizeHint().boundedTo(self._room()))
        if focus_here:
            self.cancel_button.setFocus()

    def _parts(self, details: SyncDetails) -> list[QWidget]:
        state, parts = details.state, list[QWidget]()
        for person in details.alarms:
            parts.append(
                Banner(
                    tr(
                        "Le relais a présenté une liste de membres qui se contredit. Les changements de "
                        "membres sont arrêtés, vos notes restent ici. Prévenez les autres membres."
                    ),
                    title=tr("Cercle {of_name}\u00a0: membres à vérifier", of_name=of_name(person)),
                    tone="urgent",
                )
            )
        if state.offline_since is not None and self._failure:
            parts.append(Banner(self._failure, tone="caution"))
        parts.append(self._facts(details))
        if details.held:
            card = Card(tr("Vos notes qui attendent un oui"))
            for line in details.held:
                row = _HeldRow(line)
                row.confirmed.connect(self._let_go)
                card.add_row(row)
            parts.append(card)
        for title, lines in (
            (tr("Refusé, et gardé à part"), details.refusals),
            (tr("Annoncé, mais pas reçu"), details.missing),
        ):
            if lines:
                card = Card(title)
                for sentence in lines:
                    card.add_row(Paragraph(sentence))
                parts.append(card)
        if details.refusals or details.missing:
            parts.append(
                Paragraph(
                    tr(
                        "Le reste du cahier n’est pas touché. Montrez ces lignes à la personne qui s’occupe "
                        "du relais."
                    ),
                    "secondary",
                    tone="ink-2",
                )
            )
        return parts

    def _facts(self, details: SyncDetails) -> Card:
        state, now = details.state, now_ms()
        last = ago_words(state.last_exchange, now) if state.last_exchange else tr("aucun encore")
        waiting = tr("rien\u00a0: tout est parti") if not state.to_send else str(state.to_send)
        facts = [(tr("Dernier échange"), last), (tr("À envoyer"), waiting)]
        if state.offline_since is not None:
            facts.append((tr("Hors ligne depuis"), since_words(state.offline_since, now)))
        if state.conflicts:
            facts.append((tr("Notes corrigées par deux personnes à la fois"), str(state.conflicts)))
        if details.relays:
            facts.append((tr("Relais"), "\n".join(details.relays)))
        card = Card()
        for name, value in facts:
            row = QHBoxLayout()
            row.addWidget(Label(name, tone="ink-2", wrap=True), 2)
            words = Label(value, "strong", wrap=True)
            words.setAccessibleName(f"{name}\u00a0: {value}")
            row.addWidget(words, 3)
            card.add_row(row)
        return card

    def _let_go(self, entry: str) -> None:
        self._workspace.operations.vault(
            lambda: self._workspace.cahier.confirm_readers(entry), self._gone, self._not_gone
        )

    def _gone(self, _done: None) -> None:
        self._workspace.poke()
        self._reload()

    def _not_gone(self, error: KnownError) -> None:
        self._failure = str(error)
        self._workspace.operations.problem.emit(str(error))

    def _space(self) -> None:
        self._rows.setSpacing(metrics().gap(12))


class _HeldRow(QWidget):
    confirmed = Signal(str)

    def __init__(self, line: HeldLine) -> None:
        super().__init__()
        self._entry = line.note.entry
        names = ", ".join(line.note.readers)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(Label(line.person, "strong"))
        column.addWidget(Paragraph(f"«\u00a0{line.excerpt}\u00a0»"))
        column.addWidget(
            Paragraph(
                tr("Depuis que vous l’avez écrite, {names} la lirait aussi.", names=names)
                if len(line.note.readers) == 1
                else tr("Depuis que vous l’avez écrite, {names} la liraient aussi.", names=names),
                "secondary",
                tone="caution",
            )
        )
        self.button = Button(tr("Laisser partir"), icon="send", size="compact")
        self.button.setAccessibleDescription(tr("Note sur {name}", name=line.person))
        self.button.clicked.connect(self._confirm)
        column.addWidget(self.button)
        column.setSpacing(metrics().gap(6))

    def _confirm(self) -> None:
        self.button.setEnabled(False)
        self.confirmed.emit(self._entry)
