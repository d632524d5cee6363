"""Camera: what it did in each frame, so that the mixture sees the scene as if it had stood still in an even light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.camera import kernels
from gmmtrack.background.camera.exposure import Exposure
from gmmtrack.background.camera.shake import Shake
from gmmtrack.background.state import PixelMixtures

_CHANGED = 0.35  # share of the scene that still agrees with the background, below which all has changed
_SMALLEST = 24  # [pixels] the least side of a frame in which corners are looked for
_LASTING = 1.0  # [s] after which the background is brought to a light that is far from its own


@dataclass(frozen=True, slots=True)
class View:
    """How one frame was seen.

    shift: (y, x) [pixels], a point of the background at p being seen at p + shift; None where nothing need be moved
    light (2 * C,): gains, then offsets [levels], that bring the frame to the background's light; None where they do not
    changed: most of the scene differs from the background, from one frame to the next
    noise: standard deviation of a calm pixel [levels], 0 where it is not known
    """

    shift: tuple[float, float] | None = None
    light: NDArray[np.float32] | None = None
    changed: bool = False
    noise: float = 0.0

    def steadied(self, image: NDArray[Any]) -> NDArray[Any]:
        """Return the frame as seen from where the background was learned; its border is repeated outwards."""
        if self.shift is None:
            return image
        steadied = np.empty(image.shape, image.dtype)
        y, x, half = (np.float32(n) for n in (*self.shift, 0.5 if image.dtype.kind == "u" else 0))
        pixels, channels = np.ascontiguousarray(image).reshape(-1), (0,) * image.shape[2]
        kernels.move(channels, pixels, image.shape[1], y, x, half, steadied.reshape(-1))
        return steadied

    def aligned(self, mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return a mask drawn on the frame, as it lies on the background; its border is repeated outwards."""
        if self.shift is None:
            return mask
        rows, columns = ((np.arange(n) + round(d)).clip(0, n - 1) for n, d in zip(mask.shape, self.shift, strict=True))
        aligned: NDArray[np.uint8] = mask[rows].take(columns, axis=1)
        return aligned

    def returned(self, mask: NDArray[Any]) -> NDArray[Any]:
        """Return what was found on the background (H, W), as it lies on the frame; 0 where that shows what is new."""
        if self.shift is None:
            return mask
        here, there = self._overlap(mask.shape)
        returned = np.zeros(mask.shape, mask.dtype)
        returned[there] = mask[here]
        return returned

    def unseen(self, size: tuple[int, int]) -> NDArray[np.uint8] | None:
        """Return (H, W), 1 where the background is outside this frame, or None if it is all within."""
        if self.shift is None:
            return None
        unseen = np.ones(size, np.uint8)
        unseen[self._overlap(size)[0]] = 0
        return unseen

    def withheld(self, held: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
        """Return where the background may not learn, flat: where `held` (H * W,) or (0,) is not 0, or it is unseen."""
        unseen = self.unseen(size)
        if unseen is None:
            return held
        withheld = self.aligned(held.reshape(size)) | unseen if held.size else unseen
        return withheld.reshape(-1)

    def _overlap(self, size: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
        """Return which part of the background is in the frame, to the pixel, and where it is there."""
        assert self.shift is not None
        steps = [round(d) for d in self.shift]
        here = tuple(slice(max(-d, 0), max(n - max(d, 0), 0)) for n, d in zip(size, steps, strict=True))
        there = tuple(slice(max(d, 0), max(n - max(-d, 0), 0)) for n, d in zip(size, steps, strict=True))
        return here, there


class Camera:
    """Follows the exposure and the shake of one camera; each can be left out."""

    def __init__(self, shape: tuple[int, int, int], *, exposure: bool, shake: bool) -> None:
        self.exposure = Exposure(shape) if exposure else None
        self.shake = Shake(shape) if shake and min(shape[:2]) >= _SMALLEST else None

    def look(
        self, image: NDArray[Any], background: PixelMixtures, interval: float, level: float, is_known: bool
    ) -> View:
        """Take in a frame, `interval` [s] after the last one; the background may be brought to another light.

        image (H, W, C) · level: of one count of the image [levels] · is_known: whether there is a background
        """
        if not is_known:
            self._reset()
            return View(light=self._plain_light(image.shape[2], level))
        shift = self._follow_shake(image, background, interval, level)
        if self.exposure is None:
            return View(shift, self._plain_light(image.shape[2], level))
        exposure = self.exposure
        before = exposure.explained
        exposure.follow(image, background.levels_at(exposure.pixels), shift or (0.0, 0.0), interval, level)
        changed = exposure.explained < _CHANGED <= before
        if changed:
            self._reset()
            shift = None
        elif exposure.age > _LASTING:
            background.relight(exposure.gains, exposure.offsets)
            exposure.reset()
            if self.shake is not None:
                self.shake.forget()
        return View(shift, _light(exposure.gains, exposure.offsets, image.shape[2], level), changed, exposure.noise)

    def _plain_light(self, n_channels: int, level: float) -> NDArray[np.float32] | None:
        """Return the light that leaves levels as they are; None, which costs nothing, if it will always be so."""
        return None if self.exposure is None and level == 1 else _light(1.0, 0.0, n_channels, level)

    def _follow_shake(
        self, image: NDArray[Any], background: PixelMixtures, interval: float, level: float
    ) -> tuple[float, float] | None:
        """Return the shift of a frame, or None if it is too small to matter."""
        shake, exposure = self.shake, self.exposure
        if shake is None:
            return None
        if shake.wants_corners(interval):
            shake.choose_corners(background.grey())
        gain, offset = (1.0, 0.0) if exposure is None else exposure.mean_light
        shake.follow(image, gain * level, offset)
        return shake.shift if shake.moved else None

    def _reset(self) -> None:
        """Take the camera as it is for that of the background."""
        if self.exposure is not None:
            self.exposure.reset()
            self.exposure.noise = 0.0
        if self.shake is not None:
            self.shake.reset()

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that is needed to go on exactly."""
        parts = {"exposure": self.exposure, "shake": self.shake}
        return {
            f"{name}_{key}": np.asarray(value)
            for name, part in parts.items()
            if part is not None
            for key, value in part.state().items()
        }

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned; a KeyError or ArgumentError if something is missing or does not fit."""
        if self.exposure is not None:
            self.exposure.restore(*(arrays[f"exposure_{key}"] for key in self.exposure.state()))
        if self.shake is not None:
            self.shake.restore(*(arrays[f"shake_{key}"] for key in self.shake.state()))


def _light(gains: Any, offsets: Any, n_channels: int, level: float) -> NDArray[np.float32]:
    """Return gains of the image's counts, then offsets [levels]."""
    light = np.empty(2 * n_channels, np.float32)
    light[:n_channels], light[n_channels:] = gains, offsets
    light[:n_channels] *= np.float32(level)
    return light
