"""A person's file: identity, cahier de liaison, circle."""

from __future__ import annotations

from carelink.ui.person.page import PersonFile, PersonPage, read_file

__all__ = ["PersonFile", "PersonPage", "read_file"]
