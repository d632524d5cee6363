"""Times of frames from the time stamps of a container, repaired where they are missing or wrong."""

import math


class Stamps:
    """Turns time stamps into seconds since the first frame, strictly increasing.

    A stamp that is missing, or that does not come after the one before, is taken to be one period later.
    """

    def __init__(self, period: float) -> None:
        self.period = period  # [s]
        self._origin: float | None = None
        self._last: float | None = None

    def time(self, stamp: float | None) -> float:
        """Return the time of the next frame [s] from its stamp [s]."""
        expected = 0.0 if self._last is None else self._last + self.period
        if stamp is not None and math.isfinite(stamp):
            if self._origin is None:
                self._origin = stamp - expected
            if self._last is None or stamp - self._origin > self._last:
                expected = stamp - self._origin
        self._last = expected
        return expected
