"""Result: all that is known of one frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.events.event import Event
from gmmtrack.frames.frame import Frame
from gmmtrack.tracking.tracks import Tracks

if TYPE_CHECKING:
    from gmmtrack.outputs.trails import Trails


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """All that is known of one frame.

    frame: the frame itself · mask: (H, W) uint8, 0 background, 127 shadow, 255 foreground
    tracks: who is where · events: what happened
    """

    frame: Frame
    mask: NDArray[np.uint8]
    tracks: Tracks
    events: tuple[Event, ...] = ()

    def draw(self, *, trails: Trails | None = None, **options: Any) -> NDArray[np.uint8]:
        """Return a copy of the frame with its tracks drawn on it; options as of `gmmtrack.outputs.drawing.draw`."""
        from gmmtrack.outputs.drawing import draw

        return draw(self, trails=trails, **options)
