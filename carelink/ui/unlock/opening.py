"""What opening an account takes, done on the vault thread: heavy libraries load here, not at the start."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from carelink.models.vault.home import AccountCard, Home

if TYPE_CHECKING:
    from carelink.models.vault.pins import KeptKey
    from carelink.services.session import Session


def preload() -> None:
    """Load what an open account needs, while the passphrase is being typed."""
    import carelink.services.door
    import carelink.ui.person.circle_page
    import carelink.ui.shell.desk  # noqa: F401


def open_session(home: Home, card: AccountCard, passphrase: str, settle: Callable[[], None]) -> Session:
    """Open an account and remember that it was the last.

    Args:
        home: Folder of the account.
        card: The account.
        passphrase: Its passphrase.
        settle: Waits until the account that was locked before has written everything.

    Raises:
        KnownError: A wrong passphrase, a damaged vault.
    """
    from carelink.services.door import open_here

    preload()
    settle()
    session = open_here(home, card, passphrase)
    remember(home, card.account)
    return session


def reopen_session(
    home: Home, card: AccountCard, kept: KeptKey, pin: str, settle: Callable[[], None]
) -> Session:
    """Open an account again by its PIN, and remember that it was the last.

    Args:
        home: Folder of the account.
        card: The account.
        kept: What the PIN opens.
        pin: As typed.
        settle: As for `open_session`.

    Raises:
        KnownError: A wrong PIN, one wrong PIN too many, a damaged vault.
    """
    from carelink.services.accounts import reopen_account

    settle()
    session = reopen_account(home, card, kept, pin)
    remember(home, card.account)
    return session


def ask_who_is_there(home: Home) -> bool:
    """Ask the relay of a workstation who is on its door now.

    Returns:
        Whether that is not what the door shows.

    Raises:
        KnownError: The relay is away, or this PC is a workstation no more.
    """
    from carelink.services.stations import Station

    before = home.workstation()
    return before is not None and Station(home, before).refresh() != before.people


def stop_relay(home: Home) -> None:
    """Stop the relay of the demonstration in a folder; not on the GUI thread."""
    from carelink.services.demo import Demo

    Demo(home).stop_relay()


def remember(home: Home, account: str) -> None:
    """Remember who was here last, so that they find their name at the top."""
    settings = home.settings()
    if settings.last_account != account:
        home.save_settings(settings._replace(last_account=account))
