"""The tour: the real windows, driven through every screen for each profile, and a picture of each."""

from __future__ import annotations

from carelink.ui.tour.tour import Look, run_tour

__all__ = ["Look", "run_tour"]
