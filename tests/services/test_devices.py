"""Which PCs an account has, and what revoking one cuts off."""

from __future__ import annotations

import pytest

from carelink.access.statements import decode_certificate
from carelink.crypto.keys import AccountName, DeviceKeys, certify, new_device_keys, public_keys
from carelink.errors import KnownError
from carelink.services.certificates import carried, row_of
from carelink.services.devices import Devices
from carelink.services.recovery import Recovery, asked_numbers, wrong_numbers
from carelink.services.session import Session


def bring(session: Session, by: DeviceKeys, added: int) -> DeviceKeys:
    """Put a device into the vault that another one certified."""
    own = decode_certificate(session.certificate.body)
    keys = new_device_keys()
    # Dated long ago, as a thief would.
    signed = certify(AccountName(own.account_key, own.name_hash), public_keys(keys), 0, by)
    with session.write() as stores:
        stores.add_device(row_of(signed, added))
    return keys


def states(session: Session) -> dict[str, str]:
    return {view.id: view.state for view in Devices(session).known()}


def test_revoking_a_pc_revokes_what_it_brought_in_however_far(claire: Session) -> None:
    stolen = bring(claire, claire.keys, 10)
    second = bring(claire, stolen, 20)
    third = bring(claire, second, 30)
    other = bring(claire, claire.keys, 40)
    gone = Devices(claire).revoke(stolen.device.hex())
    assert set(gone.devices) == {keys.device.hex() for keys in (stolen, second, third)}
    assert states(claire)[third.device.hex()] == "revoked"
    assert states(claire)[other.device.hex()] == "active"


def test_what_it_brought_in_before_a_date_stays_whatever_certificates_say(claire: Session) -> None:
    stolen = bring(claire, claire.keys, 10)
    before, after = bring(claire, stolen, 20), bring(claire, stolen, 40)
    gone = Devices(claire).revoke(stolen.device.hex()[:8], since=30)
    assert set(gone.devices) == {stolen.device.hex(), after.device.hex()}
    assert states(claire)[before.device.hex()] == "active"


def test_this_pc_the_sheet_and_what_is_not_there_are_not_revoked(claire: Session) -> None:
    sheet = Recovery(claire).new_sheet()
    Recovery(claire).confirm(sheet)
    for device in (claire.keys.device.hex(), sheet.device, "ff" * 16, ""):
        with pytest.raises(KnownError):
            Devices(claire).revoke(device)


def test_devices_are_called_what_their_owner_likes(claire: Session) -> None:
    other = bring(claire, claire.keys, 10)
    Devices(claire).rename(claire.keys.device.hex(), "PC du salon")
    Devices(claire).rename(other.device.hex(), "Portable")
    assert [view.name for view in Devices(claire).known()] == ["PC du salon", "Portable"]
    assert Devices(claire).revoke("portable").devices == (other.device.hex(),)


def test_a_revoked_pc_vouches_in_new_circles_and_counts_for_nothing(claire: Session) -> None:
    stolen = bring(claire, claire.keys, 10)
    kept = bring(claire, stolen, 20)
    Devices(claire).revoke(stolen.device.hex(), since=30)
    with claire.read() as stores:
        given = carried(claire, stores)
    devices = [decode_certificate(signed.body).device for signed in given.certificates]
    assert devices == [claire.keys.device, stolen.device, kept.device]
    assert given.retired == (stolen.device,)


def test_a_sheet_counts_once_it_is_checked_and_the_old_one_until_then(claire: Session) -> None:
    recovery = Recovery(claire)
    assert recovery.state().made is None
    first = recovery.new_sheet()
    assert recovery.state().made is None
    recovery.put_off()
    first = recovery.new_sheet()
    recovery.confirm(first)
    assert recovery.state().made == first.made
    second = recovery.new_sheet()
    assert recovery.state().made == first.made
    recovery.confirm(second)
    assert recovery.state().made == second.made
    assert states(claire)[first.device] == "revoked"


def test_three_words_show_that_the_page_is_at_hand(claire: Session) -> None:
    sheet = Recovery(claire).new_sheet()
    numbers = asked_numbers()
    assert len(set(numbers)) == 3
    right = {number: sheet.words[number - 1].upper() for number in numbers}
    assert wrong_numbers(sheet, right) == []
    assert wrong_numbers(sheet, {**right, numbers[1]: "autre"}) == [numbers[1]]
