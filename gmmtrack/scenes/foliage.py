"""Foliage that sways, and water that ripples."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gmmtrack.scenes.disturbance import Apply, Moment, Picture, Setting, Stage
from gmmtrack.scenes.materials import leaves
from gmmtrack.scenes.noise import Noise, layered, sway, waves

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foliage:
    """A bush or crown whose leaves are carried about in patches by gusts.

    box: x0, y0, x1, y1 [shares of the frame] · cover: the share of the box that is leaves
    amplitude: [pixels] of the sway · period: [s] of a typical swing · glint: share of brightness as leaves turn
    base: [share of the frame's height] where it stands; objects with feet above pass behind it; None: behind them all
    """

    box: Box
    cover: float = 0.75
    amplitude: float = 5.0
    period: float = 1.3
    glint: float = 0.15
    base: float | None = None
    stage: ClassVar[Stage] = Stage.GROUND

    def start(self, setting: Setting) -> Apply:
        """Grow the leaves, and return what moves them."""
        rng, area = setting.rng, setting.box(self.box)
        pad = int(np.ceil(2.5 * self.amplitude)) + 1
        leaf, grown = self._grow(setting, area, pad)
        height, width = area[0].stop - area[0].start, area[1].stop - area[1].start
        patch = np.float32(max(5 * self.amplitude, 24))  # [pixels] leaves nearer than this move alike
        x = np.arange(width, dtype=np.float32)[None, :] / patch
        y = np.arange(height, dtype=np.float32)[:, None] / patch
        phases = [2.2 * Noise(rng)(x, y) for _ in range(4)]
        modes, gusts = (
            waves(rng, 4, 1.4 * self.period, 0.6 * self.period),
            waves(rng, 3, 9 * self.period, 3 * self.period),
        )
        start = (np.arange(height)[:, None] + pad) * (width + 2 * pad) + np.arange(width)[None, :] + pad
        base = np.inf if self.base is None else self.base * setting.size[1] + setting.margin

        def apply(picture: Picture, moment: Moment) -> None:
            strength = np.float32(self.amplitude * (0.75 + 0.45 * sway(gusts, moment.time)))
            turn = (modes[:, 0] * moment.time + modes[:, 1]).astype(np.float32)
            swing = [np.sin(phase + t) for phase, t in zip(phases, turn, strict=True)]
            across = np.rint(strength * (swing[0] + 0.5 * swing[1])).astype(np.int32)
            down = np.rint(0.6 * strength * (swing[2] + 0.5 * swing[3])).astype(np.int32)
            source = start + down * (width + 2 * pad) + across
            shown = grown[source]
            glint = 1 + self.glint * swing[3] * swing[1]
            np.copyto(picture.canvas[area], leaf[source] * glint[..., None], where=shown[..., None])
            if self.base is not None:
                np.copyto(picture.front[area], np.float32(base), where=shown)

        return apply

    def _grow(
        self, setting: Setting, area: tuple[slice, slice], pad: int
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return colour (n, 3) and presence (n,) of the leaves of `area` and `pad` pixels around it, flattened."""
        rows, columns = area
        x = np.arange(columns.start - pad, columns.stop + pad, dtype=np.float32)[None, :]
        y = np.arange(rows.start - pad, rows.stop + pad, dtype=np.float32)[:, None]
        u, v = np.broadcast_arrays(x, y)
        colour = np.clip(leaves(u, v, setting.rng), 3, 250)
        middle = ((columns.start + columns.stop) / 2, (rows.start + rows.stop) / 2)
        far = np.hypot((u - middle[0]) / (columns.stop - columns.start), (v - middle[1]) / (rows.stop - rows.start))
        dense = 0.22 * layered(setting.rng, u, v, 50, 4) - 2.4 * far
        grown = dense > np.quantile(dense[pad:-pad, pad:-pad], 1 - min(self.cover, 1.0))
        return colour.reshape(-1, 3), grown.ravel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ripples:
    """Water that ripples and glitters. box: as for `Foliage` · amplitude: [pixels] · sparkle: share of brightness."""

    box: Box
    amplitude: float = 2.5
    sparkle: float = 0.22
    period: float = 1.6
    stage: ClassVar[Stage] = Stage.GROUND

    def start(self, setting: Setting) -> Apply:
        """Lay out the waves, and return what moves them."""
        rng, area = setting.rng, setting.box(self.box)
        plate = setting.plate[area]
        height, width = plate.shape[:2]
        rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
        ground = setting.view.ground(
            columns.astype(np.float32) + area[1].start, rows.astype(np.float32) + area[0].start - setting.margin
        )
        u, v = np.broadcast_arrays(*ground)
        modes = waves(rng, 4, 1.5 * self.period, 0.5 * self.period)
        lengths, bearings = rng.uniform(14, 46, 4), rng.normal(np.pi / 2, 0.5, 4)
        phases = [
            (2 * np.pi / length * (u * np.cos(b) + v * np.sin(b)) + 2 * Noise(rng)(u / 60, v / 60)).astype(np.float32)
            for length, b in zip(lengths, bearings, strict=True)
        ]

        def apply(picture: Picture, moment: Moment) -> None:
            turn = (modes[:, 0] * moment.time + modes[:, 1]).astype(np.float32)
            swell = [np.sin(phase + t) for phase, t in zip(phases, turn, strict=True)]
            height_now = sum(swell[1:], swell[0]) / 2
            across = np.rint(self.amplitude * swell[0]).astype(np.int64)
            down = np.rint(self.amplitude * swell[1]).astype(np.int64)
            source = plate[np.clip(rows + down, 0, height - 1), np.clip(columns + across, 0, width - 1)]
            glint = np.clip(height_now - 1.1, 0, None)
            picture.canvas[area] = source * (1 + self.sparkle * (0.5 * height_now + glint))[..., None]

        return apply
