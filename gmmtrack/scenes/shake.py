"""Shake: a camera on a mast in the wind."""

from dataclasses import dataclass
from typing import ClassVar

from gmmtrack.scenes.disturbance import Apply, Moment, Picture, Setting, Stage
from gmmtrack.scenes.noise import sway, waves


@dataclass(frozen=True, slots=True, kw_only=True)
class Shake:
    """A camera that sways. amplitude: [pixels] of a typical stray, never more than twice that · period: [s]."""

    amplitude: float = 4.0
    period: float = 0.7
    stage: ClassVar[Stage] = Stage.CAMERA

    def start(self, setting: Setting) -> Apply:
        """Return what applies it."""
        across, down = (waves(setting.rng, 4, 3 * self.period, 0.5 * self.period) for _ in range(2))

        def apply(picture: Picture, moment: Moment) -> None:
            picture.offset[0] += self.amplitude * sway(across, moment.time)
            picture.offset[1] += 0.7 * self.amplitude * sway(down, moment.time)

        return apply
