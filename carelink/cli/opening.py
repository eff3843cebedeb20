"""Opening the account that a command is for."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from carelink.cli.output import Output
from carelink.cli.values import passphrase
from carelink.language import tr
from carelink.models.vault.home import Home
from carelink.services.door import open_here
from carelink.services.session import Session


def home_of(parsed: Namespace) -> Home:
    """Return the folder that the command is for."""
    return Home(parsed.home) if parsed.home is not None else Home.default()


@contextmanager
def unlocked(parsed: Namespace, output: Output) -> Iterator[Session]:
    """Give the account's session, closed on leaving."""
    home = home_of(parsed)
    card = home.find(parsed.account)
    typed = passphrase(
        parsed.passphrase_file,
        tr("Phrase de passe de {name}\u00a0: ", name=card.name),
        interactive=not output.as_json,
    )
    session = open_here(home, card, typed)
    try:
        yield session
    finally:
        session.close()
