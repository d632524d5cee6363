"""Sprite: the picture of an object in one posture, and how it is laid into the image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gmmtrack.scenes.noise import Plane


@dataclass(frozen=True)
class Sprite:
    """The picture of an object in one posture; its outermost pixels are empty.

    colour: (h, w, 3) uint8 BGR · inside: (h, w) bool, the silhouette · soft: (h, w) float32, the silhouette blurred
    anchor: (x, y) [sprite pixels], what lies at the object's place: the feet, or the centre if seen from above
    """

    colour: NDArray[np.uint8]
    inside: NDArray[np.bool_]
    soft: NDArray[np.float32]
    anchor: tuple[float, float]

    @cached_property
    def half(self) -> Sprite:
        """The same at half the resolution, so that what is far does not shimmer."""
        height, width = self.inside.shape
        h, w = height // 2, width // 2
        blocks = (slice(0, 2 * h), slice(0, 2 * w))
        shape = (h, 2, w, 2)
        weight = self.inside[blocks].reshape(shape).astype(np.float32)
        count = weight.sum((1, 3))
        colour = (self.colour[blocks].reshape(*shape, 3) * weight[..., None]).sum((1, 3)) / np.maximum(count, 1)[
            ..., None
        ]
        inside = count >= 2
        inside[[0, -1]] = inside[:, [0, -1]] = False
        soft = self.soft[blocks].reshape(shape).mean((1, 3))
        return Sprite((colour + 0.5).astype(np.uint8), inside, soft, (self.anchor[0] / 2, self.anchor[1] / 2))


@dataclass(frozen=True, slots=True)
class Pose:
    """How an object stands in the image.

    x, y: [pixels] of its anchor · zoom: image pixels a sprite pixel · mirror: whether it faces left
    angle: [rad] by which it is turned · bend: (strength [sprite pixels], phase [rad]) of the wave along its body
    """

    x: float
    y: float
    zoom: float
    mirror: bool = False
    angle: float = 0.0
    bend: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Placement:
    """Which sprite pixel each image pixel of a box shows. corner: (x0, y0) · rows, columns: broadcast to the box."""

    corner: tuple[int, int]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]


def fit(sprite: Sprite, zoom: float) -> tuple[Sprite, float]:
    """Return the coarsest version of `sprite` that is no coarser than the image, and its zoom."""
    while zoom <= 0.5 and min(sprite.inside.shape) >= 8:
        sprite, zoom = sprite.half, zoom * 2
    return sprite, zoom


def place(sprite: Sprite, pose: Pose) -> Placement:
    """Lay `sprite` into the image; `pose.zoom` is its own."""
    if pose.angle or pose.bend[0]:
        return _place_turned(sprite, pose)
    height, width = sprite.inside.shape
    anchor_x, anchor_y = sprite.anchor
    left = (width - anchor_x if pose.mirror else anchor_x) * pose.zoom
    x0, x1 = int(np.floor(pose.x - left)), int(np.ceil(pose.x - left + width * pose.zoom)) + 1
    y0 = int(np.floor(pose.y - anchor_y * pose.zoom))
    y1 = int(np.ceil(pose.y + (height - anchor_y) * pose.zoom)) + 1
    across = (np.arange(x0, x1) + 0.5 - pose.x) / pose.zoom
    down = (np.arange(y0, y1) + 0.5 - pose.y) / pose.zoom
    columns = _index((-across if pose.mirror else across) + anchor_x, width)
    return Placement((x0, y0), _index(down + anchor_y, height)[:, None], columns[None, :])


def place_shadow(sprite: Sprite, pose: Pose, fall: tuple[float, float]) -> Placement:
    """Lay the shadow of an upright `sprite` on the ground: what is one high falls `fall` (x, y) away from the feet."""
    height, width = sprite.inside.shape
    anchor_x, anchor_y = sprite.anchor
    fall_x, fall_y = fall
    tall = anchor_y * pose.zoom
    y0, y1 = sorted((pose.y, pose.y + fall_y * tall))
    reach = width * pose.zoom
    x0 = int(np.floor(pose.x + min(0.0, fall_x * tall) - reach))
    x1 = int(np.ceil(pose.x + max(0.0, fall_x * tall) + reach)) + 1
    y_pixels = np.arange(int(np.floor(y0)) - 1, int(np.ceil(y1)) + 2) + 0.5
    above = (y_pixels - pose.y) / (fall_y * pose.zoom)  # [sprite pixels] the height that casts this row
    across = (np.arange(x0, x1) + 0.5 - pose.x)[None, :] / pose.zoom - above[:, None] * fall_x
    columns = _index((-across if pose.mirror else across) + anchor_x, width)
    return Placement((x0, int(y_pixels[0] - 0.5)), _index(anchor_y - above, height)[:, None], columns)


def _place_turned(sprite: Sprite, pose: Pose) -> Placement:
    height, width = sprite.inside.shape
    strength, phase = pose.bend
    reach = (np.hypot(height, width) / 2 + strength) * pose.zoom + 1
    x0, y0 = int(np.floor(pose.x - reach)), int(np.floor(pose.y - reach))
    x1, y1 = int(np.ceil(pose.x + reach)), int(np.ceil(pose.y + reach))
    across = ((np.arange(x0, x1) + 0.5 - pose.x) / pose.zoom)[None, :]
    down = ((np.arange(y0, y1) + 0.5 - pose.y) / pose.zoom)[:, None]
    cosine, sine = np.cos(pose.angle), np.sin(pose.angle)
    along = cosine * across + sine * down
    aside = cosine * down - sine * across
    if strength:
        behind = np.clip(0.5 - along / width, 0, 1)  # 0 at the head, 1 at the tail, which swings most
        aside = aside - strength * behind**2 * np.sin(phase - 4.0 * behind)
    return Placement((x0, y0), _index(aside + sprite.anchor[1], height), _index(along + sprite.anchor[0], width))


def _index(position: Plane, length: int) -> NDArray[np.intp]:
    """Return sprite rows or columns; what lies beyond falls on the empty border."""
    return np.clip(np.floor(position), 0, length - 1).astype(np.intp)
