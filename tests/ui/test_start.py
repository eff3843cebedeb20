"""Someone who opens CareLink sees the unlock screen before what only an open account needs is loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from carelink.models.vault.home import Home
from carelink.services.accounts import create_account

_LATER = (
    "alembic",
    "carelink.models.stores",
    "carelink.models.vault.database",
    "carelink.services.session",
    "carelink.sync",
    "carelink.ui.first_run.account",
    "carelink.ui.person",
    "carelink.ui.settings.page",
    "carelink.ui.settings.pin",
    "carelink.ui.settings.passphrase",
    "carelink.ui.shell",
    "carelink.ui.widgets.codes",
    "carelink.ui.workspace",
    "concurrent.futures.thread",
    "cryptography",
    "httpx",
    "keyring",
    "msgspec",
    "sqlalchemy",
    "sqlcipher3",
    "ssl",
    "websockets",
    "zxcvbn",
)

_START = """
import json, sys
from pathlib import Path
import carelink.ui
from PySide6.QtCore import QEvent, QObject
from carelink.models.vault.home import Home
from carelink.ui.main_window import MainWindow
from carelink.ui.settings.look import LookKeeper
from carelink.ui.theme import application


class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            import linecache, os
            print(
                json.dumps([sorted(sys.modules), sorted(linecache.cache), sys.getswitchinterval()]),
                flush=True,
            )
            os._exit(0)
        return False


home = Home(Path(sys.argv[1]))
app = application()
LookKeeper(home, app).apply()
window = MainWindow(home)
window.show()
watch = Watch()
window.unlock.open_button.installEventFilter(watch)
app.exec()
"""


_COMMAND = """
import sys
import carelink.app
from carelink.__main__ import main

def open_desktop(home):
    print(home.path)
    print({"carelink.cli", "carelink.services.session", "sqlalchemy"} & set(sys.modules))
    raise carelink.app.KnownError("Le disque est plein.")

carelink.app.open_desktop = open_desktop
sys.argv = ["carelink"]
sys.exit(main())
"""


def test_the_bare_command_opens_my_own_accounts_without_loading_the_others(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND],
        env={**os.environ, "CARELINK_HOME": str(tmp_path)},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == [str(tmp_path), "set()"]
    assert (done.returncode, done.stderr) == (1, "Le disque est plein.\n")


def test_the_unlock_screen_waits_for_no_database_no_cryptography_and_no_network(tmp_path: Path) -> None:
    create_account(Home(tmp_path / "home"), "Claire Martin", "cheval batterie agrafe correct", "nurse")
    done = subprocess.run(
        [sys.executable, "-c", _START, str(tmp_path / "home")],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
        timeout=60,
    )
    loaded, sources, switch_seconds = json.loads(done.stdout.splitlines()[-1])
    assert "carelink.ui.unlock.page" in loaded
    early = [name for name in loaded for later in _LATER if name == later or name.startswith(f"{later}.")]
    assert early == []
    # Nor does PySide6 look through the source of each module.
    assert "page.py" not in {Path(source).name for source in sources}
    # And from now on no thread keeps the screen waiting for longer than can be felt.
    assert switch_seconds <= 0.001
