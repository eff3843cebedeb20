from __future__ import annotations

import os
import random
import stat
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from carelink.errors import KnownError
from carelink.models.vault import slots
from carelink.models.vault.errors import (
    DamagedHeaderError,
    NewerVaultError,
    SamePassphraseError,
    SecretUnavailableError,
    UncertainPassphraseError,
    WeakPassphraseError,
    WrongPassphraseError,
)
from carelink.models.vault.secrets import SecretStore

WORDS = "abaisser crocodile fleuve poésie"
OTHER = "girafe tempête brioche lundi"


P = ParamSpec("P")
R = TypeVar("R")


class Clock:
    """A wall clock that goes where the test puts it."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def store(tmp_path: Path) -> SecretStore:
    return SecretStore.choose(tmp_path / "home", "ab" * 16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "account"
    folder.mkdir()
    return folder


def wrong(folder: Path, store: SecretStore, clock: Clock, passphrase: str = "x") -> WrongPassphraseError:
    with pytest.raises(WrongPassphraseError) as caught:
        slots.unlock(folder, passphrase, store, clock)
    return caught.value


def test_the_passphrase_gives_the_same_random_key(folder: Path, store: SecretStore) -> None:
    key = slots.create(folder, WORDS, store)
    assert len(key) == 32
    assert slots.unlock(folder, WORDS, store) == key
    header = folder / slots.HEADER_NAME
    assert stat.S_IMODE(header.stat().st_mode) == 0o600
    assert key not in header.read_bytes()
    assert key.hex().encode() not in header.read_bytes()


def test_each_vault_has_a_key_of_its_own(tmp_path: Path, store: SecretStore, quick_argon: None) -> None:
    keys = set()
    for name in "abc":
        (tmp_path / name).mkdir()
        keys.add(slots.create(tmp_path / name, WORDS, store))
    assert len(keys) == 3


def test_accents_typed_on_another_system_are_the_same(
    folder: Path, store: SecretStore, quick_argon: None
) -> None:
    key = slots.create(folder, unicodedata.normalize("NFD", WORDS), store)
    assert slots.unlock(folder, unicodedata.normalize("NFC", WORDS), store) == key


def test_a_short_passphrase_makes_nothing(folder: Path, store: SecretStore) -> None:
    with pytest.raises(WeakPassphraseError):
        slots.create(folder, "1234", store)
    assert list(folder.iterdir()) == []


def test_the_first_two_mistakes_cost_nothing_then_the_wait_doubles(
    folder: Path, store: SecretStore, quick_argon: None
) -> None:
    key = slots.create(folder, WORDS, store)
    clock = Clock()
    waits = []
    for _ in range(12):
        error = wrong(folder, store, clock)
        waits.append(error.retry_after)
        clock.time += error.retry_after
    assert waits == [0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert slots.unlock(folder, WORDS, store, clock) == key
    assert wrong(folder, store, clock).retry_after == 0


def test_the_sentence_names_the_wait(folder: Path, store: SecretStore, quick_argon: None) -> None:
    slots.create(folder, WORDS, store)
    clock = Clock()
    assert "attendez" not in str(wrong(folder, store, clock))
    wrong(folder, store, clock)
    assert "attendez 2 secondes" in str(wrong(folder, store, clock))
    clock.time += 1
    assert "attendez encore 1 seconde " in str(wrong(folder, store, clock))
    for _ in range(6):
        clock.time += 300
        error = wrong(folder, store, clock)
    assert "2 min 8 s" in str(error)


def test_during_the_wait_even_the_right_one_is_refused_and_nothing_is_counted(
    folder: Path, store: SecretStore, quick_argon: None
) -> None:
    key = slots.create(folder, WORDS, store)
    clock = Clock()
    for _ in range(3):
        wrong(folder, store, clock)
    for _ in range(5):
        assert wrong(folder, store, clock, WORDS).retry_after == pytest.approx(2)
    clock.time += 2
    assert slots.unlock(folder, WORDS, store, clock) == key


@pytest.mark.parametrize("jump", [-1.0, -3600.0, -86400.0 * 365, -1_799_999_999.0])
def test_setting_the_clock_back_gains_nothing_and_locks_nobody_out(
    folder: Path, store: SecretStore, quick_argon: None, jump: float
) -> None:
    key = slots.create(folder, WORDS, store)
    clock = Clock()
    for _ in range(4):
        error = wrong(folder, store, clock)
        clock.time += error.retry_after
    assert wrong(folder, store, clock).retry_after == 8
    clock.time += jump
    assert wrong(folder, store, clock, WORDS).retry_after == pytest.approx(8)
    clock.time += 7.5
    assert 0 < wrong(folder, store, clock, WORDS).retry_after <= 8
    clock.time += 8
    assert slots.unlock(folder, WORDS, store, clock) == key


def test_a_try_cut_short_counts(
    folder: Path, store: SecretStore, quick_argon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots.create(folder, WORDS, store)
    clock = Clock()

    def cut(*_: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(slots, "unseal", cut)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                slots.unlock(folder, "x", store, clock)
    assert wrong(folder, store, clock).retry_after == 2


def test_a_full_disk_keeps_nobody_out(
    folder: Path, store: SecretStore, quick_argon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = slots.create(folder, WORDS, store)

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", full)
        assert slots.unlock(folder, WORDS, store) == key


def test_a_damaged_header_is_never_called_a_wrong_passphrase(
    folder: Path, store: SecretStore, quick_argon: None
) -> None:
    key = slots.create(folder, WORDS, store)
    path = folder / slots.HEADER_NAME
    whole = path.read_bytes()
    dice = random.Random(3)
    for place in range(len(whole)):
        data = bytearray(whole)
        data[place] ^= 1 << dice.randrange(8)
        path.write_bytes(bytes(data))
        with pytest.raises(DamagedHeaderError, match="abîmé"):
            slots.unlock(folder, WORDS, store)
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(DamagedHeaderError):
            slots.unlock(folder, WORDS, store)
    path.unlink()
    with pytest.raises(DamagedHeaderError):
        slots.unlock(folder, WORDS, store)
    path.write_bytes(whole)
    assert slots.unlock(folder, WORDS, store) == key


def test_a_header_of_a_newer_version_is_left_alone(
    folder: Path, store: SecretStore, quick_argon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(slots, "FORMAT", 2)
        slots.create(folder, WORDS, store)
    with pytest.raises(NewerVaultError):
        slots.unlock(folder, WORDS, store)


def test_without_the_pcs_secret_the_passphrase_opens_nothing(
    folder: Path, store: SecretStore, quick_argon: None
) -> None:
    key = slots.create(folder, WORDS, store)
    kept = store.path.read_bytes()
    store.path.unlink()
    with pytest.raises(SecretUnavailableError, match="absent"):
        slots.unlock(folder, WORDS, store)
    store.path.write_bytes(b"00" * 32)
    with pytest.raises(SecretUnavailableError):
        slots.unlock(folder, WORDS, store)
    store.path.write_bytes(kept)
    assert slots.unlock(folder, WORDS, store) == key


def test_a_changed_passphrase_opens_the_same_vault(
    folder: Path, store: SecretStore, quick_argon: None
) -> None:
    key = slots.create(folder, WORDS, store)
    slots.change_passphrase(folder, WORDS, OTHER, store)
    assert slots.unlock(folder, OTHER, store) == key
    with pytest.raises(WrongPassphraseError):
        slots.unlock(folder, WORDS, store)
    assert stat.S_IMODE((folder / slots.HEADER_NAME).stat().st_mode) == 0o600


def test_changing_needs_the_old_one_and_a_strong_new_one(
    folder: Path, store: SecretStore, quick_argon: None
) -> None:
    key = slots.create(folder, WORDS, store)
    with pytest.raises(WrongPassphraseError):
        slots.change_passphrase(folder, "x", OTHER, store)
    with pytest.raises(WeakPassphraseError):
        slots.change_passphrase(folder, WORDS, "1234", store)
    assert slots.unlock(folder, WORDS, store) == key


def test_guessing_while_changing_slows_down_what_comes_next_as_at_the_door(
    folder: Path, store: SecretStore, quick_argon: None
) -> None:
    key = slots.create(folder, WORDS, store)
    clock = Clock()
    waits = []
    for _ in range(4):
        with pytest.raises(WrongPassphraseError) as caught:
            slots.change_passphrase(folder, "x", OTHER, store, clock)
        waits.append(caught.value.retry_after)
        clock.time += caught.value.retry_after
    assert waits == [0, 0, 2, 4]
    assert wrong(folder, store, clock).retry_after == 8
    with pytest.raises(WrongPassphraseError, match="Trop d’essais"):
        slots.change_passphrase(folder, WORDS, OTHER, store, clock)
    clock.time += 8
    assert slots.unlock(folder, WORDS, store, clock) == key


def test_the_same_passphrase_again_is_not_called_a_change(
    folder: Path, store: SecretStore, quick_argon: None
) -> None:
    key = slots.create(folder, WORDS, store)
    before = (folder / slots.HEADER_NAME).read_bytes()
    with pytest.raises(SamePassphraseError, match="rien n’a été changé"):
        slots.change_passphrase(folder, WORDS, unicodedata.normalize("NFD", WORDS), store)
    assert (folder / slots.HEADER_NAME).read_bytes() == before
    assert slots.unlock(folder, WORDS, store) == key


def test_each_change_has_a_salt_of_its_own(folder: Path, store: SecretStore, quick_argon: None) -> None:
    slots.create(folder, WORDS, store)
    salts = {slots.read_header(folder).slots[0].salt}
    for old, new in ((WORDS, OTHER), (OTHER, WORDS)):
        slots.change_passphrase(folder, old, new, store)
        salts.add(slots.read_header(folder).slots[0].salt)
    assert len(salts) == 3


def test_a_disk_that_fails_at_the_very_end_is_said_so_and_one_of_the_two_opens(
    folder: Path, store: SecretStore, quick_argon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = slots.create(folder, WORDS, store)

    def broken(_: Path) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("carelink.models.vault.files.sync_folder", broken)
        with pytest.raises(UncertainPassphraseError, match="Gardez les deux"):
            slots.change_passphrase(folder, WORDS, OTHER, store)
    assert slots.unlock(folder, OTHER, store) == key


def test_a_disk_that_refuses_the_new_file_keeps_the_old_passphrase(
    folder: Path, store: SecretStore, quick_argon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = slots.create(folder, WORDS, store)

    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    for owner, name in ((os, "fsync"), (Path, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, broken)
            with pytest.raises(UncertainPassphraseError):
                slots.change_passphrase(folder, WORDS, OTHER, store)
        assert slots.unlock(folder, WORDS, store) == key
        assert [path.name for path in folder.iterdir()] == [slots.HEADER_NAME]


class PowerCut(BaseException):
    """Nothing runs after it, not even what tidies up."""


def cut_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `steps` operations on the disk be done, then none."""
    left = [steps]

    def until(done: Callable[P, R]) -> Callable[P, R]:
        def step(*arguments: P.args, **named: P.kwargs) -> R:
            left[0] -= 1
            if left[0] < 0:
                raise PowerCut
            return done(*arguments, **named)

        return step

    for owner, name in ((os, "open"), (os, "fsync"), (os, "fdopen"), (Path, "replace"), (Path, "unlink")):
        monkeypatch.setattr(owner, name, until(getattr(owner, name)))


def test_a_change_cut_at_any_step_leaves_one_passphrase_that_works(
    tmp_path: Path, store: SecretStore, quick_argon: None
) -> None:
    outcomes = []
    for steps in range(40):
        folder = tmp_path / str(steps)
        folder.mkdir()
        key = slots.create(folder, WORDS, store)
        with pytest.MonkeyPatch.context() as patch:
            cut_after(steps, patch)
            try:
                slots.change_passphrase(folder, WORDS, OTHER, store)
            except PowerCut:
                finished = False
            else:
                finished = True
        opened = []
        for passphrase in (WORDS, OTHER):
            try:
                assert slots.unlock(folder, passphrase, store) == key
            except WrongPassphraseError:
                continue
            opened.append(passphrase)
        assert len(opened) == 1
        outcomes.append((finished, opened[0]))
    assert outcomes[0] == (False, WORDS)
    assert outcomes[-1] == (True, OTHER)
    assert (False, OTHER) in outcomes, "cut between the rename and the end"


def test_a_change_on_a_full_disk_keeps_the_old_passphrase(
    folder: Path, store: SecretStore, quick_argon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = slots.create(folder, WORDS, store)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(KnownError, match="plus de place"):
            slots.change_passphrase(folder, WORDS, OTHER, store)
    assert slots.unlock(folder, WORDS, store) == key
    assert [path.name for path in folder.iterdir()] == [slots.HEADER_NAME]


def test_trying_costs_an_attacker_time(folder: Path, store: SecretStore) -> None:
    slots.create(folder, WORDS, store)
    start = time.perf_counter()
    wrong(folder, store, Clock())
    assert time.perf_counter() - start > 0.02


def test_a_portable_vault_opens_with_its_own_secret_on_its_own_pc_only(
    folder: Path, store: SecretStore, tmp_path: Path
) -> None:
    key = slots.create_portable(folder, b"v" * 32, store)
    assert slots.unlock_portable(folder, b"v" * 32, store) == key
    assert slots.is_portable(folder)
    with pytest.raises(DamagedHeaderError):
        slots.unlock_portable(folder, b"w" * 32, store)
    elsewhere = SecretStore(tmp_path / "elsewhere", store.account, store.kind)
    elsewhere.obtain()
    with pytest.raises(SecretUnavailableError):
        slots.unlock_portable(folder, b"v" * 32, elsewhere)
    with pytest.raises(NewerVaultError):
        slots.unlock(folder, WORDS, store)
