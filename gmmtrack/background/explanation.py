"""What a background model tells of a frame or of itself beyond the mask, when it is asked."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a frame compares with the background, pixel by pixel, before any clean-up.

    distance: (H, W) float32, to the nearest background component [standard deviations], inf where there is none
    foreground, shadow: (H, W) bool, the pixel is beyond the gate, and is or is not a darkened background
    confidence: (H, W) float32, how surely a pixel is not background, 0 to 1: d^2 / (d^2 + gate^2), 0.5 at the gate
    """

    distance: NDArray[np.float32]
    foreground: NDArray[np.bool_]
    shadow: NDArray[np.bool_]
    confidence: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PixelComponents:
    """The mixture of every pixel, heaviest component first; those of weight 0 are not in use.

    weights: (H, W, K) float32, of sum 1 · means: (H, W, K, C) float32 · variances: (H, W, K) float32
    means and variances are in counts of the frames, in the light in which the background is kept
    """

    weights: NDArray[np.float32]
    means: NDArray[np.float32]
    variances: NDArray[np.float32]


def explanation(labels: NDArray[np.uint8], distance2: NDArray[np.float32], gate: float) -> Explanation:
    """Return an Explanation of labels (H, W), 0, 127 or 255, and squared distances (H, W) [variances]."""
    finite = np.minimum(distance2, np.float32(1e30))
    return Explanation(
        distance=np.sqrt(distance2),
        foreground=labels == 255,
        shadow=labels == 127,
        confidence=(finite / (finite + np.float32(gate * gate))).astype(np.float32),
    )
