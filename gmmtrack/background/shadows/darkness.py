"""Darkness: how dark the shadows of a scene are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.masks.kernels import SHADOW
from gmmtrack.background.masks.runs import Runs
from gmmtrack.background.shadows import kernels
from gmmtrack.background.state import PixelMixtures, fitting

if TYPE_CHECKING:
    from gmmtrack.background.settings import BackgroundSettings

_N_CLASSES = 3
_BRIGHTEST = 0.8  # share of its light above which the blur of any border may look like a shadow
_MEMORY = 60.0  # [s] of frames with anything like a shadow
_FEWEST = 3e-3  # share of a frame's pixels that is credited to shadows, so that a few prove nothing
_SAMPLE = 512  # pixels of a frame that are counted, at least, if there are as many
_N_COLOURS = 1000  # pixels of a frame that tell whether it has colour, at most, if it is no strip
_GREYEST = 5.0  # [levels] between the channels of a pixel, on average, below which a frame has no colour


def darkest_in(image: NDArray[Any], count: float, settings: BackgroundSettings) -> float:
    """Return the least share of its light that a shaded pixel keeps in a frame (H, W, C); count: of one level.

    Without colour a body that is a little darker than the background looks like a shadow. Each frame is judged by
    itself: a camera may switch to infrared light from one to the next.
    """
    usual, grey = settings.darkest_shadow, settings.darkest_grey_shadow
    return grey if settings.shadows and grey > usual and not _has_colour(image, count) else usual


def _has_colour(image: NDArray[Any], count: float) -> bool:
    """Return whether the channels of a frame (H, W, C) differ by more than compression leaves of equal ones.

    Usual encoders leave up to 3 levels between the channels of grey recordings; dull roads have 11.
    """
    height, width, n_channels = image.shape
    step = math.ceil((height * width / _N_COLOURS) ** 0.5)
    return n_channels > 1 and float(kernels.spread(image, step)) >= _GREYEST * count


class Darkness:
    """Learns how dark the shadows of a scene are, and takes for objects what is darker than the background otherwise.

    Colour alone cannot tell a shadow from grey paint on a grey road. But a shadow lies beside what casts it, while what
    looks like one on an object lies amid foreground. The labelled pixels are counted in classes of the light that they
    keep, from `darkest_shadow` to where the blur of a border looks the same; frames without colour hardly add to the
    darker ones. A class of which more than the share `amid` lies amid foreground is none of this scene's shadows, nor
    is any darker one, unless it is seen that it is.

    counts (_N_CLASSES, 2) float32: pixels of each class lately, and those of them amid foreground
    """

    def __init__(self) -> None:
        self.counts = np.zeros((_N_CLASSES, 2), np.float32)

    def sift(
        self,
        mask: NDArray[np.uint8],
        image: NDArray[Any],
        light: NDArray[np.float32] | None,
        mixtures: PixelMixtures,
        settings: BackgroundSettings,
        interval: float,
        *,
        learns: bool,
    ) -> None:
        """Make foreground (255) of the shadows (127) of a raw mask (H, W) that are too dark for this scene.

        image (H, W, C): the frame, as it lies on the background · light: that of the frame, see `kernels.update`
        interval: since the last frame [s] · learns: whether this frame counts
        """
        runs = Runs.find(mask, SHADOW)
        width = (_BRIGHTEST - settings.darkest_shadow) / _N_CLASSES
        if not len(runs) or width <= 0:
            return
        numbers = np.float32(settings.darkest_shadow), np.float32(width)
        seen = (0,) * image.shape[2], image, light, mixtures.gaussians, mask, runs, numbers
        if learns:
            self.counts *= np.float32(math.exp(-interval / _MEMORY))
            n = int((runs[:, 2] - runs[:, 1]).sum())
            kernels.count_amid(*seen, 1 + n // _SAMPLE, self.counts)
        darkest = kernels.darkest_class(self.counts, settings.amid, _FEWEST * mask.size)
        if darkest:
            kernels.lift(*seen, darkest)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that is needed to go on exactly."""
        return {"counts": self.counts}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned; a KeyError or ArgumentError if something is missing or does not fit."""
        self.counts = fitting(self.counts, arrays["counts"])
