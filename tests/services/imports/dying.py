"""An import of twelve residents that loses its power at one point.

python -m tests.services.imports.dying one|last|kept VAULT < residents.csv
"""

from __future__ import annotations

import datetime
import os
import signal
import sys
from pathlib import Path
from typing import Any

from carelink.access.statements import SignedCertificate
from carelink.crypto.keys import DeviceKeys
from carelink.models.vault.database import Database
from carelink.models.vault.home import AccountCard, Home
from carelink.models.vault.secrets import SecretKind
from carelink.services.imports import residents
from carelink.services.session import Session, Stores
from tests.sync.house import KEY, URL

PEOPLE = 12


def main(at: str, path: Path) -> None:
    database = Database(path, KEY)
    with database.read() as connection:
        row = Stores(connection).load()
    now = datetime.datetime.now(datetime.UTC)
    session = Session(
        home=Home(path.parent),
        card=AccountCard(row.account.hex(), row.name, row.profession or None, now, SecretKind.FILE),
        database=database,
        account=row.account,
        name=row.name,
        profession=row.profession,
        rpps=row.rpps,
        name_salt=row.name_salt,
        keys=DeviceKeys(row.signing_key, row.hpke_key),
        certificate=SignedCertificate(row.certificate, row.certificate_signature, row.certificate_signer),
    )
    place: Any = residents
    real, founded = place.found_circle, 0
    dies_after = {"one": 1, "last": PEOPLE}.get(at)

    def found(*arguments: Any) -> Any:  # noqa: ANN401
        nonlocal founded
        circle = real(*arguments)
        founded += 1
        if founded == dies_after:
            os.kill(os.getpid(), signal.SIGKILL)
        return circle

    place.found_circle = found
    residents.ResidentImport(session).carry_out(sys.stdin.buffer.read(), URL)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
