"""The two families of errors: what the world did, and what we did wrong."""

from __future__ import annotations


class KnownError(Exception):
    """Something that can happen on a user's machine, told in the user's language.

    The message is one sentence that says what happened, what is safe and what to do.
    The command line prints it and exits with 1; a screen shows it.
    """


class BugError(Exception):
    """A fault of ours: a broken invariant. It is logged without content and never hidden."""
