"""`python -m carelink` and the installed command `carelink`."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run the command line of this process."""
    arguments = sys.argv[1:]
    if not arguments:
        # From the desktop's menu. The commands take half a second to load, and the window needs none;
        # what is being loaded is no garbage, and the window collects by itself (carelink.ui.garbage).
        gc.disable()
        import carelink.ui  # noqa: F401  (first: what is imported after it is imported faster)
        from carelink.app import open_own_desktop

        return open_own_desktop()
    from carelink.cli.main import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
