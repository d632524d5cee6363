"""Rendered clips that show a background model at its best and at its worst, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

_NOISE = 2.0  # [levels] of the sensor


def rendered_images(name: str, size: tuple[int, int] | None = None) -> Iterator[Image]:
    """Yield images (H, W, 3) uint8 of a scene of `RENDERED` without end, of `size` (H, W) or the scene's own."""
    scene, own_size = RENDERED[name]
    random = np.random.default_rng(0)
    height, width = own_size if size is None else size
    blobs = cv2.GaussianBlur(random.uniform(0, 255, (height, width, 3)), (0, 0), 3)
    wall = np.clip(128 + 6 * (blobs - 128), 20, 235).astype(np.float32)
    index = 0
    while True:
        yield scene(wall, index, random)
        index += 1


def _static(wall: NDArray[np.float32], _index: int, random: np.random.Generator) -> Image:
    """A textured wall and the noise of a sensor."""
    return _seen(wall, random)


def _three_modes(wall: NDArray[np.float32], index: int, random: np.random.Generator) -> Image:
    """Three colours a pixel: all pixels go through them in turn for a while, then each draws its own, and so on."""
    shape = (*wall.shape[:2], 1)
    which = np.full(shape, index % 3) if index // 30 % 2 else random.integers(0, 3, shape)
    return _seen(wall * 0.3 + 40 + 60 * which, random)


def _everything_moves(wall: NDArray[np.float32], _index: int, random: np.random.Generator) -> Image:
    """Another image every time, of which no pixel is like the last."""
    return random.integers(0, 256, wall.shape, np.uint8)


def _seen(level: NDArray[np.floating], random: np.random.Generator) -> Image:
    noise = random.standard_normal(level.shape, np.float32)
    return np.clip(np.rint(level + _NOISE * noise), 0, 255).astype(np.uint8)


RENDERED: dict[str, tuple[Callable[[NDArray[np.float32], int, np.random.Generator], Image], tuple[int, int]]] = {
    "static 1080p": (_static, (1080, 1920)),
    "three modes": (_three_modes, (540, 960)),
    "everything moves": (_everything_moves, (540, 960)),
}
