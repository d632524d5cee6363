"""PixelMixtures: what has been learned of every pixel, and the step that takes one frame more."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background import kernels
from gmmtrack.background.lulls.lulls import Lull
from gmmtrack.background.settings import BackgroundSettings
from gmmtrack.background.tiles import TILE, n_tiles_of
from gmmtrack.errors import ArgumentError
from gmmtrack.threads import Threads

Rules = tuple[np.float32, ...]

MIXTURES = ("weights", "gaussians", "depths", "decays")
RANGES = ("lows", "highs")
NONE_HELD = np.zeros(0, np.uint8)
_BAND = 2 * TILE  # rows: whole tiles, whatever the width
_NOISIEST = 1.5  # times the noise of the scene, a component may have at least
_SMALLEST_SHARE = 1024  # tiles; fewer do not pay for waking a thread


class Extras(NamedTuple):
    """What an update may be given, or asked for, besides the frame: see `kernels.update`."""

    light: NDArray[np.float32] | None = None
    unrest: tuple[Any, ...] | None = None
    lull: Lull | None = None
    distances: NDArray[np.float32] | None = None


NO_EXTRAS = Extras()


def pack_rules(
    *,
    prune: float,
    gate2: float,
    match_gate2: float,
    share: float,
    lowest_variance: float,
    highest_variance: float,
    initial_variance: float,
    darkest_shadow: float,
    shadow_variance: float = 1e30,
    rare: float = 0.0,
    tint: float = 0.0,
) -> Rules:
    """Return what the kernel needs to decide, in its own order; a `darkest_shadow` of 1 looks for none."""
    values = (
        prune,
        gate2,
        match_gate2,
        share,
        lowest_variance,
        highest_variance,
        initial_variance,
        darkest_shadow,
        shadow_variance,
        rare,
        tint,
    )
    return tuple(np.float32(value) for value in values)


def rules_of(settings: BackgroundSettings, noise: float, darkest_shadow: float) -> Rules:
    """Return the rules that settings stand for in a scene of some noise [levels].

    darkest_shadow: the least share of its light that a shaded pixel keeps, see `darkest_in`
    """
    highest = max(settings.highest_sigma, _NOISIEST * noise)
    return pack_rules(
        prune=settings.prune,
        gate2=settings.gate**2,
        match_gate2=settings.match_gate**2,
        share=settings.background_share,
        lowest_variance=settings.lowest_sigma**2,
        highest_variance=highest**2,
        initial_variance=settings.initial_sigma**2,
        darkest_shadow=darkest_shadow if settings.shadows else 1.0,
        shadow_variance=settings.shadow_sigma**2,
        rare=settings.rare,
        tint=settings.shadow_tint,
    )


class PixelMixtures:
    """The mixtures of all pixels of frames of one shape, in the tiles of `kernels`.

    shape: (H, W, C) of the frames · n_components: K, a pixel at most
    weights, gaussians, depths, decays: see `kernels`
    lows, highs: see `lulls.kernels`; empty until they are needed
    """

    def __init__(self, shape: tuple[int, int, int], n_components: int) -> None:
        n_tiles, n_channels = n_tiles_of(shape[:2]), shape[2]
        self.shape, self.n_components = shape, n_components
        self.weights = np.zeros(n_components * n_tiles * TILE, np.float32)
        self.gaussians = np.zeros(self.weights.size * (1 + n_channels), np.float32)
        self.depths = np.zeros(n_tiles, np.uint8)
        self.decays = np.ones(n_tiles, np.float32)
        self.lows = self.highs = np.zeros(0, np.uint8)

    def update(
        self,
        image: NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32],
        held: NDArray[np.uint8],
        rate: float,
        rules: Rules,
        mask: NDArray[np.uint8],
        threads: Threads,
        extras: Extras = NO_EXTRAS,
    ) -> None:
        """Classify the pixels of one frame into `mask` (H, W), and learn those that are not held.

        image (H, W) or (H, W, C) · held (H * W,), nonzero where nothing may be learned, or `NONE_HELD`
        rate: share of this frame in the mixtures [0-1]; 1 forgets what was there
        """
        if rate >= 1:
            self._forget(held, rules)
        mask[:] = 0
        n_channels, labels = self.shape[2], mask.reshape(-1)
        lulls = self._lulls(extras.lull, image.dtype)
        rates = np.float32(rate), np.float32(rate * extras.lull.every if extras.lull else rate)
        options = extras.light, extras.unrest, lulls, extras.distances

        def learn(pixels: NDArray[Any], first: int, last: int) -> None:
            part = slice(first * TILE, last * TILE)
            self._update_tiles(pixels, held[part], rates, rules, labels[part], first, options)

        if image.flags.c_contiguous:
            pixels, size = image.reshape(-1), TILE * n_channels
            threads.run(
                lambda first, last: learn(pixels[first * size : last * size], first, last),
                len(self.depths),
                _SMALLEST_SHARE,
            )
            return
        tiles_per_band = self.shape[1] * _BAND // TILE
        rows, channels = image.reshape(self.shape), (0,) * n_channels  # a view, whatever the strides

        def learn_bands(first: int, last: int) -> None:
            buffer = np.empty(_BAND * self.shape[1] * n_channels, image.dtype)
            for band in range(first, last):  # as many rows as stay in the cache
                part = rows[band * _BAND : (band + 1) * _BAND]
                kernels.flatten(channels, part, buffer)
                learn(buffer[: part.size], band * tiles_per_band, (band + 1) * tiles_per_band)

        threads.run(learn_bands, -(-self.shape[0] // _BAND))

    def _update_tiles(
        self,
        pixels: NDArray[Any],
        held: NDArray[np.uint8],
        rates: tuple[np.float32, np.float32],
        rules: Rules,
        labels: NDArray[np.uint8],
        first: int,
        options: tuple[Any, ...],
    ) -> None:
        """Classify pixels (n * C,) into labels (n,), and learn them, from tile `first` on; held (n,) or (0,)."""
        n_channels, n_tiles = self.shape[2], len(labels) // TILE
        n = n_tiles * TILE
        x = np.empty(2 * n_channels * TILE, np.float32)
        waiting = np.empty(kernels.BLOCK + 1, np.int32)
        channels, part, done = (0,) * n_channels, pixels[: n * n_channels], labels[:n]
        memory, last = (x, waiting), first + n_tiles
        kernels.update(channels, part, done, held[:n], *memory, self._model(), options, first, last, *rates, rules)
        if n < len(labels):  # the last tile is filled up with black
            rest = np.zeros(TILE, np.uint8)
            pixels_left = _filled(pixels[n * n_channels :], TILE * n_channels)
            held_left = _filled(held[n:], TILE) if held.size else held
            self._update_tiles(pixels_left, held_left, rates, rules, rest, last, options)
            labels[n:] = rest[: len(labels) - n]

    def _lulls(self, lull: Lull | None, dtype: np.dtype[Any]) -> tuple[Any, ...] | None:
        """Return what the kernel takes for a frame of some type; see `lulls.kernels`."""
        if lull is None:
            return None
        if dtype == np.uint8 and not self.lows.size:
            n = len(self.depths) * TILE * self.shape[2]
            self.lows, self.highs = np.empty((2, n), np.uint8)
            self._forget_ranges()
        return self.lows, self.highs, *lull

    def _forget_ranges(self) -> None:
        """Let no pixel be within its range, for the components have changed."""
        self.lows[:], self.highs[:] = 255, 0

    def settle(self, prune: float, least: float = 0.0) -> None:
        """Bring all weights up to date, and drop those below `least`; prune: that of the frames since they were."""
        kernels.settle(self._model(), np.float32(prune), np.float32(least))

    def _model(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], int]:
        return self.weights, self.gaussians, self.depths, self.decays, self.n_components

    def resize(self, n_components: int, prune: float) -> None:
        """Make room for `n_components` a pixel; of those that no longer fit, the lightest go; prune: see `settle`."""
        self.settle(prune)
        other = PixelMixtures(self.shape, n_components)
        for k in range(min(n_components, self.n_components)):
            other.planes(other.weights, k)[:] = self.planes(self.weights, k)
            other.planes(other.gaussians, k)[:] = self.planes(self.gaussians, k)
        self.weights, self.gaussians, self.n_components = other.weights, other.gaussians, n_components
        np.minimum(self.depths, n_components, out=self.depths)
        self._forget_ranges()

    def heaviest(self) -> NDArray[np.float32]:
        """Return the mean of each pixel's heaviest component, (H, W, C) [levels]."""
        return self._frame(self.planes(self.gaussians, 0)[:, 1:])

    def variances(self) -> NDArray[np.float32]:
        """Return the variance of each pixel's heaviest component, (H, W) [levels²]."""
        return self._frame(self.planes(self.gaussians, 0)[:, :1])[:, :, 0]

    def grey(self) -> NDArray[np.float32]:
        """Return the mean over the channels of each pixel's heaviest component, (H, W) [levels]."""
        height, width, n_channels = self.shape
        levels = np.empty(len(self.depths) * TILE, np.float32)
        kernels.grey((0,) * n_channels, self.gaussians, levels)
        return levels[: height * width].reshape(height, width)

    def components(self, prune: float) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Return weights (H, W, K), means (H, W, K, C) [levels], variances (H, W, K) [levels²]; prune: see `settle`."""
        settled = self._settled(prune)
        ks = range(self.n_components)
        gaussians = [self.planes(self.gaussians, k) for k in ks]
        weights = [self._frame(self.planes(settled.weights, k))[..., 0] for k in ks]
        means = [self._frame(plane[:, 1:]) for plane in gaussians]
        variances = [self._frame(plane[:, :1])[..., 0] for plane in gaussians]
        return np.stack(weights, axis=2), np.stack(means, axis=2), np.stack(variances, axis=2)

    def frozen(self) -> PixelMixtures:
        """Return mixtures to look at frames with, at a rate of 0, which settles weights; the Gaussians are shared."""
        frozen = copy.copy(self)
        frozen.weights, frozen.depths, frozen.decays = self.weights.copy(), self.depths.copy(), self.decays.copy()
        return frozen

    def _settled(self, prune: float) -> PixelMixtures:
        """Return these mixtures with all weights up to date; the Gaussians are shared."""
        settled = self.frozen()
        settled.settle(prune)
        return settled

    def levels_at(self, pixels: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the means of the heaviest components of some pixels, counted row by row [levels].

        They lie in tiles, as they do here: (N * C,), N of whole tiles.
        """
        channels = (0,) * self.shape[2]
        levels = np.empty(len(pixels) * len(channels), np.float32)
        kernels.means_at(channels, self.gaussians, pixels, levels)
        return levels

    def relight(self, gains: NDArray[np.float32], offsets: NDArray[np.float32]) -> None:
        """Bring all components to the light where gain * frame + offset [levels] is their own, (C,) each."""
        for k in range(self.n_components):
            gaussians = self.planes(self.gaussians, k)
            gaussians[:, 0] /= np.float32(np.mean(gains) ** 2)
            gaussians[:, 1:] = (gaussians[:, 1:] - offsets[:, None]) / gains[:, None]
        self._forget_ranges()

    def blend(self, share: float, prune: float) -> NDArray[np.float32]:
        """Return the weighted mean of the heaviest components that hold `share` of each pixel, (H, W, C) [levels].

        prune: see `settle`
        """
        settled = self._settled(prune)
        total = np.zeros((len(self.depths), 1, TILE), np.float32)
        mean = np.zeros((len(self.depths), self.shape[2], TILE), np.float32)
        for k in range(self.n_components):
            counted = np.where(total <= share, self.planes(settled.weights, k), np.float32(0))
            mean += counted * self.planes(self.gaussians, k)[:, 1:]
            total += counted
        mean /= np.maximum(total, np.finfo(np.float32).tiny)
        return self._frame(mean)

    def planes(self, values: NDArray[np.float32], k: int) -> NDArray[np.float32]:
        """Return a view of what is of component k in `weights` (T, 1, TILE) or `gaussians` (T, 1 + C, TILE)."""
        n_tiles = len(self.depths)
        heaviest, others = np.split(values, [values.size // self.n_components])
        if k == 0:
            return heaviest.reshape(n_tiles, -1, TILE)
        by_tile: NDArray[np.float32] = others.reshape(n_tiles, self.n_components - 1, -1, TILE)
        return by_tile[:, k - 1]

    def _frame(self, tiles: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (T, N, TILE) as an image (H, W, N)."""
        height, width, _ = self.shape
        pixels = tiles.transpose(0, 2, 1).reshape(-1, tiles.shape[1])
        return pixels[: height * width].reshape(height, width, -1)

    def _forget(self, held: NDArray[np.uint8], rules: Rules) -> None:
        """Drop every component of the pixels that are not held."""
        self._forget_ranges()
        if not held.size:
            self.weights[:] = 0
            self.depths[:] = 0
            self.decays[:] = 1
            return
        self.settle(float(rules[0]))
        is_free = (_filled(held, len(self.depths) * TILE) == 0).reshape(-1, 1, TILE)
        for k in range(self.n_components):
            np.copyto(self.planes(self.weights, k), 0, where=is_free)
        np.copyto(self.planes(self.gaussians, 0), 0, where=is_free)


def restored(shape: tuple[int, int, int], arrays: dict[str, NDArray[Any]]) -> PixelMixtures:
    """Return the mixtures that these arrays hold; an ArgumentError where they do not fit one another.

    arrays: those of `MIXTURES`, and of `RANGES` where they go on from some
    """
    n_tiles = n_tiles_of(shape[:2])
    mixtures = PixelMixtures(shape, max(1, arrays["weights"].size // (n_tiles * TILE)))
    wanted = {name: getattr(mixtures, name) for name in MIXTURES}
    if any(arrays[name].size for name in RANGES if name in arrays):
        wanted |= dict.fromkeys(RANGES, np.zeros(n_tiles * TILE * shape[2], np.uint8))
    for name, array in wanted.items():
        try:
            setattr(mixtures, name, fitting(array, arrays[name]))
        except ArgumentError as error:
            raise ArgumentError(f"{name} {error} for frames {shape}") from None
    if mixtures.depths.size and mixtures.depths.max() > mixtures.n_components:
        raise ArgumentError(f"depths must be <= {mixtures.n_components}, got {mixtures.depths.max()}")
    return mixtures


def fitting(wanted: NDArray[Any], array: NDArray[Any]) -> NDArray[Any]:
    """Return an array that must be of the shape and type of another."""
    if array.shape != wanted.shape or array.dtype != wanted.dtype:
        raise ArgumentError(f"must be {wanted.shape} {wanted.dtype}, got {array.shape} {array.dtype}")
    return np.ascontiguousarray(array)


def _filled(values: NDArray[Any], n: int) -> NDArray[Any]:
    """Return values with zeros after them, n in all."""
    filled = np.zeros(n, values.dtype)
    filled[: len(values)] = values
    return filled
