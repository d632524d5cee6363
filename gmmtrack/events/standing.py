"""Standing: who stopped and went on, and what was left behind or taken away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.borders import border_verdict
from gmmtrack.background.masks.kernels import FOREGROUND
from gmmtrack.events.event import Event
from gmmtrack.events.settings import EventSettings
from gmmtrack.tracking.population import Population

Background = Callable[[], tuple[NDArray[np.float32], NDArray[np.float32]]]

_AGAIN = 1.0  # [s] after which a border is judged once more, if it said nothing
_REMEMBERED = 60.0  # [s] for which it is known that of a place was told, though the track was lost


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where a track stands: x, y [pixels], since when [s], whether that was told, and when to look again [s]."""

    x: float
    y: float
    since: float
    told: bool
    next_look: float


class Standing:
    """Watches what stands still, and tells of it once it has stood for long.

    Who came to where it stands has "stopped", and "went_on" once it leaves. What appeared where it is, and has not been
    there from the beginning, is judged by its border: an edge in the frame, and none in the background, is something
    "left_behind"; the other way round, something was "taken_away", and it is background that now comes to light.
    """

    def __init__(self, settings: EventSettings | None = None) -> None:
        self.settings = settings or EventSettings()
        self._begun: float | None = None
        self._stands: dict[int, _Stand] = {}
        self._lost: dict[_Stand, float] = {}  # what was told of whose track is lost, and since when [s]

    def look(
        self,
        population: Population,
        mask: NDArray[np.uint8],
        image: NDArray[Any],
        background: Background,
        time: float,
    ) -> tuple[Event, ...]:
        """Return what is worth telling of a frame.

        population: the tracks, just updated at `time` [s] · mask (H, W): 255 foreground · image (H, W, C)
        background: returns mean (H, W, C) and variance (H, W) of the background; called only where it is needed
        """
        if not self.settings.stopped:
            return ()
        self._begun = time if self._begun is None else self._begun
        events: list[Event] = []
        before, self._stands = self._stands, {}
        boxes, reach = population.xyxy, self.settings.sway * population.sizes
        for row, serial in enumerate(population.serials.tolist()):
            x, y = population.x[row, :2].tolist()
            here = _Stand(x, y, time, False, time + self.settings.stopped)
            stand, kind = before.pop(serial, None) or self._found_again(here, reach[row]), None
            came = bool(population.moved[row] and population.ids[row])
            if population.taken[row] < 0:
                pass  # it is not seen: nobody knows
            elif np.hypot(x - stand.x, y - stand.y) > reach[row]:
                kind = "went_on" if stand.told and came else None
                stand = here if came else replace(here, told=stand.told)  # what is being learned seems to move
            elif not stand.told and time >= stand.next_look:
                kind = "stopped" if came else self._appeared(stand, boxes[row], mask, image, background)
                stand = replace(stand, told=kind is not None, next_look=time + _AGAIN)
            self._stands[serial] = stand
            if kind is not None:
                x0, y0, x1, y1 = boxes[row].tolist()
                track = int(population.ids[row]) or None
                events.append(Event(kind=kind, time=time, track=track, xyxy=(x0, y0, x1, y1)))
        self._lost = {stand: since for stand, since in self._lost.items() if time - since < _REMEMBERED}
        self._lost |= {stand: time for stand in before.values() if stand.told}
        return tuple(events)

    def _found_again(self, here: _Stand, reach: float) -> _Stand:
        """Return what is known of the place of a new track: that of it was told, if another stood there before it."""
        for stand in self._lost:
            if np.hypot(here.x - stand.x, here.y - stand.y) <= reach:
                del self._lost[stand]
                return stand
        return here

    def _appeared(
        self,
        stand: _Stand,
        xyxy: NDArray[np.float64],
        mask: NDArray[np.uint8],
        image: NDArray[Any],
        background: Background,
    ) -> str | None:
        """Return what became of a place where something appeared and stands, or None where that is not clear."""
        if self._begun is None or stand.since - self._begun < self.settings.stopped:
            return None  # it was there when the watch began
        limits = np.array(mask.shape[::-1] * 2)
        x0, y0, x1, y1 = np.clip(np.rint(xyxy), 0, limits).astype(int).tolist()
        region = np.zeros(mask.shape, np.bool_)
        region[y0:y1, x0:x1] = mask[y0:y1, x0:x1] == FOREGROUND
        means, variances = background()
        verdict = border_verdict(image.reshape(means.shape), means, variances, region)
        if abs(verdict) < self.settings.sure:
            return None
        return "left_behind" if verdict > 0 else "taken_away"

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that is needed to go on exactly."""
        stands = [(serial, *astuple(stand)) for serial, stand in self._stands.items()]
        lost = [(since, *astuple(stand)) for stand, since in self._lost.items()]
        begun = np.nan if self._begun is None else self._begun
        tables = {"stands": stands, "lost": lost, "begun": begun}
        return {name: np.array(table, np.float64) for name, table in tables.items()}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned."""
        self._begun = None if np.isnan(arrays["begun"]) else float(arrays["begun"])
        self._stands = {int(serial): _restored(row) for serial, *row in arrays["stands"].tolist()}
        self._lost = {_restored(row): since for since, *row in arrays["lost"].tolist()}


def _restored(row: list[float]) -> _Stand:
    x, y, since, told, next_look = row
    return _Stand(x, y, since, bool(told), next_look)
