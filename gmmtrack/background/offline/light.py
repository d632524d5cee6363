"""Light: frames drawn from a clip, in the light of its background."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.camera.exposure import Exposure
from gmmtrack.background.levels import as_dtype, count_of_a_level
from gmmtrack.background.settings import BackgroundSettings
from gmmtrack.threads import Threads

_EVERY_LEVEL = np.arange(256)


def relit(
    frames: list[NDArray[Any]], background: NDArray[np.float32], settings: BackgroundSettings, threads: Threads
) -> list[NDArray[Any]]:
    """Return frames (H, W, C) as they would be in the light of the background (H, W, C), in counts of the frames.

    A camera's automatic exposure, dusk and clouds change all pixels alike, and nothing differs for that.
    """
    if not settings.exposure:
        return frames
    level = 1 / (settings.level or count_of_a_level(frames[0]))
    found, known = list(frames), Exposure(_shape(frames[0])).sampled(background, level)

    def bring(first: int, last: int) -> None:
        for i in range(first, last):
            found[i] = _in_light_of(known, frames[i], level)

    threads.run(bring, len(frames))
    return found


def _in_light_of(background: NDArray[np.float32], frame: NDArray[Any], level: float) -> NDArray[Any]:
    """Return a frame (H, W, C) in the light of a background, sampled as `Exposure` takes it."""
    exposure = Exposure(_shape(frame))
    exposure.follow(frame, background, (0.0, 0.0), 0.0, level)
    gains, offsets = exposure.gains, exposure.offsets / np.float32(level)
    if np.all(gains == 1) and not offsets.any():
        return frame
    if frame.dtype == np.uint8:
        table = as_dtype(_EVERY_LEVEL[:, None] * gains + offsets, 1.0, frame.dtype)
        return np.asarray(cv2.LUT(frame, table[:, None]), np.uint8).reshape(frame.shape)
    return np.asarray(frame * gains + offsets, frame.dtype)


def _shape(frame: NDArray[Any]) -> tuple[int, int, int]:
    height, width, n_channels = frame.shape
    return height, width, n_channels
