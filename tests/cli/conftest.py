"""The command line in this process, with a relay in memory and quick slots."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from carelink.cli.main import run
from carelink.models.vault import slots
from carelink.services.exchange import relays
from carelink.sync import invitation
from tests.sync.fixtures import quick_stretch
from tests.sync.house import Clock, MemoryCarrier
from tests.sync.memory_hub import MemoryHub

PASSPHRASE = "cheval batterie agrafe correct"


@dataclass
class Said:
    """What a command gave: its code, its lines, its messages."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def only(self) -> dict[str, Any]:
        (found,) = self.objects
        return found


Command = Callable[..., Said]


@pytest.fixture
def carelink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("CARELINK_SECRETS", "file")
    monkeypatch.setenv("CARELINK_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("CARELINK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CARELINK_DEBUG", raising=False)
    monkeypatch.delenv("CARELINK_LANGUAGE", raising=False)
    monkeypatch.setattr(slots, "stretch", quick_stretch)
    monkeypatch.setattr(invitation, "stretch", quick_stretch)
    monkeypatch.setattr(relays, "HttpCarrier", MemoryCarrier)
    MemoryCarrier.hub = MemoryHub(Clock())

    def command(*arguments: str, stdin: bytes | None = None) -> Said:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = run(arguments)
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return command
