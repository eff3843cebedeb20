"""A fresh clone becomes a CareLink that runs, from what the lock file names and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def declared_requirements() -> list[Requirement]:
    project = PYPROJECT["project"]
    texts = [
        *project["dependencies"],
        *(text for group in project["optional-dependencies"].values() for text in group),
        *(text for group in PYPROJECT["dependency-groups"].values() for text in group),
    ]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("requirement", declared_requirements(), ids=lambda requirement: requirement.name)
def test_each_dependency_is_locked_in_a_version_that_the_project_accepts(requirement: Requirement) -> None:
    locked = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", LOCK, re.MULTILINE))

    version = locked.get(canonicalize_name(requirement.name))

    assert version is not None, "run `make lock`"
    assert requirement.specifier.contains(version), f"locked in {version}"


def test_each_locked_package_has_its_hashes_and_no_address() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.strip())

    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in LOCK
    assert "--index" not in LOCK


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = out.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_carries_each_resource(wheel: zipfile.ZipFile) -> None:
    resources = {
        f"carelink/_resources/{path.relative_to(ROOT / 'resources').as_posix()}"
        for path in (ROOT / "resources").rglob("*")
        if path.is_file()
    }

    assert resources
    assert resources - set(wheel.namelist()) == set()


def test_the_wheel_carries_the_licence_and_the_command_but_no_test(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    (entry_points,) = (name for name in names if name.endswith("entry_points.txt"))

    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "carelink = carelink.__main__:main" in wheel.read(entry_points).decode()
    assert not any(name.startswith(("tests/", "benchmarks/", "installer/")) for name in names)


@pytest.mark.skipif(sys.platform == "win32", reason="the Makefile's set-up is for Linux and macOS")
def test_without_a_python_that_works_the_setup_says_what_to_install(tmp_path: Path) -> None:
    script = tmp_path / "installer" / "dev" / "setup.sh"
    script.parent.mkdir(parents=True)
    shutil.copy(ROOT / "installer" / "dev" / "setup.sh", script)
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("dirname", "mktemp", "rm", "bash"):
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    for name in ("python3.13", "python3.12", "python3.11", "python3"):
        shim = tools / name
        shim.write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
        shim.chmod(0o755)

    done = subprocess.run([script], env={"PATH": str(tools)}, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == (
        "CareLink setup: no working Python 3.11, 3.12 or 3.13 was found; install one, then try again.\n"
    )
