"""The per-pixel mixture in plain Python, one pixel at a time: what the kernels of gmmtrack.background must equal.

The algorithm is that of Zivkovic (ICPR 2004, eqs. 3-12), with the choices of OpenCV's MOG2 where the paper leaves them
open, and the shadow test of Prati et al. (PAMI 2003). Everything is float64.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

BACKGROUND, SHADOW, FOREGROUND = 0, 127, 255


@dataclass(frozen=True, kw_only=True)
class Rules:
    """gate2 and match_gate2 [squared standard deviations], variances [levels²], the rest shares."""

    prune: float = 0.05
    gate2: float = 16.0
    match_gate2: float = 9.0
    share: float = 0.9
    lowest_variance: float = 4.0
    highest_variance: float = 75.0
    initial_variance: float = 15.0
    darkest_shadow: float = 0.5
    rare: float = 0.0


@dataclass
class Component:
    """One Gaussian of a pixel: its weight, its mean (C,) [levels], one variance for all channels [levels²]."""

    weight: float
    mean: NDArray[np.float64]
    variance: float


@dataclass
class Pixel:
    """The mixture of one pixel, heaviest component first; `doubt`: how near its last frame came to going otherwise.

    distance2: of its last frame to the nearest background component, of those up to the first that matched [variances]
    share: of its background components, if it is not that of the rules
    """

    n_components: int
    rules: Rules
    components: list[Component] = field(default_factory=list)
    doubt: float = np.inf
    distance2: float = np.inf
    share: float | None = None
    matched_heaviest: bool = False

    def see(self, color: NDArray[np.float64], rate: float) -> int:
        """Learn one color at a rate, and return its label."""
        self.doubt = np.inf
        if rate == 1:
            self.components = []
        is_background, explained = self._match(color, rate)
        self._normalise(rate)
        if not explained and rate > 0:
            self._add(color, rate)
        if is_background:
            return BACKGROUND
        return SHADOW if self.rules.darkest_shadow < 1 and self._is_shadow(color) else FOREGROUND

    def _match(self, color: NDArray[np.float64], rate: float) -> tuple[bool, bool]:
        """Let the first component that is near take the color; all others fade, and the faintest are dropped."""
        is_background = explained = self.matched_heaviest = False
        self.distance2 = np.inf
        share = self.rules.share if self.share is None else self.share
        total, kept = 0.0, []
        for k, component in enumerate(self.components):
            weight = (1 - rate) * component.weight - rate * self.rules.prune
            if not explained:
                distance2 = float(np.sum((color - component.mean) ** 2))
                is_common = self._below(total, self.rules.share) or not self._below(component.weight, self.rules.rare)
                if self._below(total, share) and is_common:
                    self.distance2 = min(self.distance2, distance2 / component.variance)
                    if self._below(distance2, self.rules.gate2, component.variance):
                        is_background = True
                if self._below(distance2, self.rules.match_gate2, component.variance):
                    explained, self.matched_heaviest = True, k == 0
                    weight += rate
                    self._learn(component, color, distance2, rate / weight)
            if rate > 0 and self._below(weight, rate * self.rules.prune):
                continue
            component.weight = weight
            total += weight
            kept.append(component)
        self.components = kept
        self._sort()
        return is_background, explained

    def _learn(self, component: Component, color: NDArray[np.float64], distance2: float, gain: float) -> None:
        component.mean = component.mean + gain * (color - component.mean)
        if gain > 0:
            variance = component.variance + gain * (distance2 - component.variance)
            component.variance = min(max(variance, self.rules.lowest_variance), self.rules.highest_variance)

    def _normalise(self, rate: float) -> None:
        total = sum(component.weight for component in self.components)
        for component in self.components:
            component.weight /= total if rate > 0 else 1.0

    def _add(self, color: NDArray[np.float64], rate: float) -> None:
        """Start a component here, in place of the lightest if there is no room."""
        self.components = self.components[: self.n_components - 1]
        for component in self.components:
            component.weight *= 1 - rate
        weight = rate if self.components else 1.0
        self.components.append(Component(weight, color, self.rules.initial_variance))
        self._sort()

    def _is_shadow(self, color: NDArray[np.float64]) -> bool:
        """Return whether the color is a component of the background, darkened."""
        share, total = self.rules.share if self.share is None else self.share, 0.0
        if share > self.rules.share:  # it sways: its colours are many, and prove no shadow
            return False
        for component in self.components:
            along, across = float(color @ component.mean), float(component.mean @ component.mean)
            if (
                across > 0
                and not self._below(across, along)
                and not self._below(along, self.rules.darkest_shadow, across)
            ):
                ratio = along / across
                distance2 = float(np.sum((ratio * component.mean - color) ** 2))
                if self._below(distance2, self.rules.gate2 * ratio**2, component.variance):
                    return True
            total += component.weight
            if self._below(share, total):
                return False
        return False

    def _sort(self) -> None:
        """Put the heaviest first; of equals, the one that was there first."""
        self.components.sort(key=lambda component: -component.weight)
        for heavier, lighter in zip(self.components, self.components[1:], strict=False):
            self._below(lighter.weight, heavier.weight)

    def _below(self, value: float, limit: float, unit: float = 1.0) -> bool:
        """Return whether value < limit * unit, and note how near the two are."""
        bound = limit * unit
        self.doubt = min(self.doubt, abs(value - bound) / max(abs(bound), 1e-12))
        return value < bound


@dataclass
class UnrestPixel:
    """How restless a pixel is; the numbers are those of gmmtrack.background.unrest.kernels, in the same order.

    mark: 0 quiet, 1 noise, 2 open, 3 trusted, 4 moving · left: whether the last frame left the heaviest component
    """

    noise: float
    flicker: float
    mark: int
    left: bool
    numbers: tuple[float, ...]
    doubt: float = np.inf

    def rate(self, rate: float) -> float:
        """Return the pixel's own learning rate."""
        _, hold, haste, *_ = self.numbers
        return {1: haste, 3: hold, 4: hold}.get(self.mark, rate)

    def share(self, heaviest: float, share: float) -> float:
        """Count the last frame's noise, and return the share of the background components."""
        memory_rate, _, _, _, fewest, calm_share, restless_share, quiet_until, loud_from = self.numbers
        if self.mark in (0, 1):
            self.noise += memory_rate * (self.mark - self.noise)
        if self.mark == 4:
            return calm_share
        limit = max(2 * heaviest * (1 - heaviest), fewest)
        self.doubt = abs(self.flicker - limit)
        calm = share if self.flicker > limit else calm_share
        loudness = min(max((self.noise - quiet_until) / (loud_from - quiet_until), 0.0), 1.0)
        return calm + loudness * max(restless_share - calm, 0.0)

    def count(self, left: bool, rate: float) -> None:
        """Count a change, after a frame of which this rate counts."""
        worth = self.numbers[3]
        if rate == 1:
            self.flicker, self.left = 0.0, False
        elif rate > 0:
            self.flicker += rate * (worth * (left != self.left) - self.flicker)
            self.left = left


def measure(labels, n_labels):
    """Return sums (R, 6) of n, x, y, xx, xy, yy and boxes (R, 4) of regions; row 0 stands for none."""
    sums, boxes = np.zeros((n_labels, 6), np.int64), np.zeros((n_labels, 4), np.int64)
    for r in range(1, n_labels):
        y, x = np.nonzero(labels == r)
        sums[r] = len(x), x.sum(), y.sum(), (x * x).sum(), (x * y).sum(), (y * y).sum()
        if len(x):
            boxes[r] = x.min(), y.min(), x.max() + 1, y.max() + 1
    return sums, boxes
