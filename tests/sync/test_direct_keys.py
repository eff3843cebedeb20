"""Keys of notes kept to named readers: other PCs of theirs, restored vaults, and what outsiders hold."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from carelink.access.statements import AddDevice, RevokeDevices, decode_certificate
from carelink.crypto.keys import AccountName, certify, new_device_keys, public_keys
from carelink.crypto.primitives import UnsealError
from carelink.models.stores.account import AccountRow
from carelink.models.vault.database import Database
from carelink.services.cahier import Cahier
from carelink.services.errors import HubError
from carelink.services.session import Session
from carelink.sync.direct import key_for, open_direct
from carelink.sync.wire.direct import decode_direct
from tests.sync.house import KEY, START, House, change, sync
from tests.sync.scans import VaultScan
from tests.sync.ward import SECRET, Ward


def opened_by(house: House, session: Session) -> set[bytes]:
    """Return the direct envelopes at the relay that some key in a vault opens."""
    keys = VaultScan(session).keys(house.hub, every_byte=True)
    opened = set()
    for identifier, opening in house.hub.direct.opened.items():
        for envelope in opening.envelopes:
            header, core = decode_direct(envelope.header)
            candidates = {key for key in keys if len(key) == 32}
            if core.opens is not None:
                wrapped = key_for(core, envelope.ciphertext, session.keys.device, session.keys.hpke)
                candidates |= {wrapped} if wrapped is not None else set()
            for key in candidates:
                try:
                    open_direct(core, header.core, envelope.ciphertext, key)
                except UnsealError:
                    continue
                opened.add(identifier)
    return opened


def test_no_key_of_an_outsider_opens_anything_kept_to_others(house: House, ward: Ward) -> None:
    ward.write(ward.paul, SECRET, ward.remi)
    ward.write(ward.jeanne, SECRET, ward.eva)
    ward.settle()
    by_readers = {opened.named: identifier for identifier, opened in house.hub.direct.opened.items()}
    first = by_readers[frozenset({ward.paul.account, ward.remi.account})]
    second = by_readers[frozenset({ward.jeanne.account, ward.eva.account})]
    assert opened_by(house, ward.remi) == opened_by(house, ward.paul) == {first}
    assert opened_by(house, ward.eva) == opened_by(house, ward.jeanne) == {second}
    assert opened_by(house, ward.claire) == set()


def test_a_vault_put_back_from_an_old_copy_has_what_was_written_since(
    house: House, ward: Ward, tmp_path: Path
) -> None:
    old = house.copied(tmp_path / "old")
    house.use()
    entry = ward.write(ward.paul, SECRET, ward.remi)
    sync(ward.paul)
    ward.share(ward.paul, entry, ward.jeanne, history=True)
    sync(ward.paul)
    ward.settle()
    old.hub.take_over(house.hub)
    old.use()
    for number, session in enumerate((ward.paul, ward.remi, ward.jeanne)):
        restored = old.sessions[house.sessions.index(session)]
        sync(restored)
        assert ward.restricted(restored) == [SECRET], number
    old.close()
    house.use()


def second_pc(house: House, first: Session, circle: str) -> Session:
    """Return another PC of an account, which the first one has put into a circle."""
    own = decode_certificate(first.certificate.body)
    keys = new_device_keys()
    signed = certify(AccountName(own.account_key, own.name_hash), public_keys(keys), START, first.keys)
    path = house.folder / f"{keys.device.hex()}.db"
    shutil.copy(house.template, path)
    session = replace(first, database=Database(path, KEY), keys=keys, certificate=signed, chains={})
    session._contexts, session._rows, session._named = {}, {}, None
    with first.read() as stores:
        row, link = stores.hubs()[0], stores.link(bytes.fromhex(circle))
    with session.write() as stores:
        stores.save(
            AccountRow(
                account=first.account,
                name=first.name,
                profession="",
                rpps="",
                name_salt=first.name_salt,
                device=keys.device,
                signing_key=keys.signing,
                hpke_key=keys.hpke,
                certificate=signed.body,
                certificate_signature=signed.signature,
                created=START,
                certificate_signer=signed.signer,
            )
        )
        hub = stores.relay(row.url, row.fingerprint, row.hub_key)
        stores.add_circle(link.circle, hub.pk, link.genesis, "waiting", START)
    house.sessions.append(session)
    change(first, circle, AddDevice(signed))
    return session


def test_another_pc_of_a_reader_has_what_was_kept_to_them_before_it_came(house: House, ward: Ward) -> None:
    entry = ward.write(ward.paul, SECRET, ward.remi)
    sync(ward.paul)
    ward.settle()
    second = second_pc(house, ward.remi, ward.circle)
    sync(second)
    assert ward.restricted(second) == [], "nobody who has the key has been there yet"
    sync(ward.remi)
    sync(second)
    assert ward.restricted(second) == [SECRET]
    # One opening hands on all that there is, and only once.
    count = len(house.hub.direct.opened)
    for session in (ward.remi, second, ward.remi):
        sync(session)
    assert len(house.hub.direct.opened) == count == 2
    Cahier(ward.paul).amend(entry, "la suite")
    sync(ward.paul)
    for session in (ward.remi, second):
        sync(session)
        assert ward.restricted(session) == ["la suite"]


def test_a_revoked_pc_has_nothing_of_what_is_written_after(house: House, ward: Ward) -> None:
    stolen = second_pc(house, ward.remi, ward.circle)
    entry = ward.write(ward.paul, SECRET, ward.remi)
    ward.settle()
    sync(stolen)
    assert ward.restricted(stolen) == [SECRET]
    change(ward.remi, ward.circle, RevokeDevices(ward.remi.account, (stolen.keys.device,)))
    Cahier(ward.paul).amend(entry, "jgshztgblfdniuyqjdbxcxoh")
    ward.settle()
    with suppress(HubError):
        sync(stolen)
    assert ward.restricted(ward.remi) == ["jgshztgblfdniuyqjdbxcxoh"]
    assert VaultScan(stolen).words(["jgshztgblfdniuyqjdbxcxoh"]) == set()
    old, new = [i for i, o in house.hub.direct.opened.items() if o.opens.kind == "restricted"]
    assert opened_by(house, stolen) == {old}
    assert new in opened_by(house, ward.remi)


def test_a_recovery_sheet_is_given_the_keys_of_what_was_kept_to_its_owner(house: House, ward: Ward) -> None:
    ward.write(ward.paul, SECRET, ward.remi)
    ward.settle()
    own = decode_certificate(ward.remi.certificate.body)
    keys = new_device_keys()
    named = AccountName(own.account_key, own.name_hash)
    sheet = certify(named, public_keys(keys), START, ward.remi.keys, paper=True)
    change(ward.remi, ward.circle, AddDevice(sheet))
    sync(ward.remi)
    (handed,) = [opened for opened in house.hub.direct.opened.values() if opened.opens.kind == "keys"]
    (envelope,) = handed.envelopes
    header, core = decode_direct(envelope.header)
    key = key_for(core, envelope.ciphertext, keys.device, keys.hpke)
    assert key is not None
    body = open_direct(core, header.core, envelope.ciphertext, key)
    assert [given.opening for given in body.given] == [
        identifier for identifier, opened in house.hub.direct.opened.items() if opened.opens.kind != "keys"
    ]
