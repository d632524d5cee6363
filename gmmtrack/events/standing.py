"""Standing: who stopped and went on, and what was left behind or taken away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.borders import border_verdict
from gmmtrack.background.masks.kernels import FOREGROUND
from gmmtrack.events.event import Event
from gmmtrack.events.settings import EventSettings
from gmmtrack.events.things import Things
from gmmtrack.tracking.population import LAST_WHOLE, Population

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


@dataclass(frozen=True, slots=True)
class _View:
    """What is seen in a frame at a time [s], see `Standing.look`; alive: the serials of its tracks."""

    mask: NDArray[np.uint8]
    image: NDArray[Any]
    background: Background
    time: float
    alive: set[int]


class Standing:
    """Watches what stands still, and tells of it once it has stood for long.

    Who came to where it stands has "stopped", and "went_on" once it leaves. What appeared where it is, and has not been
    there from the beginning, is judged by its border: an edge in the frame, and none in the background, is something
    "left_behind"; the other way round, something was "taken_away", and it is background that now comes to light. So is
    what stood before a background that is known, and is gone without having moved.
    """

    def __init__(self, settings: EventSettings | None = None) -> None:
        self.settings = settings or EventSettings()
        self._begun: float | None = None
        self._things = Things()
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
        serials = population.serials.tolist()
        view = _View(mask, image, cache(background), time, set(serials))
        events: list[Event] = []
        before, self._stands = self._stands, {}
        boxes, reach = population.xyxy.tolist(), self.settings.sway * population.sizes
        for row, serial in enumerate(serials):
            kind = self._follow(population, row, before.pop(serial, None), float(reach[row]), boxes[row], view)
            if kind is not None:
                x0, y0, x1, y1 = boxes[row]
                track = int(population.ids[row]) or None
                events.append(Event(kind=kind, time=time, track=track, xyxy=(x0, y0, x1, y1)))
        self._lost = {stand: since for stand, since in self._lost.items() if time - since < _REMEMBERED}
        self._lost |= {stand: time for stand in before.values() if stand.told}
        seen = set(population.serials[population.taken >= 0].tolist())
        gone = self._things.gone(seen, mask, image, time)
        return (*events, *(Event(kind="taken_away", time=time, xyxy=box) for box in gone))

    def forget(self) -> None:
        """Know of nothing that stands: all that is seen has changed."""
        self._stands, self._lost = {}, {}
        self._things.clear()

    def _follow(
        self, population: Population, row: int, before: _Stand | None, reach: float, xyxy: list[float], view: _View
    ) -> str | None:
        """Return what is to be told of a track now, or None; reach [pixels]: within it, it stands."""
        serial, (x, y) = int(population.serials[row]), population.x[row, :2].tolist()
        here = _Stand(x, y, view.time, False, view.time + self.settings.stopped)
        if before is None and self._things.hand_over(serial, xyxy, view.alive):
            before = replace(here, told=True)  # found again, wherever it is from
        stand, kind = before or self._found_again(here, reach), None
        came = bool(population.moved[row] and population.ids[row])
        if population.taken[row] < 0:
            pass  # it is not seen: nobody knows
        elif np.hypot(x - stand.x, y - stand.y) > reach:
            kind = "went_on" if stand.told and came else None
            stand = here if came else replace(here, told=stand.told)  # what is being learned seems to move
            if population.made[row] <= LAST_WHOLE:
                self._things.drop(serial)
            else:
                self._things.release(serial)
        elif not stand.told and view.time >= stand.next_look:
            kind = "stopped" if came else self._appeared(serial, stand, xyxy, view)
            stand = replace(stand, told=kind is not None, next_look=view.time + _AGAIN)
        self._stands[serial] = stand
        return kind

    def _found_again(self, here: _Stand, reach: float) -> _Stand:
        """Return what is known of the place of a new track: that of it was told, if another stood there before it."""
        for stand in self._lost:
            if np.hypot(here.x - stand.x, here.y - stand.y) <= reach:
                del self._lost[stand]
                return stand
        return here

    def _appeared(self, serial: int, stand: _Stand, xyxy: list[float], view: _View) -> str | None:
        """Return what became of a place where something appeared and stands, or None where that is not clear."""
        if serial in self._things:
            return None
        x0, y0, x1, y1 = np.clip(np.rint(xyxy), 0, np.array(view.mask.shape[::-1] * 2)).astype(int).tolist()
        region = np.zeros(view.mask.shape, np.bool_)
        region[y0:y1, x0:x1] = view.mask[y0:y1, x0:x1] == FOREGROUND
        means, variances = view.background()
        image = view.image.reshape(means.shape)
        verdict = border_verdict(image, means, variances, region)
        if abs(verdict) < self.settings.sure:
            return None
        if verdict > 0:
            self._things.put(serial, (x0, y0, x1, y1), image, means, view.time)
        if self._begun is None or stand.since - self._begun < self.settings.stopped:
            return None  # it was there when the watch began
        return "left_behind" if verdict > 0 else "taken_away"

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that is needed to go on exactly."""
        stands = [(serial, *astuple(stand)) for serial, stand in self._stands.items()]
        lost = [(since, *astuple(stand)) for stand, since in self._lost.items()]
        begun = np.nan if self._begun is None else self._begun
        tables = {"stands": stands, "lost": lost, "begun": begun}
        return {name: np.array(table, np.float64) for name, table in tables.items()} | {"things": self._things.array()}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take over what `arrays` returned."""
        self._begun = None if np.isnan(arrays["begun"]) else float(arrays["begun"])
        self._stands = {int(serial): _restored(row) for serial, *row in arrays["stands"].tolist()}
        self._lost = {_restored(row): since for since, *row in arrays["lost"].tolist()}
        self._things.restore(arrays["things"])


def _restored(row: list[float]) -> _Stand:
    x, y, since, told, next_look = row
    return _Stand(x, y, since, bool(told), next_look)
