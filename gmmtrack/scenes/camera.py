"""Camera: from light to the numbers of an image: lens, sensor noise, compression."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError

_KINDS = ("colour", "grey", "thermal")
_SPARE = 1 << 18  # random numbers beyond a frame's worth, so that frames begin at different ones

Image = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """What the camera does to the light.

    kind: colour (H, W, 3) uint8 BGR, grey (H, W) uint8, or thermal (H, W) uint16 [counts]
    lens: whether edges are softened by a pixel · read_noise: [levels] standard deviation in the dark
    shot_noise: [levels] variance a level of brightness · jpeg: quality 1-100 of a round trip, None for none
    """

    kind: Literal["colour", "grey", "thermal"] = "colour"
    lens: bool = True
    read_noise: float = 1.5
    shot_noise: float = 0.03
    jpeg: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ArgumentError(f"kind must be one of {', '.join(_KINDS)}, got {self.kind!r}")
        if self.jpeg is not None and not 1 <= self.jpeg <= 100:
            raise ArgumentError(f"jpeg must be 1 to 100, got {self.jpeg!r}")

    @property
    def noisy(self) -> bool:
        """Whether it adds noise at all."""
        return self.read_noise > 0 or self.shot_noise > 0

    def start(self, size: tuple[int, int], rng: np.random.Generator) -> Callable[[Image, np.random.Generator], Image]:
        """Return what turns light (H, W, 3) float32, 0-255, and a frame's own generator into an image."""
        n_values = size[0] * size[1] * (3 if self.kind == "colour" else 1)
        pool = rng.standard_normal(n_values + _SPARE, np.float32) if self.noisy else np.zeros(0, np.float32)

        def expose(light: Image, own: np.random.Generator) -> Image:
            values = light if self.kind == "colour" else light.mean(2, dtype=np.float32)
            if self.lens:
                values = soften(values)
            if self.noisy:
                first = int(own.integers(_SPARE))
                variance = np.maximum(values, 0) * np.float32(self.shot_noise) + np.float32(self.read_noise**2)
                values = values + np.sqrt(variance) * pool[first : first + n_values].reshape(values.shape)
            if self.kind == "thermal":
                return np.clip(6800 + 9 * values + 0.5, 0, 65535).astype(np.uint16)
            return self._compressed(np.clip(values + 0.5, 0, 255).astype(np.uint8))

        return expose

    def _compressed(self, image: Image) -> Image:
        if self.jpeg is None:
            return image
        _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, self.jpeg])
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_UNCHANGED))


def soften(values: Image) -> Image:
    """Return `values` (H, W[, 3]) under a binomial kernel, 1 6 1 a side: the blur of an ordinary lens."""
    soft = values * np.float32(0.75)
    soft[1:] += np.float32(0.125) * values[:-1]
    soft[:-1] += np.float32(0.125) * values[1:]
    soft[0] += np.float32(0.125) * values[0]
    soft[-1] += np.float32(0.125) * values[-1]
    both = soft * np.float32(0.75)
    both[:, 1:] += np.float32(0.125) * soft[:, :-1]
    both[:, :-1] += np.float32(0.125) * soft[:, 1:]
    both[:, 0] += np.float32(0.125) * soft[:, 0]
    both[:, -1] += np.float32(0.125) * soft[:, -1]
    return both
