"""The parameters of OpenCV's BackgroundSubtractorMOG2, by OpenCV's names and with its defaults."""
# ruff: noqa: N815 - the names are those in OpenCV's files

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from gmmtrack.background.state import Rules, pack_rules
from gmmtrack.errors import ArgumentError

_WHOLE = {
    "history": (1, 2**31 - 1),
    "nmixtures": (1, 255),
    "shadowValue": (0, 255),
}
_SHARES = ("backgroundRatio", "complexityReductionThreshold", "shadowThreshold")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What OpenCV's getters and setters speak of; variances in levels², thresholds in squared standard deviations."""

    history: int = 500
    nmixtures: int = 5
    backgroundRatio: float = 0.9
    varThreshold: float = 16.0
    varThresholdGen: float = 9.0
    varInit: float = 15.0
    varMin: float = 4.0
    varMax: float = 75.0
    complexityReductionThreshold: float = 0.05
    detectShadows: bool = True
    shadowValue: int = 127
    shadowThreshold: float = 0.5

    def __post_init__(self) -> None:
        for item in fields(self):
            object.__setattr__(self, item.name, _checked(item.name, getattr(self, item.name)))

    def rules(self) -> Rules:
        """Return these parameters as the kernel takes them."""
        return pack_rules(
            prune=self.complexityReductionThreshold,
            gate2=self.varThreshold,
            match_gate2=self.varThresholdGen,
            share=self.backgroundRatio,
            lowest_variance=min(self.varMin, self.varMax),
            highest_variance=max(self.varMin, self.varMax),
            initial_variance=self.varInit,
            darkest_shadow=self.shadowThreshold if self.detectShadows else 1.0,
        )


def _checked(name: str, value: Any) -> int | float | bool:
    """Return the value of a parameter as OpenCV keeps it: most real numbers in single precision."""
    if name == "detectShadows":
        if not isinstance(value, (bool, int, np.bool_, np.integer)):
            raise ArgumentError(f"{name} must be true or false, got {value!r}")
        return bool(value)
    if name in _WHOLE:
        low, high = _WHOLE[name]
        if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or not low <= value <= high:
            raise ArgumentError(f"{name} must be a whole number >= {low} and <= {high}, got {value!r}")
        return int(value)
    return _checked_real(name, value)


def _checked_real(name: str, value: Any) -> float:
    if (
        not isinstance(value, (int, float, np.integer, np.floating))
        or isinstance(value, bool)
        or not np.isfinite(value)
    ):
        raise ArgumentError(f"{name} must be a number, got {value!r}")
    if name in _SHARES and not 0 <= value <= 1:
        raise ArgumentError(f"{name} must be >= 0 and <= 1, got {value!r}")
    if not value >= 0:
        raise ArgumentError(f"{name} must be >= 0, got {value!r}")
    return float(value) if name == "varThreshold" else float(np.float32(value))
