"""`python -m carelink` and the installed command `carelink`."""

from __future__ import annotations

import sys

from carelink.cli.main import run


def main() -> int:
    """Run the command line of this process."""
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
