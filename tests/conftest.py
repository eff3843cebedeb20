"""What holds for every test: no display, no real keyring, no real home, no thread left behind."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# Set before anything imports Qt or keyring; the processes that tests start inherit it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ["QT_QPA_PLATFORM"] = "offscreen"

THREAD_GRACE_SECONDS = 2.0

_on_shared_machines = [HealthCheck.too_slow]
settings.register_profile(
    "ci", derandomize=True, deadline=None, database=None, suppress_health_check=_on_shared_machines
)
settings.register_profile(
    "soak", deadline=None, max_examples=100_000, suppress_health_check=_on_shared_machines
)
settings.load_profile("ci")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long tests first: what is left at the end can be shared out between the workers."""
    items.sort(key=lambda item: not any(item.iter_markers("e2e")) and not any(item.iter_markers("long")))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave what is loaded by now out of every collection of garbage: none of it will ever be garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep a test that forgets `--home` away from the accounts of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARELINK_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("CARELINK_PASSPHRASE", raising=False)
        yield


@pytest.fixture(autouse=True)
def _no_thread_left_behind() -> Iterator[None]:
    """Fail a test whose threads outlive it."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + THREAD_GRACE_SECONDS
    for thread in set(threading.enumerate()) - before:
        thread.join(max(0.0, deadline - time.monotonic()))
    left = [thread.name for thread in set(threading.enumerate()) - before]
    assert not left, f"threads left running: {', '.join(left)}"
