"""Things: what stands and never came, until it is gone."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.masks.kernels import FOREGROUND

Box = tuple[int, int, int, int]

_AGAIN = 1.0  # [s] for which a place is empty before something is gone from it
_EMPTY = 0.1  # share of its box that may be foreground then
_REMEMBERED = 60.0  # [s] for which a place is watched that something else stands before


@dataclass(frozen=True, slots=True)
class _Thing:
    """xyxy [pixels]: its box · colors (2, C): means in it, with the thing and without · seen, empty: since when [s]"""

    xyxy: Box
    colors: NDArray[np.float32]
    seen: float
    empty: float


class Things:
    """Watches the places of things, which stand, have an edge around them, and were never seen to come.

    Where nothing is foreground any more, a thing was learned as background, or is gone: the colours of its place tell.
    """

    def __init__(self) -> None:
        self._things: dict[int, _Thing] = {}

    def __contains__(self, serial: int) -> bool:
        return serial in self._things

    def put(self, serial: int, xyxy: Box, image: NDArray[Any], background: NDArray[np.float32], time: float) -> None:
        """Watch a track's place from now on; image, background: (H, W, C)."""
        x, y = (xyxy[0] + xyxy[2]) / 2, (xyxy[1] + xyxy[3]) / 2
        for other, (x0, y0, x1, y1) in [(other, thing.xyxy) for other, thing in self._things.items()]:
            if x0 <= x < x1 and y0 <= y < y1:  # the same thing: its track was lost
                self.drop(other)
        colors = np.stack([_mean_color(picture, xyxy) for picture in (image, background)])
        self._things[serial] = _Thing(xyxy, colors, seen=time, empty=np.inf)

    def drop(self, serial: int) -> None:
        """Watch it no longer, for it moved by itself."""
        self._things.pop(serial, None)

    def gone(self, seen: Container[int], mask: NDArray[np.uint8], image: NDArray[Any], time: float) -> list[Box]:
        """Return the boxes of things that are gone since the last frame.

        seen: serials of the tracks that are seen · mask (H, W): 255 foreground · image (H, W, C)
        """
        gone = []
        for serial, thing in list(self._things.items()):
            x0, y0, x1, y1 = thing.xyxy
            if serial in seen:
                self._things[serial] = replace(thing, seen=time, empty=np.inf)
            elif np.mean(mask[y0:y1, x0:x1] == FOREGROUND) > _EMPTY:
                self._things[serial] = replace(thing, empty=np.inf)
                if time - thing.seen > _REMEMBERED:
                    self.drop(serial)
            elif time - thing.empty >= _AGAIN:
                self.drop(serial)
                with_it, without = np.linalg.norm(_mean_color(image, thing.xyxy) - thing.colors, axis=1)
                if without < with_it:
                    gone.append(thing.xyxy)
            else:
                self._things[serial] = replace(thing, empty=min(thing.empty, time))
        return gone

    def array(self) -> NDArray[Any]:
        """Return all that is needed to go on exactly (N, 7 + 2 C)."""
        rows = [
            (serial, *thing.xyxy, thing.seen, thing.empty, *thing.colors.ravel().tolist())
            for serial, thing in self._things.items()
        ]
        return np.array(rows, np.float64)

    def restore(self, array: NDArray[Any]) -> None:
        """Take over what `array` returned."""
        self._things = {}
        for serial, x0, y0, x1, y1, seen, empty, *colors in array.tolist():
            box = (int(x0), int(y0), int(x1), int(y1))
            self._things[int(serial)] = _Thing(box, np.array(colors, np.float32).reshape(2, -1), seen, empty)


def _mean_color(picture: NDArray[Any], xyxy: Box) -> NDArray[np.float32]:
    """Return (C,) the mean in a box of a picture (H, W, C)."""
    x0, y0, x1, y1 = xyxy
    return np.asarray(picture[y0:y1, x0:x1].mean(axis=(0, 1)), np.float32)
