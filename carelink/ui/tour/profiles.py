"""What each profile of the demonstration is shown."""

from __future__ import annotations

from collections.abc import Mapping

from carelink.access.compartments import RESTRICTED, Stream, note_stream
from carelink.language import tr
from carelink.records.bodies import AgreementHow, EntryKind
from carelink.services.joining import Joinings
from carelink.services.session import Session
from carelink.ui.person.entry_dialog import EntryDialog
from carelink.ui.person.filters import ALL, UNREAD, URGENT
from carelink.ui.person.invitation_rows import InvitationRow
from carelink.ui.person.invite_dialog import InviteDialog
from carelink.ui.person.member_change import ChangeDialog
from carelink.ui.person.member_dialog import MemberDialog
from carelink.ui.person.named_readers import ChooseReadersDialog
from carelink.ui.person.trace_dialog import TraceDialog
from carelink.ui.shell.sync_panel import SyncPanel
from carelink.ui.tour.guide import Guide
from carelink.ui.tour.waiting import settled, until

PROFILES: Mapping[str, str] = {
    "nurse": "claire-martin",
    "physician": "paul-petit",
    "care-assistant": "sofia-benali",
    "psychologist": "elodie-granger",
    "activity-leader": "karim-haddad",
    "reception": "nicole-bastide",
    "pharmacist": "helene-roche",
    "daughter": "anne-maurel",
    "volunteer": "odile-sarrazin",
    "patient": "odette-chassagne",
    "home-nurse": "nathalie-besson",
    "home-helper": "sandrine-pons",
    "social-worker": "melanie-faure",
    "family-carer": "isabelle-chassagne",
}
"""The profiles in the order of the tour, by the key of the person who plays each."""

COORDINATORS = frozenset({"nurse"})
READS_TRACES = frozenset({"nurse", "patient"})
DECIDES = frozenset({"nurse", "patient"})
SETTINGS = frozenset({"daughter", "patient"})

_SAID = {
    Stream.LIFE: "Belle promenade au jardin cet après-midi, elle a cueilli trois roses pour la table.",
    Stream.COORDINATION: "Passage avancé à 8 h 30 demain. Merci de laisser la clé à l’accueil.",
    Stream.CARE: "Cible\u00a0: marche. Données\u00a0: 60 m avec la canne, sans pause. Actions\u00a0: "
    "encouragements. Résultats\u00a0: EVA 1 au genou, satisfaite.",
    Stream.CARE_INBOX: "Un bleu à l’avant-bras gauche ce matin, elle ne sait pas d’où il vient.",
}
_KEPT = "Entretien de ce jour\u00a0: elle souhaite que sa famille n’en soit pas informée."
_SEARCHED = "jardin"


def visit(guide: Guide, profile: str, guest: Session) -> None:
    """Go through every screen of the account that is open; `guest` is who is invited where one may."""
    guide.profile = profile
    summaries = guide.summaries()
    if guide.desk.stack.currentWidget() is guide.desk.persons:
        guide.shoot("persons")
        guide.open_person(summaries[0])
    else:
        until(lambda: guide.person.cahier.model.rowCount() > 0, "the cahier")
    guide.shoot("cahier")
    _filters(guide)
    _composer(guide)
    if profile in COORDINATORS:
        _entry(guide)
    _circle(guide)
    if profile in DECIDES:
        _member(guide)
    if profile in READS_TRACES:
        _trace(guide)
    if profile in COORDINATORS:
        _invite(guide, guest)
        _exchanges(guide)
    if profile in SETTINGS:
        guide.desk.show_settings()
        guide.shoot("settings")


def _filters(guide: Guide) -> None:
    cahier = guide.person.cahier
    guide.show(UNREAD)
    guide.shoot("unread")
    readable = guide.workspace.cahier.readable(guide.person.circle)
    if len(readable) > 1:
        for volet in readable:
            guide.show(volet)
            guide.shoot(f"volet-{volet}")
    guide.show(URGENT)
    guide.shoot("urgent")
    guide.show(ALL)
    guide.search(_SEARCHED)
    guide.shoot("search")
    guide.search("")
    until(lambda: cahier.model.rowCount() > 0, "the whole cahier")


def _composer(guide: Guide) -> None:
    composer = guide.person.cahier.composer
    for volet in guide.workspace.cahier.writable(guide.person.circle):
        if composer.volets is None:
            return
        composer.volets.chip(volet).click()
        composer.edit.setFocus()
        composer.edit.setPlainText(_SAID[note_stream(volet)])
        composer.keep_draft()
        guide.shoot(f"composer-{volet}")
    if composer.volets is None:
        return
    _named(guide)
    composer.urgent.setChecked(True)
    composer.kind.setCurrentIndex(max(0, composer.kind.findData(EntryKind.INSTRUCTION.value)))
    guide.shoot("composer-urgent")
    composer.urgent.setChecked(False)
    composer.kind.setCurrentIndex(0)
    composer.edit.setPlainText("")
    composer.keep_draft()
    settled(guide.workspace.operations)


def _named(guide: Guide) -> None:
    """Choose who alone reads a note, in a volet that is not every profile's."""
    composer = guide.person.cahier.composer
    nameable = guide.workspace.restricted.nameable(guide.person.circle)
    if composer.volets is None or not guide.workspace.restricted.may_write(guide.person.circle):
        return
    before = composer.compartment()
    composer.volets.chip(RESTRICTED).click()
    composer.edit.setPlainText(_KEPT)
    composer.choose_readers()
    dialog = guide.dialog(ChooseReadersDialog)
    for reader in nameable[:2]:
        dialog.boxes[reader.id].setChecked(True)
    guide.shoot("composer-readers")
    guide.close(dialog)
    composer.name_readers([reader.id for reader in nameable[:2]])
    guide.shoot("composer-restricted")
    composer.volets.chip(before).click()


def _entry(guide: Guide) -> None:
    model, page = guide.person.cahier.model, guide.person.cahier
    rows = range(model.rowCount())
    amended = next((row for row in rows if model.entry(row).amended), 0)
    page.list.entry_opened.emit(amended)
    dialog = guide.dialog(EntryDialog)
    guide.shoot("history")
    guide.close(dialog)
    own = next((row for row in rows if model.entry(row).author.mine), 0)
    for screen, act in (
        ("correction", EntryDialog.start_correction),
        ("withdrawal", EntryDialog.start_withdrawal),
    ):
        page.list.entry_opened.emit(own)
        dialog = guide.dialog(EntryDialog)
        act(dialog)
        guide.shoot(screen)
        guide.close(dialog)


def _circle(guide: Guide) -> None:
    guide.person.tabs.setCurrentIndex(1)
    guide.shoot("circle")
    guide.scroll(guide.person.members, end=True)
    guide.shoot("matrix")
    guide.scroll(guide.person.members, end=False)
    guide.person.members.leave_button.click()
    leaving = guide.dialog(ChangeDialog)
    until(lambda: bool(leaving.sentences), "what leaving does")
    guide.shoot("leave")
    guide.close(leaving)


def _member(guide: Guide) -> None:
    """Look at someone, at what may be changed of them, and leave all as it is."""
    page = guide.person.members
    row = next(row for row in page.members.model.rows if row.action == tr("Modifier"))
    page.show_member(row.key)
    dialog = guide.dialog(MemberDialog)
    until(lambda: dialog.offers is not None, "what may be changed")
    guide.shoot("member")
    for code, button in dialog.offered.items():
        button.click()
        question = guide.dialog(ChangeDialog)
        until(lambda: bool(guide.dialog(ChangeDialog).sentences), "what it would change")
        guide.shoot(f"member-{code}")
        guide.close(question)
    guide.close(dialog)


def _trace(guide: Guide) -> None:
    guide.person.members.trace_button.click()
    dialog = guide.dialog(TraceDialog)
    guide.shoot("trace")
    guide.close(dialog)


def _invite(guide: Guide, guest: Session) -> None:
    """Invite someone who is not there, see who answered, and let them in by their words."""
    members = guide.person.members
    members.invite_button.click()
    dialog = guide.dialog(InviteDialog)
    guide.shoot("invite")
    form = dialog.form
    form.role.setCurrentIndex(form.role.findData("relative"))
    form.name.setText(guest.name)
    form.relation.setText("petit-fils")
    form.agreement.other[AgreementHow.ORAL].setChecked(True)
    guide.shoot("invite-relative")
    guide.scroll(form.window(), end=True)
    guide.shoot("invite-agreement")
    if dialog.primary_button is not None:
        dialog.primary_button.click()
    until(lambda: dialog.handover is not None, "the code")
    guide.shoot("invite-code")
    guide.close(dialog)
    circle, invitations = guide.person.circle, guide.workspace.invitations
    link = invitations.pending(circle)[-1].link
    guide.shoot("invitation-open")
    joining = Joinings(guest).join(link)
    # The page asks the relay who answered whenever it is shown.
    guide.person.tabs.setCurrentIndex(0)
    guide.person.tabs.setCurrentIndex(1)
    until(lambda: any(row.invitation.state == "answered" for row in _rows(guide)), "the answer")
    row = next(row for row in _rows(guide) if row.invitation.state == "answered")
    guide.shoot("invitation-answered")
    if row.words is not None and row.confirm is not None:
        row.words.setText(" ".join(joining.words))
        row.confirm.click()
    until(lambda: not _rows(guide), "the newcomer comes in")
    guide.shoot("invitation-done")
    guide.quiet()


def _rows(guide: Guide) -> list[InvitationRow]:
    return [row for row in guide.person.members.findChildren(InvitationRow) if row.isVisible()]


def _exchanges(guide: Guide) -> None:
    guide.desk.sync.open_panel()
    dialog = guide.dialog(SyncPanel)
    guide.shoot("exchanges")
    guide.close(dialog)
