"""In place of the cahier, for who is on call: what an emergency opens, the reason, and the key."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.access.registry import MAX_EMERGENCY_REASON
from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.services.emergency import LONGEST_HOURS, EmergencyState, EmergencyView
from carelink.services.wording import compartment_name, of_name
from carelink.ui.person.emergency_words import hours_words
from carelink.ui.person.words import first_name
from carelink.ui.theme import current_theme, metrics, on_theme
from carelink.ui.widgets import (
    Button,
    Card,
    Dialog,
    GrowingTextEdit,
    IconLabel,
    Label,
    LabeledField,
    Paragraph,
    Select,
    announce,
    scrolling,
)
from carelink.ui.workspace import Workspace

USUAL_HOURS = 4
WIDTH = 680


class EmergencyPanel(QWidget):
    """Asks why the record must be opened, and opens it.

    Signals:
        opened: The record is open; its keys are here or on their way.
    """

    opened = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._view: CircleView | None = None
        self.intro = Paragraph("", tone="ink-2")
        self.what = _Point("book")
        self.told = _Point("users")
        self.reason = GrowingTextEdit(
            tr("Pourquoi le dossier doit être ouvert maintenant"),
            placeholder=tr("Par exemple\u00a0: chute, ne répond plus, traitements inconnus"),
            min_lines=2,
            max_lines=6,
        )
        self._reason_field = LabeledField(
            tr("Pourquoi le dossier doit être ouvert maintenant"), self.reason, help_text=self._help()
        )
        self.hours = Select(tr("Pour combien de temps"))
        for hours in range(1, LONGEST_HOURS + 1):
            self.hours.addItem(hours_words(hours), hours)
        self.hours.setCurrentIndex(USUAL_HOURS - 1)
        self._hours_field = LabeledField(
            tr("Pour combien de temps"), self.hours, help_text=tr("L’accès se ferme ensuite de lui-même.")
        )
        self.open_button = Button(tr("Ouvrir le dossier"), variant="primary", icon="key")
        self.open_button.clicked.connect(self._ask)
        self.problem = Label("", "secondary", tone="urgent", wrap=True)
        self.problem.hide()
        self.card = Card(tr("Accès d’urgence"))
        self._lay_out()
        self.setFocusProxy(self.reason)
        self.reason.textChanged.connect(self._typed)
        on_theme(self._space)

    def show_circle(self, view: CircleView) -> None:
        """Show what an emergency opens of a file; what is being typed there is kept."""
        if self._view is None or self._view.circle != view.circle:
            self.reason.clear()
            self.hours.setCurrentIndex(USUAL_HOURS - 1)
            self._say("")
        self._view = view
        circle, emergency = view.circle, self._workspace.emergency
        self._workspace.operations.vault(lambda: (circle, emergency.state(circle)), self._show)

    def _show(self, found: tuple[str, EmergencyState]) -> None:
        circle, state = found
        if self._view is None or self._view.circle != circle:
            return
        name = self._person()
        if state.may_open:
            words = tr(
                "Vous êtes d’astreinte pour {name}. Rien de son dossier n’est lisible ici tant que vous "
                "n’avez pas dit pourquoi une urgence l’exige.",
                name=name,
            )
        elif state.opposed:
            words = tr(
                "L’accès d’urgence au dossier {of_name} est refusé\u00a0: vous n’êtes plus d’astreinte, "
                "et vous ne pouvez pas l’ouvrir.",
                of_name=of_name(name),
            )
        else:
            words = tr(
                "Vous n’êtes plus d’astreinte pour {name}, et vous ne pouvez pas ouvrir son dossier. Pour "
                "l’être à nouveau, adressez-vous à la personne qui coordonne le cercle.",
                name=name,
            )
        self.intro.set_text(words)
        volets = ", ".join(compartment_name(code) for code in state.opens)
        self.what.set_text(
            tr(
                "Ce qui s’ouvre à vous, en lecture seule, avec ce qui a déjà été écrit\u00a0: {volets}.",
                volets=volets,
            )
        )
        self.told.set_text(
            tr(
                "Votre nom, l’heure et votre raison sont enregistrés, et tout le cercle, famille comprise, "
                "en est averti avant que quoi que ce soit ne s’ouvre."
            )
        )
        for widget in (self.what, self.told, self._form):
            widget.setVisible(state.may_open)

    def _lay_out(self) -> None:
        self._form = QWidget()
        self._fields = QVBoxLayout(self._form)
        self._fields.setContentsMargins(0, 0, 0, 0)
        self._fields.addWidget(self._reason_field)
        self._fields.addWidget(self._hours_field)
        self._fields.addWidget(self.problem)
        act = QHBoxLayout()
        act.addWidget(self.open_button)
        act.addStretch(1)
        self._fields.addLayout(act)
        words = QWidget()
        self._words = QVBoxLayout(words)
        self._words.setContentsMargins(0, 0, 0, 0)
        for widget in (self.intro, self.what, self.told):
            self._words.addWidget(widget)
        self.card.add_row(words)
        self.card.add_row(self._form)
        self._row = QHBoxLayout()
        self._row.addStretch(1)
        self._row.addWidget(self.card, 8)
        self._row.addStretch(1)
        self._page = QVBoxLayout()
        self._page.addLayout(self._row)
        self._page.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(self._page))

    def _person(self) -> str:
        patient = self._view.patient if self._view is not None else None
        return first_name(patient.given) if patient is not None else tr("cette personne")

    def _text(self) -> str:
        return " ".join(self.reason.toPlainText().split())

    def _typed(self) -> None:
        over = len(self._text()) - MAX_EMERGENCY_REASON
        words = (
            tr("1\u00a0caractère de trop.")
            if over == 1
            else tr("{count}\u00a0caractères de trop.", count=over)
        )
        self._reason_field.set_error(words if over > 0 else "")
        self._say("")

    def _ask(self) -> None:
        """Have it confirmed, once there is a reason."""
        text = self._text()
        if not text or len(text) > MAX_EMERGENCY_REASON:
            sentence = tr("Dites d’abord en quelques mots pourquoi le dossier doit être ouvert.")
            self._reason_field.set_error(self._reason_field.error() or sentence)
            announce(self, self._reason_field.error())
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        hours = hours_words(int(self.hours.currentData()))
        dialog = Dialog(
            tr("Ouvrir le dossier {of_name} en urgence\u202f?", of_name=of_name(self._person())),
            tr(
                "Tout le cercle saura que vous l’ouvrez maintenant, pour {hours}, et lira votre raison. "
                "Cela ne s’efface pas.",
                hours=hours,
            ),
            parent=self.window(),
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.body.addWidget(Paragraph(tr("«\u00a0{reason}\u00a0»", reason=text)))
        dialog.body.addStretch(1)
        dialog.set_primary(tr("Ouvrir maintenant"), icon="key").clicked.connect(dialog.accept)
        dialog.accepted.connect(self._open)
        dialog.open()

    def _open(self) -> None:
        view = self._view
        if view is None:
            return
        self._wait(waiting=True)
        circle, text, hours = view.circle, self._text(), int(self.hours.currentData())
        emergency = self._workspace.emergency
        self._workspace.operations.network(
            lambda: emergency.open(circle, text, hours), self._opened, self._refused
        )

    def _opened(self, view: EmergencyView) -> None:
        self._wait(waiting=False)
        if self._view is not None and view.circle == self._view.circle:
            self.reason.clear()
            self.opened.emit()

    def _refused(self, error: KnownError) -> None:
        self._wait(waiting=False)
        self._say(str(error))
        announce(self, str(error))

    def _wait(self, *, waiting: bool) -> None:
        for widget in (self.open_button, self.reason, self.hours):
            widget.setEnabled(not waiting)
        self.open_button.set_text(tr("Le cercle est prévenu…") if waiting else tr("Ouvrir le dossier"))

    def _say(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def _help(self) -> str:
        return tr(
            "{limit} caractères au plus. Tout le cercle lira ces mots, et le relais peut les lire\u00a0: "
            "dites l’urgence, sans plus de détails qu’il n’en faut.",
            limit=MAX_EMERGENCY_REASON,
        )

    def _space(self) -> None:
        gap = metrics().gap
        self._page.setContentsMargins(gap(28), gap(24), gap(28), gap(24))
        self.card.setMaximumWidth(metrics().px(WIDTH))
        self._words.setSpacing(gap(12))
        self._fields.setSpacing(gap(16))


class _Point(QWidget):
    """One thing to know, beside its icon."""

    def __init__(self, icon: str) -> None:
        super().__init__()
        self._text = Paragraph("")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(
            IconLabel(icon, lambda: current_theme().colors.ink_2), 0, Qt.AlignmentFlag.AlignTop
        )
        self._row.addWidget(self._text, 1)
        on_theme(self._space)

    def set_text(self, text: str) -> None:
        """Say it."""
        self._text.set_text(text)

    def text(self) -> str:
        """Return what it says."""
        return self._text.plain_text()

    def _space(self) -> None:
        self._row.setSpacing(metrics().gap(12))
