"""Heights of rows that are measured only once they come near: guesses, then facts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate


class RowStack:
    """Rows one below the other.

    Args:
        measure: Gives the true height of a row.
        guess: Gives the height to assume until then.
    """

    def __init__(self, measure: Callable[[int], int], guess: Callable[[], int]) -> None:
        self._measure_row = measure
        self._guess = guess
        self._heights: list[int] = []
        self._known: list[bool] = []
        self._tops: list[int] = [0]

    def __len__(self) -> int:
        return len(self._heights)

    @property
    def total(self) -> int:
        """The height of all."""
        return self._tops[-1]

    def top(self, row: int) -> int:
        """Return where a row begins."""
        return self._tops[row]

    def height(self, row: int) -> int:
        """Return how high a row is, as far as is known."""
        return self._heights[row]

    def row_at(self, y: int) -> int:
        """Return the row at a height, or the nearest one; -1 where there is none."""
        return max(0, min(len(self) - 1, bisect_right(self._tops, y) - 1)) if self._heights else -1

    def restart(self, count: int) -> None:
        """Forget what is known; heights of the same rows remain as guesses."""
        if count != len(self._heights):
            self._heights = [self._guess()] * count
        self._known = [False] * count
        self._sum(0)

    def insert(self, first: int, count: int) -> None:
        """Make room for new rows."""
        self._heights[first:first] = [self._guess()] * count
        self._known[first:first] = [False] * count
        self._sum(first)

    def remove(self, first: int, last: int) -> None:
        """Take rows out."""
        del self._heights[first : last + 1]
        del self._known[first : last + 1]
        self._sum(first)

    def doubt(self, first: int, last: int) -> None:
        """Have rows measured again when they come near."""
        for row in range(first, min(last + 1, len(self._known))):
            self._known[row] = False

    def measure(self, first: int, last: int) -> bool:
        """Measure rows, and tell whether one is not as high as was thought."""
        changed = -1
        for row in range(last, first - 1, -1):
            if self._known[row]:
                continue
            self._known[row] = True
            tall = self._measure_row(row)
            if tall != self._heights[row]:
                self._heights[row] = tall
                changed = row
        if changed >= 0:
            self._sum(changed)
        return changed >= 0

    def _sum(self, first: int) -> None:
        start = self._tops[first] if first < len(self._tops) else 0
        self._tops[first:] = accumulate(self._heights[first:], initial=start)
