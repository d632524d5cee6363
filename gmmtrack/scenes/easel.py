"""Easel: where sprites are drawn, from simple solids with soft light on them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gmmtrack.scenes.background import Points, inside_polygon
from gmmtrack.scenes.materials import Colour
from gmmtrack.scenes.noise import Plane
from gmmtrack.scenes.sprite import Sprite

Pattern = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]

_MARGIN = 4  # [sprite pixels] that stay empty around the drawing, so that its shadow may be soft


class Easel:
    """A sprite in the making, `width` x `height` sprite pixels; y down."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._x = np.arange(-_MARGIN, width + _MARGIN, dtype=np.float32)[None, :] + 0.5
        self._y = np.arange(-_MARGIN, height + _MARGIN, dtype=np.float32)[:, None] + 0.5
        self._colour = np.zeros((self._y.size, self._x.size, 3), np.float32)
        self._inside = np.zeros(self._colour.shape[:2], bool)

    def limb(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        radii: tuple[float, float],
        colour: Colour,
        pattern: Pattern | None = None,
    ) -> None:
        """Draw a tapering rounded rod; `pattern` (along, aside) -> brightness is woven into it."""
        reach = max(radii) + 1
        rows = self._span(min(start[1], end[1]) - reach, max(start[1], end[1]) + reach, self.height)
        columns = self._span(min(start[0], end[0]) - reach, max(start[0], end[0]) + reach, self.width)
        x, y = self._x[:, columns] - start[0], self._y[rows] - start[1]
        dx, dy = end[0] - start[0], end[1] - start[1]
        length = max(float(np.hypot(dx, dy)), 1e-6)
        along = np.clip((x * dx + y * dy) / length, 0, length)
        aside = (x * dy - y * dx) / length
        radius = radii[0] + (radii[1] - radii[0]) * along / length
        distance = np.hypot(x - along * dx / length, y - along * dy / length)
        light = 0.95 - 0.25 * np.clip(aside / radius, -1, 1) - 0.12 * (distance / radius) ** 2
        if pattern is not None:
            light = light * pattern(along.astype(np.float32), aside.astype(np.float32))
        self._put(rows, columns, distance < radius, light, colour)

    def ball(self, centre: tuple[float, float], radii: tuple[float, float], colour: Colour) -> None:
        """Draw an ellipse lit from the upper left."""
        rows = self._span(centre[1] - radii[1] - 1, centre[1] + radii[1] + 1, self.height)
        columns = self._span(centre[0] - radii[0] - 1, centre[0] + radii[0] + 1, self.width)
        across, down = (self._x[:, columns] - centre[0]) / radii[0], (self._y[rows] - centre[1]) / radii[1]
        light = 0.95 - 0.15 * across - 0.15 * down
        self._put(rows, columns, across**2 + down**2 < 1, light, colour)

    def panel(self, points: Points, colour: Colour, shading: tuple[float, float] = (1.08, 0.85)) -> None:
        """Draw a polygon with corners as shares of width and height, its brightness `shading` from top to bottom."""
        inside = inside_polygon(points, self._x / self.width, self._y / self.height)
        light = shading[0] + (shading[1] - shading[0]) * self._y / self.height
        everywhere = slice(None)
        self._put(everywhere, everywhere, inside, np.broadcast_to(light, inside.shape), colour)

    def weave(self, rng: np.random.Generator, strength: float) -> None:
        """Roughen what is drawn, so that nothing is of one colour."""
        self._colour *= 1 + strength * rng.standard_normal((*self._inside.shape, 1), np.float32)

    def sprite(self, anchor: tuple[float, float], softness: float) -> Sprite:
        """Return what was drawn. anchor: [sprite pixels] · softness: [sprite pixels] of the shadow's edge."""
        inside = self._inside.copy()
        inside[[0, -1]] = inside[:, [0, -1]] = False
        colour = np.clip(self._colour + 0.5, 2, 252).astype(np.uint8)
        return Sprite(colour, inside, _blur(inside, softness), (anchor[0] + _MARGIN, anchor[1] + _MARGIN))

    def _span(self, low: float, high: float, length: int) -> slice:
        start = int(np.clip(np.floor(low) + _MARGIN, 0, length + 2 * _MARGIN))
        return slice(start, int(np.clip(np.ceil(high) + _MARGIN + 1, start, length + 2 * _MARGIN)))

    def _put(self, rows: slice, columns: slice, inside: NDArray[np.bool_], light: Plane, colour: Colour) -> None:
        self._inside[rows, columns] |= inside
        painted = light[..., None] * np.asarray(colour, np.float32)
        np.copyto(self._colour[rows, columns], painted.astype(np.float32), where=inside[..., None])


def _blur(inside: NDArray[np.bool_], softness: float) -> NDArray[np.float32]:
    """Return the silhouette under two box means a side, `softness` sprite pixels wide, empty at its border."""
    soft = inside.astype(np.float32)
    width = max(round(softness), 1) | 1
    for axis in (0, 0, 1, 1):
        padded = np.pad(soft, [(width // 2 + (k == axis), width // 2) if k == axis else (0, 0) for k in (0, 1)])
        total = np.cumsum(padded, axis=axis, dtype=np.float64)
        ahead, behind = (
            np.take(total, range(width, total.shape[axis]), axis),
            np.take(total, range(total.shape[axis] - width), axis),
        )
        soft = ((ahead - behind) / width).astype(np.float32)
    soft[[0, -1]] = soft[:, [0, -1]] = 0
    return soft
