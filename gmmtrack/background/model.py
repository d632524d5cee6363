"""BackgroundModel: one Gaussian mixture a pixel, learned frame by frame."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterable, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background import arguments, storage
from gmmtrack.background.camera import Camera, View
from gmmtrack.background.explanation import Explanation, PixelComponents, explanation
from gmmtrack.background.levels import as_dtype, count_of_a_level, excess_of_noise
from gmmtrack.background.lulls.lulls import Lull, frames_of_a_lull
from gmmtrack.background.masks.cleanup import cleaned, lay
from gmmtrack.background.masks.runs import Runs
from gmmtrack.background.settings import BackgroundSettings, preset_settings
from gmmtrack.background.shadows.darkness import Darkness, darkest_in
from gmmtrack.background.state import NONE_HELD, Extras, PixelMixtures, rules_of
from gmmtrack.background.tiles import TILE
from gmmtrack.background.unrest.unrest import Unrest
from gmmtrack.errors import ArgumentError
from gmmtrack.frames.frame import Frame
from gmmtrack.threads import Threads, available_threads

_NOMINAL_INTERVAL = 0.04  # [s] between frames whose times are not told
_PRIMING_INTERVAL = 2.0  # [s] the same, where they are drawn from all over a clip


class BackgroundModel:
    """One Gaussian mixture a pixel, learned frame by frame; it tells foreground from background.

    A model may be used from several threads; each call waits for the one before.

    Parameters
    ----------
    preset : {"robust", "tracking", "mog2"}
        `robust`, the default, makes the best masks. `tracking` leaves more shade between bodies, by which they are told
        apart. `mog2` decides as OpenCV's BackgroundSubtractorMOG2 does.
    n_threads : int, optional
        How many threads work on a frame; as many as there are processors unless told. The result does not depend on it.
    **settings
        Any field of `BackgroundSettings`.

    References
    ----------
    Zivkovic, Improved adaptive Gaussian mixture model for background subtraction, ICPR 2004.
    Stauffer and Grimson, Adaptive background mixture models for real-time tracking, CVPR 1999.

    Examples
    --------
    >>> import numpy as np
    >>> model = BackgroundModel()
    >>> street = np.full((48, 64, 3), 120, np.uint8)
    >>> for _ in range(20):
    ...     mask = model.apply(street)
    >>> street[10:30, 20:40] = 255
    >>> int((model.apply(street) == 255).sum())
    388
    """

    def __init__(self, preset: str = "robust", *, n_threads: int | None = None, **settings: Any) -> None:
        self.settings: BackgroundSettings = preset_settings(preset, settings)
        self._threads = Threads(arguments.checked_threads(n_threads) or available_threads())
        self._lock = threading.Lock()
        self.reset()

    @classmethod
    def of(cls, settings: BackgroundSettings, *, n_threads: int | None = None) -> BackgroundModel:
        """Return a model with these settings."""
        model = cls(n_threads=n_threads)
        model.settings = settings
        return model

    def reset(self) -> None:
        """Forget everything learned, and the size of the frames."""
        with self._lock:
            self._mixtures: PixelMixtures | None = None
            self._camera: Camera | None = None
            self._unrest: Unrest | None = None
            self._darkness = Darkness()
            self._scene_changed = False
            self._regions: Runs | None = None
            self._dtype, self._count = np.dtype(np.uint8), 1.0
            self._n_frames = 0
            self._time: float | None = None

    def apply(
        self,
        image: NDArray[Any],
        *,
        learning_rate: float | None = None,
        update_mask: NDArray[Any] | None = None,
        roi: NDArray[Any] | Sequence[tuple[float, float]] | None = None,
        time: float | None = None,
        out: NDArray[np.uint8] | None = None,
    ) -> NDArray[np.uint8]:
        """Return the mask of one frame, and learn from it.

        Parameters
        ----------
        image : (H, W) or (H, W, C) uint8, uint16, float32 or float64
            1 to 4 channels; every frame of the same shape and type. Where it is not uint8, one level is 1/255 of the
            first frame's range, unless `level` is set.
        learning_rate : float, optional
            The share of this frame in the mixture, 0 to 1: 0 learns nothing, 1 forgets all else. By default it follows
            from `history` and the time since the last frame, and is 1/2, 1/4, 1/6 ... over the first frames.
        update_mask : (H, W) bool or uint8, optional
            Pixels that are not 0 are classified, but not learned.
        roi : (H, W) bool or uint8, or a polygon of (x, y) points [pixels], optional
            Pixels outside are background, and not learned.
        time : float, optional
            When the frame was taken [s]; 0.04 s after the last one unless told.
        out : (H, W) uint8, optional
            Where to write the mask; a new array unless given.

        Returns
        -------
        mask : (H, W) uint8
            0 background, 127 shadow, 255 foreground.

        Raises
        ------
        ArgumentError
            For an argument of the wrong shape, type or range; the model is then unchanged.
        """
        with self._lock:
            shape = arguments.checked_frame(image, self._kind)
            inside = arguments.checked_region(roi, shape[:2])
            held = arguments.checked_held(update_mask, inside, shape[:2])
            given = arguments.checked_time(time, self._time)
            interval = _NOMINAL_INTERVAL if given is None or self._time is None else given - self._time
            given_rate = arguments.checked_rate(learning_rate)
            mask = arguments.checked_output(out, shape[:2], image, update_mask, roi)
            pixels = self._begin(image, shape)
            forgets = given_rate == 1 and not held.size
            view = self._look(pixels, interval, is_free=given_rate is None, is_known=not forgets)
            rate = self._rate(view, interval) if given_rate is None else given_rate
            self._learn(view, pixels, held, rate, interval, mask)
            self._time = (self._time or 0.0) + interval if given is None else given
            self._finish(view, mask, inside, interval, learns=rate > 0)
            return mask

    def prime(
        self, images: Iterable[NDArray[np.uint8] | Frame], update_masks: Iterable[NDArray[np.uint8]] | None = None
    ) -> None:
        """Learn from frames taken anywhere in the clip, in any order, each with the same weight.

        A primed model knows the whole clip's background at its first frame, so nothing has to burn in, and what leaves
        later leaves no ghost. A few dozen frames spread over the clip are enough.

        update_masks: for each frame (h, w) uint8, of any size, of which pixels that are not 0 are not learned
        """
        try:
            items = iter(images)
        except TypeError:
            raise ArgumentError(f"images must be an iterable of frames, got {type(images).__name__}") from None
        mask, last = None, None
        for item, held in zip(items, repeat(NONE_HELD) if update_masks is None else update_masks, strict=False):
            image, time = (item.image, item.time) if isinstance(item, Frame) else (item, None)
            interval = _PRIMING_INTERVAL if time is None or last is None else abs(time - last)
            last = time
            with self._lock:
                shape = arguments.checked_frame(image, self._kind)
                mask = np.empty(shape[:2], np.uint8) if mask is None else mask
                pixels = self._begin(image, shape)
                view = self._look(pixels, interval, is_free=False, is_known=True)
                self._learn(view, pixels, arguments.scaled(held, shape[:2]), 1 / (self._n_frames + 1), interval, mask)
                if self._unrest is not None:
                    self._unrest.remember()

    @property
    def background(self) -> NDArray[Any]:
        """(H, W, C) or (H, W) of the frames' dtype, the most probable background: each pixel's heaviest component."""
        with self._lock:
            image = as_dtype(self._learned().heaviest(), self._count, self._dtype)
            return image[:, :, 0] if image.shape[2] == 1 else image

    def usual(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the mean (H, W, C) and variance (H, W) of each pixel's heaviest component, in counts of the frames."""
        with self._lock:
            mixtures, count = self._learned(), np.float32(self._count)
            return mixtures.heaviest() * count, mixtures.variances() * count**2

    def explain(self, image: NDArray[Any]) -> Explanation:
        """Return how a frame compares with the background, pixel by pixel; nothing is learned from it.

        Raises
        ------
        ArgumentError
            For a frame of another kind than those before, or if there were none.
        """
        with self._lock:
            mixtures = self._learned().frozen()
            camera, unrest = copy.deepcopy(self._camera), copy.deepcopy(self._unrest)
            shape = arguments.checked_frame(image, self._kind)
            pixels = arguments.as_pixels(image, shape)
            view = self._view(camera, pixels, 0.0)
            labels = np.empty(shape[:2], np.uint8)
            distances = np.full(mixtures.depths.size * TILE, np.inf, np.float32)
            extras = self._extras(view, unrest, 0.0, 0.0)._replace(lull=None, distances=distances)
            rules = rules_of(self.settings, view.noise, darkest_in(pixels, self._count, self.settings))
            mixtures.update(view.steadied(pixels), NONE_HELD, 0.0, rules, labels, self._threads, extras)
            distance2 = view.returned(distances[: labels.size].reshape(labels.shape))
            return explanation(view.returned(labels), distance2, self.settings.gate)

    @property
    def components(self) -> PixelComponents:
        """The mixture of every pixel, as arrays of its own."""
        with self._lock:
            weights, means, variances = self._learned().components(self.settings.prune)
            count = np.float32(self._count)
            return PixelComponents(weights=weights, means=means * count, variances=variances * count**2)

    @property
    def scene_changed(self) -> bool:
        """Whether most of the last frame differed from the background at once, so that it is being learned anew.

        A light switched on evenly is taken off and does not count; a camera that was turned does. The mask of such a
        frame is empty.
        """
        return self._scene_changed

    @property
    def boxes(self) -> NDArray[np.int64] | None:
        """(N, 4) boxes [pixels] that hold all foreground of the last mask, if they are known without looking for it."""
        return None if self._regions is None else self._regions.boxes[1:].copy()

    def parts(self) -> dict[str, NDArray[Any]]:
        """Return all that the model needs to go on exactly as named arrays."""
        with self._lock:
            return storage.parts_of(self._snapshot())

    @classmethod
    def of_parts(cls, parts: dict[str, NDArray[Any]], *, n_threads: int | None = None) -> BackgroundModel:
        """Return the model that `parts` gave."""
        model = cls(n_threads=n_threads)
        model._restore(storage.snapshot_of(parts))
        return model

    def save(self, path: str | Path) -> None:
        """Write the model to a .npz file; `load` goes on exactly where it was."""
        with self._lock:
            storage.write(path, self._snapshot())

    @classmethod
    def load(cls, path: str | Path, *, n_threads: int | None = None) -> BackgroundModel:
        """Return the model that `save` wrote."""
        model = cls(n_threads=n_threads)
        model._restore(storage.read(path))
        return model

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            return {"snapshot": copy.deepcopy(self._snapshot()), "n_threads": self._threads.n_threads}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._threads = Threads(state["n_threads"])
        self._lock = threading.Lock()
        self._restore(state["snapshot"])

    def _learned(self) -> PixelMixtures:
        """Return the mixtures, if anything was learned."""
        if self._mixtures is None or self._n_frames == 0:
            raise ArgumentError("background must be learned first; call apply or prime")
        return self._mixtures

    def _snapshot(self) -> storage.Snapshot:
        return storage.Snapshot(
            settings=self.settings,
            n_frames=self._n_frames,
            time=self._time,
            mixtures=self._mixtures,
            dtype=self._dtype.name,
            count=self._count,
            camera=self._camera,
            unrest=self._unrest,
            darkness=self._darkness,
            changed=self._scene_changed,
        )

    def _restore(self, snapshot: storage.Snapshot) -> None:
        self.settings, self._mixtures = snapshot.settings, snapshot.mixtures
        self._n_frames, self._time = snapshot.n_frames, snapshot.time
        self._dtype, self._count = np.dtype(snapshot.dtype), snapshot.count
        self._camera, self._scene_changed = snapshot.camera, snapshot.changed
        self._unrest, self._darkness, self._regions = snapshot.unrest, snapshot.darkness, None

    @property
    def _kind(self) -> tuple[tuple[int, int, int], np.dtype[Any]] | None:
        return None if self._mixtures is None else (self._mixtures.shape, self._dtype)

    def _rate(self, view: View, interval: float) -> float:
        """Return the share of a frame in the mixture, `interval` [s] after the last one; of another scene it is all."""
        return 1.0 if view.changed else min(1.0, max(interval / self.settings.history, 0.5 / (self._n_frames + 1)))

    def _begin(self, image: NDArray[Any], shape: tuple[int, int, int]) -> NDArray[Any]:
        """Return a frame as the kernels take it, (H, W, C); the first one tells what the others will be."""
        pixels = arguments.as_pixels(image, shape)
        if self._mixtures is None:
            self._start(image.dtype, self.settings.level or count_of_a_level(image), shape)
        elif self._n_frames == 1 and not self.settings.level and image.dtype != np.uint8:
            excess = excess_of_noise(self._mixtures.heaviest(), (pixels / self._count).astype(np.float32))
            if excess > 1:
                self._start(image.dtype, self._count * excess, shape)
        return pixels

    def _start(self, dtype: np.dtype[Any], count: float, shape: tuple[int, int, int]) -> None:
        """Begin to learn frames of a kind; count: of one level."""
        self._dtype, self._count = dtype, count
        self._mixtures = PixelMixtures(shape, self.settings.n_components)
        self._camera = Camera(shape, exposure=self.settings.exposure, shake=self.settings.shake)
        self._forget(self._mixtures)

    def _forget(self, mixtures: PixelMixtures) -> None:
        """Begin anew with the next frame; the mixtures themselves are forgotten at its rate, which is 1."""
        self._n_frames = 0
        self._unrest = Unrest(mixtures.shape[:2]) if self.settings.follows_unrest else None

    def _look(self, image: NDArray[Any], interval: float, *, is_free: bool, is_known: bool) -> View:
        """Return what the camera did in a frame; where all has changed at once, the background is learned anew.

        is_free: whether the model may choose its rate · is_known: what was learned is not about to be forgotten
        """
        view = self._view(self._camera, image, interval, is_known)
        self._scene_changed = view.changed
        if view.changed and is_free:
            self._n_frames = 0
        return view

    def _view(self, camera: Camera | None, image: NDArray[Any], interval: float, is_known: bool = True) -> View:
        assert camera is not None
        assert self._mixtures is not None
        return camera.look(image, self._mixtures, interval, 1 / self._count, is_known and self._n_frames > 0)

    def _learn(
        self,
        view: View,
        image: NDArray[Any],
        held: NDArray[np.uint8],
        rate: float,
        interval: float,
        mask: NDArray[np.uint8],
    ) -> None:
        """Write the raw mask of a frame, as it lies on the background, and learn from it."""
        assert self._mixtures is not None
        settings, mixtures = self.settings, self._mixtures
        held = view.withheld(held, mask.shape)
        if rate >= 1 and not held.size:
            self._forget(mixtures)
        every = frames_of_a_lull(settings.lull, rate, interval)
        extras = self._extras(view, self._unrest, rate, interval, every)
        steady = view.steadied(image)
        rules = rules_of(settings, view.noise, darkest_in(image, self._count, settings))
        mixtures.update(steady, held, rate, rules, mask, self._threads, extras)
        if settings.shadows and settings.amid < 1:
            self._darkness.sift(mask, steady, view.light, mixtures, settings, interval, learns=rate > 0)
        self._n_frames += rate > 0

    def _extras(self, view: View, unrest: Unrest | None, rate: float, interval: float, every: int = 1) -> Extras:
        """Return what the kernel needs besides the frame; every: how many frames calm pixels are learned once in."""
        state = None if unrest is None else unrest.state(self.settings, rate, interval, self._n_frames, every)
        assert self._mixtures is not None
        is_compared, n_channels = self.settings.lull > 0, self._mixtures.shape[2]
        lull = Lull.of(view.light, n_channels, every, self._n_frames) if is_compared else None
        return Extras(view.light, state, lull)

    def _finish(
        self,
        view: View,
        mask: NDArray[np.uint8],
        inside: NDArray[np.bool_] | None,
        interval: float,
        *,
        learns: bool,
    ) -> None:
        """Clean the mask and lay it on the frame; what is outside the region neither counts nor appears."""
        self._regions = None
        if view.changed and self._n_frames == 1:
            mask[:] = 0
            return
        outside = None if inside is None else np.logical_not(inside)
        if outside is not None:
            mask[view.aligned(outside.view(np.uint8)) != 0] = 0
        if self.settings.cleans_up:
            foreground, pieces, cast = cleaned(mask, self.settings)
            if self.settings.unrest and self._unrest is not None:
                held = cast if self.settings.hold_shadows else Runs.none()
                pieces = self._unrest.judge(mask, foreground, pieces, held, interval, learns=learns)
            lay(foreground, mask)
            self._regions = pieces
        if view.shift is not None:
            mask[:], self._regions = view.returned(mask), None
        if outside is not None:
            mask[outside] = 0
