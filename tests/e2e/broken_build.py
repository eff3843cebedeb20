"""CareLink as someone could build it by mistake: relatives are given the key of the medical record.

A positive control: what looks for leaks must find this one. Run it as `python -m carelink`.
"""

from __future__ import annotations

import sys

from carelink.access import matrix
from carelink.resources import read_text

_RIGHT = "[relative]\n"


def main() -> int:
    """Run the command line on a wrong table of rights."""
    text = read_text("access/matrix.toml")
    assert _RIGHT in text
    wrong = matrix.parse_matrix(text.replace(_RIGHT, f'{_RIGHT}care = "r"\n'))
    # Before anything else is imported: the modules that use it take it by name.
    matrix.default_matrix = lambda: wrong  # type: ignore[assignment]
    from carelink.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
