"""What the vault keeps of exchanges, as the engine left it."""

from __future__ import annotations

import pytest

from carelink.errors import BugError
from carelink.models.stores.vault_store import VaultStore
from carelink.records.transfer import (
    AcceptedEnvelope,
    CardRow,
    CheckpointMark,
    Feed,
    MissingItem,
    RefusedItem,
    WaitingEnvelope,
)
from carelink.services.session import Stores
from tests.models.stores.conftest import CIRCLE, OTHER, Vault

DEVICE = b"d" * 16
KEY = ("life", DEVICE)


def test_a_transaction_is_kept_whole_or_not_at_all(vault: Vault) -> None:
    store = VaultStore(vault.database, vault.hub)

    def fail_after_writing() -> None:
        with store.transaction() as tx:
            tx.set_cursors(7, 3)
            tx.put_feeds(CIRCLE, {KEY: Feed(1, bytes(32), 2, bytes(32), 0)})
            raise KeyError

    with pytest.raises(KeyError):
        fail_after_writing()
    with store.transaction() as tx:
        assert tx.cursors() == (-1, 0)
        assert tx.feeds(CIRCLE) == {}
        tx.set_cursors(7, 3)
    with store.transaction() as tx:
        assert tx.cursors() == (7, 3)


def test_feeds_and_places_are_kept_and_completed(vault: Vault) -> None:
    store = VaultStore(vault.database, vault.hub)
    with vault.database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO account VALUES (?, 'Claire', '', '', x'00', ?, x'00', x'00', x'00', x'00', x'', 0)",
            (b"a" * 16, b"e" * 16),
        )
    first, second = (AcceptedEnvelope("life", DEVICE, n, bytes([n]) * 32, 0, ()) for n in (1, 2))
    placed = AcceptedEnvelope("life", DEVICE, 1, bytes([1]) * 32, 5, ())
    with store.transaction() as tx:
        tx.put_feeds(CIRCLE, {KEY: Feed(1, bytes(32), 2, bytes([2]) * 32, 4)})
        tx.add_accepted(CIRCLE, [first, second], 0, 0)
        assert tx.identifiers_by_place(CIRCLE, "life") == {}
        tx.add_accepted(CIRCLE, [placed], 0, 0)
        tx.add_accepted(CIRCLE, [first], 0, 0)
        assert tx.identifiers_by_place(CIRCLE, "life") == {5: bytes([1]) * 32}
        assert tx.held_between(CIRCLE, KEY, 1, 9) == {1: bytes([1]) * 32, 2: bytes([2]) * 32}
        assert tx.held_between(OTHER, KEY, 1, 9) == {}


def test_what_is_missing_is_forgotten_once_found(vault: Vault) -> None:
    store = VaultStore(vault.database, vault.hub)
    items = [MissingItem(CIRCLE, "life", DEVICE, n, 0, 9) for n in (3, 4)]
    with store.transaction() as tx:
        tx.add_missing(items, 1)
        tx.add_missing(items, 2)
        assert tx.missing() == items
        tx.drop_missing(items[:1])
        assert tx.missing() == items[1:]


def test_a_refusal_is_kept_once(vault: Vault) -> None:
    refused = RefusedItem(CIRCLE, "care", DEVICE, 3, "fork", b"envelope")
    with vault.database.write() as connection:
        stores = Stores(connection, vault.hub)
        stores.add_refused([refused], 1)
        stores.add_refused([refused], 2)
        assert [(r.why, r.seq, r.seen) for r in stores.refusals()] == [("fork", 3, 1)]


def test_what_waits_for_a_key_is_taken_out_with_it(vault: Vault) -> None:
    waiting = WaitingEnvelope("care", 2, b"i" * 32, b"header", b"ciphertext")
    with vault.database.write() as connection:
        stores = Stores(connection, vault.hub)
        stores.add_waiting(CIRCLE, [waiting])
        stores.add_waiting(CIRCLE, [waiting])
        assert stores.take_waiting(CIRCLE, "care", 1) == []
        assert stores.take_waiting(OTHER, "care", 2) == []
        assert stores.take_waiting(CIRCLE, "care", 2) == [waiting]
        assert stores.take_waiting(CIRCLE, "care", 2) == []


def test_keys_and_checkpoints_are_kept_by_circle(vault: Vault) -> None:
    with vault.database.write() as connection:
        stores = Stores(connection, vault.hub)
        stores.add_key(CIRCLE, "care", 1, b"k" * 32)
        stores.add_key(CIRCLE, "care", 1, b"x" * 32)
        stores.put_checkpoint(CIRCLE, "care", CheckpointMark(3, b"h" * 32))
        stores.put_checkpoint(CIRCLE, "care", CheckpointMark(4, b"i" * 32))
        assert stores.keys(CIRCLE) == {("care", 1): b"k" * 32}
        assert stores.keys(OTHER) == {}
        assert stores.checkpoints(CIRCLE) == {"care": CheckpointMark(4, b"i" * 32)}


def test_secrets_proposed_for_a_statement_are_found_by_their_commitment_and_forgotten(vault: Vault) -> None:
    with vault.database.write() as connection:
        stores = Stores(connection, vault.hub)
        stores.propose_key(CIRCLE, "care", b"commitment", b"secret")
        assert stores.proposed_key(CIRCLE, "care", b"commitment") == b"secret"
        assert stores.proposed_key(CIRCLE, "life", b"commitment") is None
        stores.drop_proposed_keys(CIRCLE)
        assert stores.proposed_key(CIRCLE, "care", b"commitment") is None


def test_who_holds_a_key_is_never_unlearnt(vault: Vault) -> None:
    with vault.database.write() as connection:
        stores = Stores(connection, vault.hub)
        for received in (False, True, False):
            stores.set_holder(CIRCLE, "care", 1, DEVICE, received)
        assert stores.holders(CIRCLE) == {("care", 1, DEVICE): True}


def test_the_newest_stay_of_a_member_is_the_one_shown(vault: Vault) -> None:
    def card(height: int, role: str) -> CardRow:
        return CardRow(b"a" * 16, height, "Anne", role, (), "", "", "", b"", 0, True, b"")

    with vault.database.write() as connection:
        stores = Stores(connection, vault.hub)
        stores.add_card(CIRCLE, card(5, "nurse"))
        stores.add_card(CIRCLE, card(2, "relative"))
        assert [(c.height, c.role) for c in stores.cards(CIRCLE)] == [(5, "nurse")]


def test_a_relay_keeps_the_key_that_it_was_first_known_by(vault: Vault) -> None:
    with vault.database.write() as connection:
        stores = Stores(connection)
        row = stores.relay("https://relais.exemple.fr", "ab" * 32, b"first")
        assert (row.hub_key, row.fingerprint) == (b"first", "ab" * 32)
        row = stores.relay("https://relais.exemple.fr", "cd" * 32, b"second")
        assert (row.hub_key, row.fingerprint) == (b"first", "ab" * 32)


def test_a_circle_that_is_not_followed_is_a_fault_of_ours(vault: Vault) -> None:
    with vault.database.read() as connection, pytest.raises(BugError):
        Stores(connection).pk(b"x" * 16)
