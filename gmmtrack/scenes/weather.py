"""Weather in front of everything: rain and snow."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gmmtrack.scenes.disturbance import Apply, Moment, Picture, Setting, Stage
from gmmtrack.scenes.noise import sway, waves


@dataclass(frozen=True, slots=True, kw_only=True)
class Rain:
    """Streaks, new in every frame.

    density: streaks per 10 000 pixels · length: [pixels] · slant: [rad] · brightness: 0-255
    """

    density: float = 6.0
    length: float = 14.0
    slant: float = 0.15
    brightness: float = 190.0
    stage: ClassVar[Stage] = Stage.AIR

    def start(self, setting: Setting) -> Apply:
        """Return what applies it."""
        height, width = setting.plate.shape[:2]
        n_streaks = int(self.density * height * width / 10_000)

        def apply(picture: Picture, moment: Moment) -> None:
            along = np.arange(int(self.length))
            x = moment.rng.uniform(0, width, (n_streaks, 1)) + along * np.sin(self.slant)
            y = moment.rng.uniform(-self.length, height, (n_streaks, 1)) + along * np.cos(self.slant)
            near = np.broadcast_to(moment.rng.uniform(0.1, 0.45, (n_streaks, 1)), x.shape)
            inside = (y >= 0) & (y < height) & (x < width)
            row, column = y[inside].astype(np.int64), x[inside].astype(np.int64)
            opacity = near[inside].astype(np.float32)[:, None]
            picture.canvas[row, column] += opacity * (np.float32(self.brightness) - picture.canvas[row, column])

        return apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Snow:
    """Flakes that fall and drift.

    density: flakes per 10 000 pixels · size: [pixels] radius of the nearest
    speed: [pixels/s] of the nearest, others fall in proportion to their size
    """

    density: float = 8.0
    size: float = 2.6
    speed: float = 110.0
    stage: ClassVar[Stage] = Stage.AIR

    def start(self, setting: Setting) -> Apply:
        """Scatter the flakes, and return what lets them fall."""
        rng = setting.rng
        height, width = setting.plate.shape[:2]
        n_flakes = int(self.density * height * width / 10_000)
        x, y = rng.uniform(0, width, n_flakes), rng.uniform(0, height, n_flakes)
        near = rng.uniform(0.3, 1, n_flakes) ** 1.5
        own = rng.uniform(0, 2 * np.pi, n_flakes)
        wind = waves(rng, 3, 12.0, 4.0)
        reach = int(np.ceil(self.size)) + 1
        down, across = (grid.ravel() for grid in np.mgrid[-reach : reach + 1, -reach : reach + 1])

        def apply(picture: Picture, moment: Moment) -> None:
            fallen = (y + near * self.speed * moment.time) % height
            drift = 14 * np.sin(own + 1.7 * moment.time) + 30 * sway(wind, moment.time)
            moved = (x + near * drift) % width
            column, row = moved.astype(np.int64)[:, None] + across, fallen.astype(np.int64)[:, None] + down
            far = np.hypot(column + 0.5 - moved[:, None], row + 0.5 - fallen[:, None])
            opacity = 0.85 * np.clip(self.size * near[:, None] + 0.5 - far, 0, 1)
            shown = (opacity > 0) & (row >= 0) & (row < height) & (column >= 0) & (column < width)
            at = (row[shown], column[shown])
            picture.canvas[at] += opacity[shown].astype(np.float32)[:, None] * (238 - picture.canvas[at])

        return apply
