"""Things: what stands and never came, until it is gone."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.masks.kernels import FOREGROUND
from gmmtrack.tracking.association import overlaps

Box = tuple[int, int, int, int]
Colors = NDArray[np.float32]

_AGAIN = 1.0  # [s] for which a place is empty before something is gone from it
_EMPTY = 0.1  # share of its box that may be foreground then
_REMEMBERED = 60.0  # [s] for which a place is watched that something else stands before
_RING = 0.5  # of a box's width and height, around it: tells of the light
_DIFFERENT = 10.0  # [levels] between a place with a thing and without, of which the one can be told from the other
_SAME = 0.5  # intersection over union of two boxes of one thing
_SURE = 0.5  # of the distance to the place with the thing, at which it surely is the one without


@dataclass(frozen=True, slots=True)
class _Thing:
    """xyxy [pixels]: its box · colors (3, C): means in it with the thing and without, and around it

    seen: when it was last [s] · empty: since when its place is [s]
    """

    xyxy: Box
    colors: Colors
    seen: float
    empty: float


class Things:
    """Watches the places of things, which stand, have an edge around them, and were never seen to come.

    Where nothing is foreground any more, a thing was learned as background, or is gone: the colours of its place tell,
    in the light that is around it now.
    """

    def __init__(self) -> None:
        self._things: dict[int, _Thing] = {}

    def __contains__(self, serial: int) -> bool:
        return serial in self._things

    def put(self, serial: int, xyxy: Box, image: NDArray[Any], background: NDArray[np.float32], time: float) -> None:
        """Watch a track's place from now on, if it looks otherwise than without it; image, background: (H, W, C)."""
        with_it, around = _colors(image, xyxy)
        without, _ = _colors(background, xyxy)
        if np.linalg.norm(with_it - without) >= _DIFFERENT:
            self._things[serial] = _Thing(xyxy, np.stack([with_it, without, around]), seen=time, empty=np.inf)

    def hand_over(self, serial: int, xyxy: Sequence[float], alive: Container[int]) -> bool:
        """Return whether a new track, in a box [pixels], is of a thing whose own was lost; it is the thing's now.

        alive: serials of all tracks
        """
        box = np.array([xyxy])
        for other, thing in self._things.items():
            if other not in alive and overlaps(box, np.array([thing.xyxy]))[0, 0] >= _SAME:
                self._things[serial] = self._things.pop(other)
                return True
        return False

    def drop(self, serial: int) -> None:
        """Watch a place no longer, for what stood there has moved."""
        self._things.pop(serial, None)

    def release(self, serial: int) -> None:
        """Watch the place of a track, whatever becomes of that: in one blob with another, it may be carried away."""
        if serial in self._things:
            self._things[-serial] = self._things.pop(serial)

    def clear(self) -> None:
        """Watch nothing any more."""
        self._things.clear()

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
                if _is_without(thing, image):
                    gone.append(thing.xyxy)
            else:
                self._things[serial] = replace(thing, empty=min(thing.empty, time))
        return gone

    def array(self) -> NDArray[Any]:
        """Return all that is needed to go on exactly (N, 7 + 3 C)."""
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
            self._things[int(serial)] = _Thing(box, np.array(colors, np.float32).reshape(3, -1), seen, empty)


def _is_without(thing: _Thing, image: NDArray[Any]) -> bool:
    """Return whether a thing's place surely looks as it does without it, in the light of an image (H, W, C)."""
    now, around = _colors(image, thing.xyxy)
    light = (around + 1) / (thing.colors[2] + 1)  # what is black tells nothing
    with_it, without = np.linalg.norm(now - light * thing.colors[:2], axis=1)
    return bool(without < _SURE * with_it)


def _colors(picture: NDArray[Any], xyxy: Box) -> tuple[Colors, Colors]:
    """Return the means (C,) in a box of a picture (H, W, C), and around it."""
    x0, y0, x1, y1 = xyxy
    wide, high = round(_RING * (x1 - x0)), round(_RING * (y1 - y0))
    near = picture[max(y0 - high, 0) : y1 + high, max(x0 - wide, 0) : x1 + wide].astype(np.float32)
    inside = picture[y0:y1, x0:x1].astype(np.float32)
    sums, total = inside.sum(axis=(0, 1)), near.sum(axis=(0, 1))
    n, n_near = inside.shape[0] * inside.shape[1], near.shape[0] * near.shape[1]
    return sums / n, (total - sums) / max(n_near - n, 1)
