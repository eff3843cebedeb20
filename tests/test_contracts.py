"""The arrows of the house are really held: each forbidden import turns its contract red."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The smallest CareLink that the contracts can be checked on: empty, so that a test spoils it alone."""
    for name in ("", "access/", "records/"):
        add_module(tmp_path / "carelink" / f"{name}__init__.py")
    for name in ("errors", "language", "resources"):
        add_module(tmp_path / "carelink" / f"{name}.py")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def add_module(path: Path, source: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "__init__.py").touch()
    path.write_text(source)


def broken_contracts(house: Path) -> set[str]:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert any(line.startswith("Contracts: ") for line in lines), done.stdout + done.stderr
    return {line.partition(" BROKEN")[0] for line in lines if " BROKEN" in line}


LAYERS = "Arrows point down only"
QT = "Only the screens and the desktop app know Qt"
DATABASE = "Only the vault's models and the relay know the database"
PURE = "The rules and the records know neither databases nor cryptography"
RELAY = "The relay knows the rules and the wire, nothing that could open an entry"


@pytest.mark.parametrize(
    ("module", "forbidden", "contracts"),
    [
        ("services/intruder", "PySide6.QtCore", {QT}),
        ("sync/intruder", "sqlalchemy", {DATABASE}),
        ("access/intruder", "cryptography", {PURE}),
        ("records/intruder", "sqlalchemy", {PURE, DATABASE}),
        ("sync/intruder", "carelink.models.intruder", {LAYERS}),
        ("access/intruder", "carelink.services.intruder", {LAYERS}),
        ("services/intruder", "carelink.hub.intruder", {LAYERS}),
        ("hub/intruder", "carelink.models.intruder", {RELAY}),
        ("hub/intruder", "carelink.sync.intruder", {RELAY}),
        ("hub/intruder", "carelink.sync.wire.intruder", set()),
        ("models/intruder", "sqlalchemy", set()),
    ],
)
def test_an_import_against_the_arrows_is_seen(
    house: Path, module: str, forbidden: str, contracts: set[str]
) -> None:
    if forbidden.startswith("carelink."):
        add_module(house / (forbidden.replace(".", "/") + ".py"))
    add_module(house / "carelink" / f"{module}.py", f"import {forbidden}\n")

    assert broken_contracts(house) == contracts
