"""PixelMixtures: what has been learned of every pixel, and the step that takes one frame more."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background import kernels
from gmmtrack.background.restlessness import Restlessness, planes_of
from gmmtrack.background.settings import BackgroundSettings
from gmmtrack.errors import ArgumentError
from gmmtrack.threads import Threads

Rules = tuple[np.float32, ...]

RESTLESSNESS = ("last_matched", "flicker", "shares")
NONE_HELD = np.zeros(0, np.uint8)
_SMALLEST_SHARE = 128  # tiles; fewer do not pay for waking a thread


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
    )
    return tuple(np.float32(value) for value in values)


def rules_of(settings: BackgroundSettings) -> Rules:
    """Return the rules that settings stand for."""
    return pack_rules(
        prune=settings.prune,
        gate2=settings.gate**2,
        match_gate2=settings.match_gate**2,
        share=settings.background_share,
        lowest_variance=settings.lowest_sigma**2,
        highest_variance=settings.highest_sigma**2,
        initial_variance=settings.initial_sigma**2,
        darkest_shadow=settings.darkest_shadow if settings.shadows else 1.0,
    )


class PixelMixtures:
    """The mixtures of all pixels of frames of one shape, in the tiles of `kernels`.

    shape: (H, W, C) of the frames · weights (K, T, TILE) · gaussians (K, T, (1 + C) * TILE) [levels², levels]
    depths (T,): components of the deepest pixel of each tile
    """

    def __init__(self, shape: tuple[int, int, int], n_components: int) -> None:
        height, width, n_channels = shape
        n_tiles = -(-height * width // kernels.TILE)
        self.shape = shape
        self.weights = np.zeros((n_components, n_tiles, kernels.TILE), np.float32)
        self.gaussians = np.zeros((n_components, n_tiles, (1 + n_channels) * kernels.TILE), np.float32)
        self.depths = np.zeros(n_tiles, np.uint8)
        self.restlessness: Restlessness | None = None

    def update(
        self,
        image: NDArray[np.uint8] | NDArray[np.float32],
        held: NDArray[np.uint8],
        rate: float,
        rules: Rules,
        mask: NDArray[np.uint8],
        threads: Threads,
    ) -> None:
        """Classify the pixels of one frame into `mask` (H, W), and learn those that are not held.

        image (H, W) or (H, W, C) · held (H * W,), nonzero where nothing may be learned, or `NONE_HELD`
        rate: share of this frame in the mixtures [0-1]; 1 forgets what was there
        """
        if rate >= 1:
            self._forget(held)
        channels = (0,) * self.shape[2]
        pixels, written = np.ascontiguousarray(image).reshape(-1), mask.reshape(-1)
        state = (self.weights, self.gaussians, self.depths, *planes_of(self.restlessness))

        def work(first: int, last: int) -> None:
            kernels.update(channels, pixels, held, written, *state, first, last, np.float32(rate), rules)

        threads.run(work, len(self.depths), _SMALLEST_SHARE)

    def watch(
        self,
        held: NDArray[np.uint8],
        rate: float,
        interval: float,
        settings: tuple[float, float, float],
        threads: Threads,
    ) -> None:
        """After an update: follow which pixels sway; see `Restlessness.watch`."""
        if self.restlessness is None:
            self.restlessness = Restlessness(self.depths.size * kernels.TILE, settings[1])
        self.restlessness.watch(self.weights[0].reshape(-1), held, rate, interval, settings, threads)

    def resize(self, n_components: int) -> None:
        """Make room for `n_components` a pixel; of those that no longer fit, the lightest go."""
        old = self.weights, self.gaussians
        kept = min(n_components, len(self.weights))
        self.weights = np.zeros((n_components, *old[0].shape[1:]), np.float32)
        self.gaussians = np.zeros((n_components, *old[1].shape[1:]), np.float32)
        self.weights[:kept], self.gaussians[:kept] = old[0][:kept], old[1][:kept]
        np.minimum(self.depths, n_components, out=self.depths)

    def heaviest(self) -> NDArray[np.float32]:
        """Return the mean of each pixel's heaviest component, (H, W, C) [levels]."""
        return self._frame(self._means(0))

    def blend(self, share: float) -> NDArray[np.float32]:
        """Return the weighted mean of the heaviest components that hold `share` of each pixel, (H, W, C) [levels]."""
        total = np.zeros(self.weights.shape[1:], np.float32)
        mean = np.zeros_like(self._means(0))
        for k, weight in enumerate(self.weights):
            counted = np.where(total <= share, weight, np.float32(0))
            mean += counted[:, None] * self._means(k)
            total += counted
        mean /= np.maximum(total, np.finfo(np.float32).tiny)[:, None]
        return self._frame(mean)

    def _means(self, k: int) -> NDArray[np.float32]:
        """Return the means of component k, (T, C, TILE)."""
        planes: NDArray[np.float32] = self.gaussians[k].reshape(len(self.depths), -1, kernels.TILE)
        return planes[:, 1:]

    def _frame(self, tiles: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (T, C, TILE) as an image (H, W, C)."""
        height, width, n_channels = self.shape
        pixels = tiles.transpose(0, 2, 1).reshape(-1, n_channels)
        return pixels[: height * width].reshape(self.shape)

    def _forget(self, held: NDArray[np.uint8]) -> None:
        """Drop every component of the pixels that are not held."""
        if not held.size:
            self.weights[:] = 0
            self.depths[:] = 0
            return
        self.weights.reshape(len(self.weights), -1)[:, np.flatnonzero(held == 0)] = 0


def restored(shape: tuple[int, int, int], arrays: dict[str, NDArray[Any]]) -> PixelMixtures:
    """Return the mixtures that these arrays hold; an ArgumentError where they do not fit one another.

    arrays: "weights", "gaussians", "depths" of `PixelMixtures`, and all or none of those of `Restlessness`
    """
    mixtures = PixelMixtures(shape, len(arrays["weights"]))
    _take_over(mixtures, ("weights", "gaussians", "depths"), arrays, shape)
    if "flicker" in arrays:
        mixtures.restlessness = Restlessness(mixtures.depths.size * kernels.TILE, 1.0)
        _take_over(mixtures.restlessness, RESTLESSNESS, arrays, shape)
    if mixtures.depths.size and mixtures.depths.max() > len(mixtures.weights):
        raise ArgumentError(f"depths must be <= {len(mixtures.weights)}, got {mixtures.depths.max()}")
    return mixtures


def _take_over(
    owner: object, names: tuple[str, ...], arrays: dict[str, NDArray[Any]], shape: tuple[int, int, int]
) -> None:
    """Set attributes of `owner` to arrays of the same shapes and types as those it has."""
    for name in names:
        array, wanted = arrays[name], getattr(owner, name)
        if array.shape != wanted.shape or array.dtype != wanted.dtype:
            raise ArgumentError(
                f"{name} must be {wanted.shape} {wanted.dtype} for frames {shape}, got {array.shape} {array.dtype}"
            )
        setattr(owner, name, np.ascontiguousarray(array))
