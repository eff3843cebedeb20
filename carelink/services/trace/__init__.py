"""The access trace: who opened what and when, never words; patient side and coordinators read it."""

from __future__ import annotations

from carelink.services.trace.activity import Trace
from carelink.services.trace.views import FirstOpening, TracedPerson, TraceQuery, TraceView

__all__ = ["FirstOpening", "Trace", "TraceQuery", "TraceView", "TracedPerson"]
