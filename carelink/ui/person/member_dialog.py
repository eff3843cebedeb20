"""One member: as what, since when, reading what by whose word; and what may be changed of that."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.services.members import MemberView
from carelink.services.membership import Offers
from carelink.services.wording import of_name, role_name
from carelink.ui.person.access_rows import COLUMNS, member_cell, member_details
from carelink.ui.person.circle_words import decision_words, stay_words
from carelink.ui.person.member_change import ChangeDialog
from carelink.ui.person.member_forms import ChangeForm, OpeningForm, RoleForm
from carelink.ui.person.member_plans import Plan, Plans
from carelink.ui.person.moments import day_words, local_time
from carelink.ui.person.row_layout import volet_chip
from carelink.ui.person.words import as_what, first_name
from carelink.ui.theme import current_theme, metrics
from carelink.ui.widgets import (
    Avatar,
    Button,
    Card,
    Chip,
    Dialog,
    FlowLayout,
    IconLabel,
    Label,
    announce,
)
from carelink.ui.workspace import Workspace


class MemberDialog(Dialog):
    """What is known of a member, and the changes that the rules let this account make.

    Signals:
        changed: Something was changed; with what is said of it.
    """

    changed = Signal(str)

    def __init__(
        self, workspace: Workspace, view: CircleView, member: MemberView, parent: QWidget | None = None
    ) -> None:
        name = tr("{name} (vous)", name=member.name) if member.mine else member.name
        super().__init__(name, width=640, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workspace = workspace
        self._view = view
        self._member = member
        self._plans = Plans(workspace, view, member)
        self.offers: Offers | None = None
        self.offered: dict[str, Button] = {}
        self.set_closing(tr("Fermer"))
        self.body.addWidget(self._who())
        self._volets = Card(tr("Ce que lit {name}", name=first_name(member.name)))
        if member.mine:
            self._volets = Card(tr("Ce que vous lisez"))
        self._volet_rows: dict[str, FlowLayout] = {}
        for volet in COLUMNS:
            self._volets.add_row(self._volet(volet))
        self.body.addWidget(self._volets)
        self._more, self._foot = _flow()
        self._more.hide()
        self.body.addWidget(self._more)
        self.body.addStretch(1)
        self.cancel_button.setFocus()
        membership, circle = workspace.membership, view.circle
        workspace.operations.vault(lambda: membership.offers(circle, member.id), self._have_offers)

    def _who(self) -> QWidget:
        member, gap = self._member, metrics().gap
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(gap(16))
        row.addWidget(Avatar(member.name, key=member.id, size=56), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(gap(4))
        row.addLayout(words, 1)
        words.addWidget(Label(" · ".join(member_details(member)), "strong", wrap=True))
        for line in self._facts():
            words.addWidget(Label(line, "secondary", tone="ink-2", wrap=True))
        if not member.consistent:
            warning = tr("Les droits publiés pour ce membre ne sont pas ceux de son rôle.")
            words.addWidget(Label(warning, "secondary", tone="urgent", wrap=True))
        return holder

    def _facts(self) -> list[str]:
        member = self._member
        facts = []
        what = as_what(member.role, member.relation)
        also = [role_name(code) for code in (member.role, member.profession) if code]
        also = [words for words in dict.fromkeys(also) if words != what]
        if also:
            facts.append(tr("Rôle\u00a0: {roles}", roles=", ".join(also)))
        if member.rpps:
            facts.append(tr("RPPS {number}, donné par cette personne", number=member.rpps))
        if member.active:
            since = day_words(local_time(member.since).date(), year=True)
            until = "" if member.until is None else day_words(local_time(member.until).date(), year=True)
            facts.append(
                tr("Dans le cercle depuis le {since}, jusqu’au {until}", since=since, until=until)
                if until
                else tr("Dans le cercle depuis le {since}", since=since)
            )
        inviter = next((m for m in self._view.members if m.id == member.invited_by), None)
        if inviter is not None and inviter.id != member.id:
            facts.append(tr("À l’invitation {of_name}", of_name=of_name(inviter.name)))
        facts += [stay_words(stay) for stay in member.stays]
        return facts

    def _volet(self, volet: str) -> QWidget:
        cell = member_cell(self._view, self._member, volet)
        words, icon, tone = volet_chip(volet)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics().gap(8))
        head = _flow()
        head[1].addWidget(Chip(words, icon=icon, tone=tone))
        if cell.icon:
            toned = cell.tone
            ink = (lambda: current_theme().tint(toned).ink) if toned else (lambda: current_theme().colors.ink)
            head[1].addWidget(IconLabel(cell.icon, ink, size=20))
        head[1].addWidget(Label(cell.words, "secondary", tone="ink" if cell.icon else "ink-3"))
        column.addWidget(head[0])
        decided = decision_words(self._view, self._member.id, volet)
        if decided:
            column.addWidget(Label(decided, "secondary", tone="ink-2", wrap=True))
        foot, self._volet_rows[volet] = _flow()
        foot.hide()
        column.addWidget(foot)
        return holder

    def _have_offers(self, offers: Offers) -> None:
        self.offers = offers
        member, plans = self._member, self._plans
        granted = {grant.compartment for grant in self._view.grants if grant.member == member.id}
        for volet in COLUMNS:
            if volet in offers.opens:
                more = tr("Laisser écrire") if volet in member.reads else tr("Donner accès")
                words = tr("Changer la date") if volet in granted else more
                asks = partial(OpeningForm, asks_past=volet not in member.reads)
                self._offer(f"open-{volet}", words, "key", plans.open(volet), asks, volet)
            if volet in offers.lifts:
                self._offer(f"lift-{volet}", tr("Lever le refus"), "key", plans.lift(volet), None, volet)
            if volet in member.vouchable:
                self._offer(f"vouch-{volet}", tr("Contresigner"), "stethoscope", plans.vouch(), None, volet)
            if volet in offers.closes:
                reads = volet in member.reads or volet in member.promised
                words = tr("Retirer l’accès") if reads else tr("Refuser")
                self._offer(f"close-{volet}", words, "hand-stop", plans.close(volet), None, volet)
        if offers.roles:
            choice = partial(RoleForm, member, offers.roles)
            self._offer("role", tr("Changer le rôle ou les fonctions"), "user-check", plans.role(), choice)
        if offers.removes:
            words = tr("Retirer {name}", name=member.name)
            self._offer("remove", words, "user-minus", plans.remove(), None)
        self._more.setVisible(bool(self._foot.count()))
        self.fit()
        if self.offered:
            announce(self, tr("Ce qui peut être changé est affiché."))

    def _offer(
        self,
        code: str,
        words: str,
        icon: str,
        plan: Plan,
        form: Callable[[], ChangeForm] | None,
        volet: str = "",
    ) -> None:
        button = Button(words, size="compact" if volet else "normal", icon=icon)
        if volet:
            # Read aloud out of its row, it says whose volet it means.
            button.setAccessibleName(plan.title)
        button.clicked.connect(lambda: self._ask(plan, form() if form is not None else None))
        self.offered[code] = button
        if volet:
            self._volet_rows[volet].addWidget(button)
            holder = self._volet_rows[volet].parentWidget()
            if holder is not None:
                holder.show()
        else:
            self._foot.addWidget(button)

    def _ask(self, plan: Plan, form: ChangeForm | None) -> None:
        dialog = ChangeDialog(self._workspace, plan, form, self)
        dialog.made.connect(self._changed)
        dialog.open()

    def _changed(self, done: str) -> None:
        self.accept()
        self.changed.emit(done)


def _flow() -> tuple[QWidget, FlowLayout]:
    """Return a row that goes on below where it is too long."""
    holder = QWidget()
    flow = FlowLayout(holder, gap=8)
    policy = holder.sizePolicy()
    policy.setHeightForWidth(True)
    holder.setSizePolicy(policy)
    return holder, flow
