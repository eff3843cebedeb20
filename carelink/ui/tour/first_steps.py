"""The first minutes of someone new, from the empty window to the cahier they were let into."""

from __future__ import annotations

from carelink.errors import BugError
from carelink.records.bodies import AgreementHow
from carelink.services.invitations import InvitationRequest, Invitations, NewInvitation
from carelink.services.session import Session
from carelink.ui.first_run.sheet import SheetPage
from carelink.ui.main_window import MainWindow
from carelink.ui.settings.passphrase import PassphraseDialog
from carelink.ui.settings.pin import PinDialog
from carelink.ui.tour.guide import Guide
from carelink.ui.tour.waiting import after, settled, until

NAME = "Camille Lambert"
_PIN = "739146"


def take_first_steps(guide: Guide, coordinator: Session, circle: str) -> str:
    """Join a circle as someone new; its coordinator confirms from elsewhere.

    Returns:
        The passphrase that was chosen.
    """
    window = guide.window
    guide.shoot("welcome")
    _come_from_elsewhere(guide)
    window.welcome.join_button.click()
    guide.shoot("account")
    window.account.name.setText(NAME)
    window.account.go_on()
    window.account.choice.take.click()
    guide.shoot("passphrase")
    passphrase = window.account.choice.first.text()
    window.account.go_on()
    until(lambda: window.desk is not None, "the new account opens")
    desk = guide.desk
    _make_sheet(guide)
    until(lambda: desk.stack.currentWidget() is desk.join, "the question for the code")
    guide.shoot("join")
    guide.quiet()
    made = _invite(coordinator, circle)
    desk.join.code.setText(made.link)
    guide.shoot("join-typed")
    desk.join.submit()
    until(lambda: desk.stack.currentWidget() is desk.waiting, "the relay took the answer")
    guide.shoot("waiting")
    words = guide.workspace.joinings.joinings()[0].words
    Invitations(coordinator).confirm(circle, made.invitation, " ".join(words))
    guide.workspace.poke()
    until(lambda: desk.stack.currentWidget() is desk.person, "being let in")
    until(lambda: guide.person.cahier.model.rowCount() > 0, "the cahier arrives")
    guide.arrive()
    guide.shoot("let-in")
    guide.quiet()
    desk.show_create()
    settled(guide.workspace.operations)
    guide.shoot("create-circle")
    _knock(guide, window, passphrase)
    return passphrase


def _come_from_elsewhere(guide: Guide) -> None:
    """Look at the two ways in of whoever has an account already, and go back."""
    window = guide.window
    window.welcome.restore_button.click()
    window.restore.entry.fill({1: "abaisser", 2: "maisom"})
    guide.shoot("restore")
    window.restore.back_button.click()
    window.welcome.pair_button.click()
    guide.shoot("pair")
    window.pair.back_button.click()


def _make_sheet(guide: Guide) -> None:
    """Make the recovery sheet: first with a word that is another one."""
    desk = guide.desk
    until(lambda: isinstance(desk.stack.currentWidget(), SheetPage), "the recovery sheet")
    page = desk.stack.currentWidget()
    if not isinstance(page, SheetPage):
        raise BugError("another page than the recovery sheet")
    guide.quiet()
    guide.shoot("sheet")
    page.act_button.click()
    words = page.making.paper.words()
    guide.shoot("sheet-words")
    page.act_button.click()
    for number in page.making.check.fields:
        page.making.check.typed(number).setText(words[number - 1])
    page.making.check.typed(min(page.making.check.fields)).setText("page")
    page.act_button.click()
    guide.shoot("sheet-check")
    page.making.check.typed(number := min(page.making.check.fields)).setText(words[number - 1])
    page.act_button.click()
    until(lambda: page.making.step == "done", "the sheet counts")
    guide.shoot("sheet-done")
    page.act_button.click()


def _invite(coordinator: Session, circle: str) -> NewInvitation:
    return Invitations(coordinator).invite(
        circle,
        InvitationRequest(role="relative", name=NAME, relation="petite-fille", agreed=AgreementHow.ORAL),
    )


def _knock(guide: Guide, window: MainWindow, passphrase: str) -> None:
    """Lock, and come back: first with a wrong passphrase."""
    guide.lock()
    guide.shoot("unlock")
    window.unlock.passphrase.setText("ce ne sont pas ces mots")
    window.unlock.submit()
    until(lambda: not window.unlock.passphrase.isReadOnly(), "the wrong passphrase is refused")
    guide.shoot("unlock-refused")
    until(window.unlock.open_button.isEnabled, "another try is allowed")
    window.unlock.passphrase.setText(passphrase)
    after(window.unlock.opened, window.unlock.submit, "the account opens again")
    guide.arrive()
    guide.desk.show_settings()
    guide.shoot("settings")
    guide.desk.settings.passphrase.click()
    change = guide.dialog(PassphraseDialog)
    guide.shoot("passphrase-change")
    change.current.setText(passphrase)
    change.choice.first.setText(NAME)
    change.change_button.click()
    guide.shoot("passphrase-weak")
    guide.close(change)
    _choose_pin(guide, passphrase)
    _come_back_by_pin(guide, window)
    guide.lock()


def _choose_pin(guide: Guide, passphrase: str) -> None:
    """Choose a PIN: first one that anyone would try."""
    guide.desk.settings.pin.click()
    dialog = guide.dialog(PinDialog)
    guide.shoot("pin")
    dialog.current.setText(passphrase)
    for pin, screen in (("123456", "pin-weak"), (_PIN, "")):
        for field in (dialog.pin, dialog.again):
            field.setText(pin)
        if screen:
            dialog.change_button.click()
            guide.shoot(screen)
    dialog.change_button.click()
    until(guide.desk.settings.remove_pin.isVisible, "the PIN is chosen")
    guide.quiet()
    guide.scroll(guide.desk.settings, end=True)
    guide.shoot("settings-pin")


def _come_back_by_pin(guide: Guide, window: MainWindow) -> None:
    """Lock, and come back by the PIN: first with a wrong one."""
    guide.lock()
    guide.shoot("unlock-pin")
    window.unlock.pin.setText("604817")
    window.unlock.submit()
    until(lambda: bool(window.unlock.pin_field.error()), "the wrong PIN is refused")
    guide.shoot("unlock-pin-refused")
    window.unlock.pin.setText(_PIN)
    after(window.unlock.opened, window.unlock.submit, "the PIN opens the account again")
    guide.arrive()
