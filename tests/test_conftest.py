"""What protects every test does protect it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import keyring
import pytest
from keyring.errors import KeyringError

ROOT = Path(__file__).resolve().parent.parent

SPOILED = """
import logging, threading, warnings
import pytest
from PySide6.QtCore import qWarning

def test_leaves_a_thread():
    threading.Thread(target=threading.Event().wait, daemon=True).start()

def test_waits_for_its_thread():
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()

def test_warns():
    warnings.warn("old")

def test_makes_qt_complain(qtbot):
    qWarning(b"no such font")

@pytest.mark.xfail
def test_works_after_all():
    pass
"""


def test_leaks_and_complaints_fail_a_test(tmp_path: Path) -> None:
    spoiled = tmp_path / "test_spoiled.py"
    spoiled.write_text(SPOILED)
    (tmp_path / "conftest.py").write_bytes((ROOT / "tests" / "conftest.py").read_bytes())

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            ROOT / "pyproject.toml",
            "--rootdir",
            tmp_path,
            "-p",
            "no:cacheprovider",
            "-v",
            spoiled,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    outcomes = {
        tuple(line.split(" ")[:2])
        for line in done.stdout.splitlines()
        if line.startswith(("ERROR", "FAILED"))
    }
    assert outcomes == {
        ("ERROR", "test_spoiled.py::test_leaves_a_thread"),
        ("FAILED", "test_spoiled.py::test_makes_qt_complain"),
        ("FAILED", "test_spoiled.py::test_warns"),
        ("FAILED", "test_spoiled.py::test_works_after_all"),
    }, done.stdout


def test_no_test_reaches_the_keyring_of_whoever_runs_it() -> None:
    with pytest.raises(KeyringError):
        keyring.get_password("carelink", "anyone")
