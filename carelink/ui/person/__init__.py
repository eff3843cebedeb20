"""A person's file: identity, cahier de liaison, circle."""

from __future__ import annotations

from carelink.ui.person.page import PersonPage

__all__ = ["PersonPage"]
