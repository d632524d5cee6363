"""Result: all that is known of one frame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.events.event import Event
from gmmtrack.frames.frame import Frame
from gmmtrack.frames.reduction import Reduction
from gmmtrack.tracking.tracks import Tracks

if TYPE_CHECKING:
    from gmmtrack.outputs.trails import Trails


@dataclass(frozen=True, kw_only=True)  # without slots, for what is worked out once it is asked for
class Result:
    """All that is known of one frame.

    frame: the frame itself · tracks: who is where · events: what happened
    reduced_mask: (h, w) uint8, 0 background, 127 shadow, 255 foreground, of the frame as it was looked at
    reduction: how that was made smaller than it is, unless it was not
    """

    frame: Frame
    reduced_mask: NDArray[np.uint8]
    tracks: Tracks
    events: tuple[Event, ...] = ()
    reduction: Reduction | None = None

    @cached_property
    def mask(self) -> NDArray[np.uint8]:
        """(H, W) uint8, as large as the frame: 0 background, 127 shadow, 255 foreground."""
        return self.reduced_mask if self.reduction is None else self.reduction.enlarged(self.reduced_mask)

    def draw(self, *, trails: Trails | None = None, **options: Any) -> NDArray[np.uint8]:
        """Return a copy of the frame with its tracks drawn on it; options as of `gmmtrack.outputs.drawing.draw`."""
        from gmmtrack.outputs.drawing import draw

        return draw(self, trails=trails, **options)
