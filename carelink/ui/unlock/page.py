"""The unlock screen: who is there, their passphrase or PIN, and the ways in for those who have no account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.errors import SpentPinError, WrongPassphraseError
from carelink.models.vault.home import AccountCard, Home
from carelink.services.wording import of_name
from carelink.ui.operations import Operations
from carelink.ui.theme import metrics, on_theme
from carelink.ui.unlock.accounts import NEWCOMER, AccountFace, AccountGrid, centred, faces_of
from carelink.ui.unlock.opening import open_session, reopen_session
from carelink.ui.widgets import Banner, Button, Card, LabeledField, PassphraseField
from carelink.ui.widgets.brand import Brand
from carelink.ui.widgets.centred import CentredPage

if TYPE_CHECKING:
    from carelink.models.vault.pins import KeptKey
    from carelink.services.session import Session
    from carelink.ui.widgets import PinField, TextField

_TILE, _DEMO_TILE = 310, 400
# More people than are seen at a glance.
_MANY = 9


class UnlockPage(QWidget):
    """Opens an account of this PC.

    Args:
        operations: Where the work is done.
        settle: Waits until what was locked before is closed; not called on the GUI thread.
        kept: By account, what its PIN re-opens since it was unlocked; the page reads it at each showing.
        parent: The Qt parent.

    Signals:
        opened: The Session that the right passphrase, or PIN, opened.
        newcomer: Someone without an account here wants in.
        demo_wanted: To see the demonstration.
        demo_left: To go back from the demonstration to one's own accounts.
    """

    opened = Signal(object)
    newcomer = Signal()
    demo_wanted = Signal()
    demo_left = Signal()

    def __init__(
        self,
        operations: Operations,
        settle: Callable[[], None],
        kept: Mapping[str, KeptKey],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._operations, self._settle, self._kept = operations, settle, kept
        self._home: Home | None = None
        self._cards: dict[str, AccountCard] = {}
        self._card: AccountCard | None = None
        self._demo_passphrase = ""
        self._by_pin = False
        self._busy = False
        self._wait = 0
        page = CentredPage(1000, middle=True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        self.brand = Brand(tr("Qui êtes-vous\u202f?"))
        self.grid = AccountGrid(tr("Comptes de cet ordinateur"))
        self.grid.chosen.connect(self._choose)
        self.grid.moved.connect(self._show_chosen)
        self.passphrase = PassphraseField(tr("Phrase de passe"), size="family")
        self.passphrase.returnPressed.connect(self.submit)
        self.field = LabeledField(tr("Phrase de passe"), self.passphrase)
        self.open_button = Button(tr("Ouvrir"), variant="primary", size="family")
        self.open_button.clicked.connect(self.submit)
        self.card = self._passphrase_card()
        self.demo_button = Button(tr("Voir la démonstration"), icon="player-play")
        self.demo_button.clicked.connect(self.demo_wanted)
        self.leave_button = Button(tr("Quitter la démonstration"), icon="logout")
        self.leave_button.clicked.connect(self.demo_left)
        self._column = page.column
        for widget in (self.brand, self.grid):
            page.column.addWidget(widget)
        page.column.addLayout(centred(self.card))
        page.column.addLayout(centred(self.demo_button, self.leave_button))
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        # Any other may end the wait before the vault does, which then refuses the right passphrase.
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.timeout.connect(self._count_down)
        on_theme(self._space)

    @cached_property
    def notice(self) -> Banner:
        """What is said above the people; built when there is something to say."""
        notice = Banner("", tone="neutral", icon="lock", parent=self)
        notice.hide()
        self._column.insertWidget(1, notice)
        return notice

    @cached_property
    def search(self) -> TextField:
        """Where the start of a name is typed; built where many people share this PC."""
        from carelink.ui.widgets import TextField

        search = TextField(tr("Chercher votre nom"), placeholder=tr("Chercher votre nom"), size="family")
        search.textChanged.connect(self.grid.show_only)
        self._column.insertWidget(self._column.indexOf(self.grid), search)
        return search

    @cached_property
    def pin(self) -> PinField:
        """Where the PIN is typed; built when someone who has one comes back."""
        from carelink.ui.widgets import PinField

        pin = PinField(tr("Code PIN"), size="family", parent=self)
        pin.returnPressed.connect(self.submit)
        return pin

    @cached_property
    def pin_field(self) -> LabeledField:
        """The PIN's field with its label, and the tries that are left below."""
        field = LabeledField(tr("Code PIN"), self.pin)
        self._line.insertWidget(0, field, 1, Qt.AlignmentFlag.AlignTop)
        return field

    @cached_property
    def other_way(self) -> Button:
        """From the PIN to the passphrase, and back."""
        button = Button(tr("Utiliser la phrase de passe"), variant="link")
        button.clicked.connect(self._change_way)
        self._rows.addWidget(button, 0, Qt.AlignmentFlag.AlignRight)
        return button

    def show_home(self, home: Home, notice: str = "", account: str | None = None) -> None:
        """Show the accounts of a folder, with the one that was last open chosen."""
        self._enter(home, notice)
        self._set_people(home)
        cards = list(self._cards.values())
        self.brand.set_line(tr("Qui êtes-vous\u202f?"))
        self.card.show()
        self.demo_button.show()
        self.leave_button.hide()
        last = account or home.settings().last_account
        self._show_chosen(last if last in self._cards else cards[0].account if cards else "")

    def show_people(self, home: Home) -> None:
        """Show who is there now, whoever was chosen and whatever was typed meanwhile."""
        chosen = "" if self._card is None else self._card.account
        if self._busy or home is not self._home:
            return
        self._set_people(home)
        if chosen in self._cards:
            self._card = self._cards[chosen]
            self.grid.select(chosen)
        else:
            self._show_chosen(next(iter(self._cards), ""))

    def show_demo(
        self, home: Home, faces: list[AccountFace], passphrase: str, *, notice: str = "", way_back: bool
    ) -> None:
        """Show the accounts of the demonstration, each of which opens at once."""
        self._enter(home, notice)
        self._demo_passphrase = passphrase
        self._cards = {card.account: card for card in home.accounts()}
        self.grid.set_faces([face for face in faces if face.code in self._cards], tile_width=_DEMO_TILE)
        self.brand.set_line(
            tr("Démonstration\u00a0: toutes ces personnes sont inventées. Choisissez qui vous êtes.")
        )
        self.card.hide()
        self.demo_button.hide()
        self.leave_button.setVisible(way_back)
        self._card = None

    def focus_first(self) -> None:
        """Give the keyboard to what comes first: the passphrase, or the people to choose from."""
        if self._card is not None:
            self._secret.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.grid.focus_chosen()

    def submit(self) -> None:
        """Open the account chosen with what was typed."""
        if self._card is None or self._home is None or self._busy or self._wait:
            return
        typed = self._secret.text()
        if not typed:
            self._field.set_error(
                tr("Tapez votre code PIN, puis Entrée.")
                if self._by_pin
                else tr("Tapez votre phrase de passe, puis Entrée.")
            )
        elif self._by_pin:
            self._reopen(self._card, typed)
        else:
            self._open(self._card, typed)

    def forget(self) -> None:
        """Keep nothing of what was typed."""
        self.passphrase.forget()
        self.field.set_error("")
        if "pin" in vars(self):
            self.pin.forget()
            self.pin_field.set_error("")

    @property
    def _secret(self) -> PassphraseField:
        """What is typed in now."""
        return self.pin if self._by_pin else self.passphrase

    @property
    def _field(self) -> LabeledField:
        return self.pin_field if self._by_pin else self.field

    def _set_people(self, home: Home) -> None:
        self._cards = {card.account: card for card in home.accounts()}
        self.grid.set_faces(faces_of(self._cards.values()), tile_width=_TILE)
        many = len(self._cards) > _MANY
        if many or "search" in vars(self):
            self.search.setVisible(many)
            self.grid.show_only(self.search.text() if many else "")

    def _enter(self, home: Home, notice: str) -> None:
        self.forget()
        self._set_busy(busy=False)
        self._stop_waiting()
        self._home, self._demo_passphrase, self._card = home, "", None
        if "search" in vars(self):
            self.search.clear()
            self.search.hide()
        if notice or "notice" in vars(self):
            self.notice.setVisible(bool(notice))
        if notice:
            self.notice.set_message(notice)

    def _choose(self, code: str) -> None:
        if code == NEWCOMER:
            self.newcomer.emit()
        elif self._demo_passphrase:
            if not self._busy:
                self.grid.select(code)
                self._open(self._cards[code], self._demo_passphrase)
        else:
            self._show_chosen(code)
            self._secret.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_chosen(self, code: str) -> None:
        """Show whose passphrase or PIN is asked for, and the keyboard stays where it is."""
        if self._demo_passphrase:
            return
        self.grid.select(code)
        card = self._cards.get(code)
        if card is self._card:
            return
        self._card = card
        self.forget()
        self._stop_waiting()
        self.card.setVisible(card is not None)
        if card is not None:
            label = tr("Phrase de passe {of_name}", of_name=of_name(card.name))
            self.field.label.setText(label)
            self.passphrase.setAccessibleName(label)
            self._ask(by_pin=self._pin_opens(card))

    def _pin_opens(self, card: AccountCard) -> bool:
        kept = self._kept.get(card.account)
        return kept is not None and kept.tries_left > 0

    def _ask(self, *, by_pin: bool) -> None:
        """Ask for the PIN, or for the passphrase; whoever has both may change between them."""
        card = self._card
        if card is None:
            return
        self._by_pin, has_pin = by_pin, self._pin_opens(card)
        self.field.setVisible(not by_pin)
        if has_pin or "pin" in vars(self):
            self.pin_field.setVisible(by_pin)
            self.other_way.setVisible(has_pin)
        if not has_pin:
            return
        label = tr("Code PIN {of_name}", of_name=of_name(card.name))
        self.pin_field.label.setText(label)
        self.pin.setAccessibleName(label)
        left = self._kept[card.account].tries_left
        self.pin_field.set_help(tr("Il reste un essai.") if left == 1 else tr("Il reste {n} essais.", n=left))
        self.other_way.set_text(tr("Utiliser la phrase de passe") if by_pin else tr("Utiliser le code PIN"))

    def _change_way(self) -> None:
        if self._busy:
            return
        self.forget()
        self._stop_waiting()
        self._ask(by_pin=not self._by_pin)
        self._secret.setFocus(Qt.FocusReason.OtherFocusReason)

    def _reopen(self, card: AccountCard, pin: str) -> None:
        home, settle, kept = self._home, self._settle, self._kept[card.account]
        if home is None:
            return
        self._set_busy(busy=True)
        self.pin_field.set_error("")
        self._operations.vault(
            lambda: reopen_session(home, card, kept, pin, settle), self._opened, self._refused
        )

    def _open(self, card: AccountCard, passphrase: str) -> None:
        home, settle = self._home, self._settle
        if home is None:
            return
        self._set_busy(busy=True)
        self.field.set_error("")
        self._operations.vault(
            lambda: open_session(home, card, passphrase, settle), self._opened, self._refused
        )

    def _opened(self, session: Session) -> None:
        # Still busy: the desk takes this page's place as soon as it has something to show.
        self.forget()
        if "notice" in vars(self):
            self.notice.hide()
        self.opened.emit(session)

    def _refused(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        if self._demo_passphrase:
            self.notice.show()
            self.notice.set_message(str(error))
            return
        if isinstance(error, SpentPinError):
            self.forget()
        if self._by_pin:
            # With the tries that are left now; none, and the passphrase is asked for.
            self._ask(by_pin=self._card is not None and self._pin_opens(self._card))
        self._field.set_error(str(error))
        self._secret.selectAll()
        self._secret.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(error, WrongPassphraseError) and error.retry_after > 0:
            self._wait = round(error.retry_after + 0.5)
            self._tick.start()
            self._show_wait()

    def _count_down(self) -> None:
        self._wait -= 1
        if self._wait <= 0:
            self._stop_waiting()
            self.field.set_error("")
        else:
            self._show_wait()

    def _show_wait(self) -> None:
        self.open_button.set_text(tr("Attendez {n}\u00a0s", n=self._wait))
        self.open_button.setEnabled(False)

    def _stop_waiting(self) -> None:
        self._tick.stop()
        self._wait = 0
        if not self._busy:
            self.open_button.set_text(tr("Ouvrir"))
            self.open_button.setEnabled(True)

    def _set_busy(self, *, busy: bool) -> None:
        self._busy = busy
        self.open_button.set_text(tr("Ouverture…") if busy else tr("Ouvrir"))
        self.open_button.setEnabled(not busy)
        self._secret.setReadOnly(busy)
        self.grid.setEnabled(not busy)

    def _passphrase_card(self) -> Card:
        card = Card()
        self._line = QHBoxLayout()
        self._line.addWidget(self.field, 1, Qt.AlignmentFlag.AlignTop)
        self._beside = QVBoxLayout()
        self._beside.addWidget(self.open_button)
        self._beside.addStretch(1)
        self._line.addLayout(self._beside)
        self._rows = QVBoxLayout()
        self._rows.addLayout(self._line)
        card.add_row(self._rows)
        return card

    def _space(self) -> None:
        self.card.setMinimumWidth(metrics().px(520) if metrics().scale <= 150 else 0)
        self._line.setSpacing(metrics().gap(10))
        self._rows.setSpacing(metrics().gap(12))
        # The button stands beside the field, below its label.
        label = self.field.label.sizeHint().height() + metrics().gap(6)
        self._beside.setContentsMargins(0, label, 0, 0)
