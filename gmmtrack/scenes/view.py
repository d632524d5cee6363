"""View: how large things appear, and how the ground lies, by where they are in the image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError


@dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """A camera that looks straight down: size does not depend on position."""

    def scale(self, y: float) -> float:
        """Return 1: nothing is far."""
        del y
        return 1.0

    def ground(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return where pixels lie on the ground: where they lie in the image."""
        return x, y


@dataclass(frozen=True, slots=True, kw_only=True)
class Perspective:
    """A camera that looks across the ground: size grows in proportion to the distance below the horizon.

    horizon: [pixels] where things vanish, may be negative · reference: [pixels] where things have their nominal size
    """

    horizon: float
    reference: float

    def __post_init__(self) -> None:
        if not self.reference > self.horizon:
            raise ArgumentError(f"reference must be > horizon ({self.horizon:g} pixels), got {self.reference:g}")

    def scale(self, y: float) -> float:
        """Return the size of things that stand at `y` [pixels] as a share of their nominal size."""
        return max((y - self.horizon) / (self.reference - self.horizon), 0.03)

    def ground(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return where pixels lie on the ground [nominal pixels], so that textures shrink with distance."""
        depth = self.reference - self.horizon
        scale = np.maximum((y - self.horizon) / depth, 0.03)
        return ((x - np.mean(x)) / scale).astype(np.float32), (-1.6 * depth / scale).astype(np.float32)


View = Above | Perspective
