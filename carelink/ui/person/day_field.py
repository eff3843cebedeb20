"""A day, typed as people write it: 12/04/2026."""

from __future__ import annotations

import datetime
import re

from PySide6.QtWidgets import QWidget

from carelink.language import tr
from carelink.ui.widgets import TextField

_WRITTEN = re.compile(r"\s*(\d{1,2})\s*[/. -]\s*(\d{1,2})\s*[/. -]\s*(\d{4})\s*")


class DayField(TextField):
    """Takes one day, or nothing."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, placeholder=tr("jj/mm/aaaa"), parent=parent)

    def day(self) -> datetime.date | None:
        """Return the day written, or None where nothing is.

        Raises:
            ValueError: What is written is no day.
        """
        text = self.text().strip()
        if not text:
            return None
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError(text)
        return datetime.date(int(found[3]), int(found[2]), int(found[1]))

    def set_day(self, day: datetime.date | None) -> None:
        """Write a day."""
        self.setText("" if day is None else day.strftime("%d/%m/%Y"))

    def iso(self) -> str:
        """Return the day in ISO form, or nothing.

        Raises:
            ValueError: What is written is no day.
        """
        day = self.day()
        return "" if day is None else day.isoformat()

    def set_iso(self, day: str) -> None:
        """Write a day given in ISO form, or nothing."""
        self.set_day(datetime.date.fromisoformat(day) if day else None)
