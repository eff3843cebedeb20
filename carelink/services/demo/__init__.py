"""The demonstration: two circles of invented people, with accounts, a relay and three months of notes."""

from __future__ import annotations

from carelink.services.demo.demonstration import Demo, DemoAccount, DemoCircle, demo_home

__all__ = ["Demo", "DemoAccount", "DemoCircle", "demo_home"]
