"""BackgroundModel: one Gaussian mixture a pixel, learned frame by frame."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.background import kernels
from gmmtrack.background.cleanup import clean
from gmmtrack.background.settings import BackgroundSettings, preset_settings
from gmmtrack.errors import ArgumentError
from gmmtrack.frames.frame import Frame
from gmmtrack.threads import Threads, available_threads

_NOMINAL_INTERVAL = 0.04  # [s] between frames whose times are not told
_FORMAT = 1
_NO_MASK = np.zeros(0, np.uint8)
_SMALLEST_SHARE = 128  # tiles; fewer do not pay for waking a thread


class BackgroundModel:
    """One Gaussian mixture a pixel, learned frame by frame; it tells foreground from background.

    Parameters
    ----------
    preset : {"robust", "mog2"}
        `robust`, the default, is for use. `mog2` decides as OpenCV's BackgroundSubtractorMOG2 does.
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
    396
    """

    def __init__(self, preset: str = "robust", *, n_threads: int | None = None, **settings: Any) -> None:
        if n_threads is not None and n_threads < 1:
            raise ArgumentError(f"n_threads must be >= 1, got {n_threads!r}")
        self.settings: BackgroundSettings = preset_settings(preset, settings)
        self._threads = Threads(n_threads or available_threads())
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
        self._shape: tuple[int, int, int] | None = None
        self._n_frames = 0
        self._time: float | None = None
        self._weights = np.zeros((0, 0, 0), np.float32)
        self._gaussians = np.zeros((0, 0, 0), np.float32)
        self._depths = np.zeros(0, np.uint8)

    def apply(
        self,
        image: NDArray[np.uint8],
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
        image : (H, W) or (H, W, C) uint8
            1 to 4 channels; every frame of the same shape.
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
            shape = self._checked_shape(image)
            inside = None if roi is None else region(roi, shape[:2])
            held = _held(update_mask, inside, shape[:2])
            interval = self._interval(time)
            rate = self._rate(learning_rate, interval)
            mask = _checked_output(out, shape[:2])
            self._update(image, shape, held, rate, mask)
            self._n_frames += rate > 0
            self._time = (self._time or 0.0) + interval if time is None else time
            if inside is not None:
                mask[~inside] = 0
            if self.settings.majority or self.settings.speck or self.settings.hole:
                clean(mask, self.settings)
            return mask

    def prime(self, images: Iterable[NDArray[np.uint8] | Frame]) -> None:
        """Learn from frames taken anywhere in the clip, in any order, each with the same weight.

        A primed model knows the whole clip's background at its first frame, so nothing has to burn in, and what leaves
        later leaves no ghost. A few dozen frames spread over the clip are enough.
        """
        before = self._time
        for image in images:
            self.apply(image.image if isinstance(image, Frame) else image, learning_rate=1 / (self._n_frames + 1))
        self._time = before

    @property
    def background(self) -> NDArray[np.uint8]:
        """(H, W, C) or (H, W) uint8, the most probable background: the mean of each pixel's heaviest component."""
        if self._shape is None:
            raise ArgumentError("background must be learned first; call apply or prime")
        height, width, n_channels = self._shape
        planes = self._gaussians[0].reshape(len(self._depths), 1 + n_channels, kernels.TILE)[:, 1:]
        pixels = planes.transpose(0, 2, 1).reshape(-1, n_channels)[: height * width]
        image = np.rint(pixels).astype(np.uint8).reshape(height, width, n_channels)
        return image[:, :, 0] if n_channels == 1 else image

    def save(self, path: str | Path) -> None:
        """Write the model to a .npz file; `load` goes on exactly where it was."""
        with self._lock, open(path, "wb") as file:
            np.savez(file, format=_FORMAT, **self._state())

    @classmethod
    def load(cls, path: str | Path) -> BackgroundModel:
        """Read a model that `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            if "format" not in file or int(file["format"]) != _FORMAT:
                raise ArgumentError(f"{path} must be a background model of format {_FORMAT}")
            model = cls()
            model._restore({name: file[name] for name in file.files if name != "format"})
        return model

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            return copy.deepcopy(self._state()) | {"n_threads": self._threads.n_threads}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._threads = Threads(state["n_threads"])
        self._lock = threading.Lock()
        self._restore(state)

    def _state(self) -> dict[str, Any]:
        names, values = zip(*asdict(self.settings).items(), strict=True)
        return {
            "setting_names": np.array(names),
            "setting_values": np.array(values, np.float64),
            "shape": np.array(self._shape or (), np.int64),
            "n_frames": self._n_frames,
            "time": np.nan if self._time is None else self._time,
            "weights": self._weights,
            "gaussians": self._gaussians,
            "depths": self._depths,
        }

    def _restore(self, state: dict[str, Any]) -> None:
        kinds = {name: type(value) for name, value in asdict(BackgroundSettings()).items()}
        named = zip(state["setting_names"].tolist(), state["setting_values"].tolist(), strict=True)
        self.settings = BackgroundSettings(**{name: kinds[name](value) for name, value in named})
        height_width_channels = tuple(int(n) for n in state["shape"])
        self._shape = height_width_channels if len(height_width_channels) == 3 else None
        self._n_frames = int(state["n_frames"])
        self._time = None if np.isnan(state["time"]) else float(state["time"])
        self._weights, self._gaussians, self._depths = state["weights"], state["gaussians"], state["depths"]

    def _checked_shape(self, image: NDArray[np.uint8]) -> tuple[int, int, int]:
        """Return (H, W, C) of a frame that this model can take."""
        if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim not in (2, 3) or image.size == 0:
            kind = f"{image.shape} {image.dtype}" if isinstance(image, np.ndarray) else type(image).__name__
            remedy = (
                "; scale to 0-255 and cast with .astype(np.uint8)"
                if isinstance(image, np.ndarray) and image.size
                else ""
            )
            raise ArgumentError(f"image must be (H, W) or (H, W, C) uint8, got {kind}{remedy}")
        height, width = image.shape[:2]
        n_channels = image.shape[2] if image.ndim == 3 else 1
        if n_channels > 4:
            raise ArgumentError(f"image must have 1 to 4 channels, got {n_channels}")
        if self._shape not in (None, (height, width, n_channels)):
            raise ArgumentError(
                f"image must be {self._shape} as the frames before, got {(height, width, n_channels)}; call reset() first"
            )
        return height, width, n_channels

    def _interval(self, time: float | None) -> float:
        """Return the seconds since the last frame."""
        if time is None or self._time is None:
            return _NOMINAL_INTERVAL
        if not time >= self._time:
            raise ArgumentError(f"time must be >= {self._time:g} s, that of the last frame, got {time!r}")
        return time - self._time

    def _rate(self, learning_rate: float | None, interval: float) -> float:
        """Return the share of this frame in the mixture."""
        if learning_rate is not None:
            if not 0 <= learning_rate <= 1:
                raise ArgumentError(f"learning_rate must be >= 0 and <= 1, got {learning_rate!r}")
            return float(learning_rate)
        return min(1.0, max(interval / self.settings.history, 0.5 / (self._n_frames + 1)))

    def _update(
        self,
        image: NDArray[np.uint8],
        shape: tuple[int, int, int],
        held: NDArray[np.uint8],
        rate: float,
        mask: NDArray[np.uint8],
    ) -> None:
        """Run the kernel over all tiles."""
        height, width, n_channels = shape
        if self._shape is None:
            self._allocate(shape)
        channels = (0,) * n_channels
        pixels = np.ascontiguousarray(image).reshape(-1)
        written = mask.reshape(-1)
        rules = pack_rules(self.settings)

        def work(first: int, last: int) -> None:
            kernels.update(
                channels,
                pixels,
                held,
                written,
                self._weights,
                self._gaussians,
                self._depths,
                first,
                last,
                np.float32(rate),
                rules,
            )

        self._threads.run(work, len(self._depths), _SMALLEST_SHARE)

    def _allocate(self, shape: tuple[int, int, int]) -> None:
        height, width, n_channels = shape
        n_tiles = -(-height * width // kernels.TILE)
        n_components = self.settings.n_components
        self._weights = np.zeros((n_components, n_tiles, kernels.TILE), np.float32)
        self._gaussians = np.zeros((n_components, n_tiles, (1 + n_channels) * kernels.TILE), np.float32)
        self._depths = np.zeros(n_tiles, np.uint8)
        self._shape = shape


def pack_rules(settings: BackgroundSettings) -> tuple[np.float32, ...]:
    """Return what the kernel needs of the settings: prune, gate², match gate², share, variances, darkest shadow."""
    return tuple(
        np.float32(value)
        for value in (
            settings.prune,
            settings.gate**2,
            settings.match_gate**2,
            settings.background_share,
            settings.lowest_sigma**2,
            settings.highest_sigma**2,
            settings.initial_sigma**2,
            settings.darkest_shadow if settings.shadows else 1.0,
        )
    )


def region(roi: ArrayLike, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the (H, W) bool mask of a region given as such a mask, or as a polygon of (x, y) points [pixels]."""
    array = np.asarray(roi)
    if array.shape == size and array.dtype in (np.bool_, np.uint8):
        return array.astype(np.bool_)
    if array.ndim == 2 and array.shape[1] == 2 and len(array) >= 3 and np.isfinite(array.astype(np.float64)).all():
        inside = np.zeros(size, np.uint8)
        cv2.fillPoly(inside, [np.rint(array).astype(np.int32)], 1)
        return inside.astype(np.bool_)
    raise ArgumentError(
        f"roi must be {size} bool or uint8, or a polygon of (x, y) points, got {array.shape} {array.dtype}"
    )


def _held(
    update_mask: NDArray[Any] | None, inside: NDArray[np.bool_] | None, size: tuple[int, int]
) -> NDArray[np.uint8]:
    """Return which pixels must not be learned, flat, or an empty array for none."""
    if update_mask is None:
        return _NO_MASK if inside is None else (~inside).view(np.uint8).reshape(-1)
    if (
        not isinstance(update_mask, np.ndarray)
        or update_mask.shape != size
        or update_mask.dtype not in (np.bool_, np.uint8)
    ):
        kind = (
            f"{update_mask.shape} {update_mask.dtype}"
            if isinstance(update_mask, np.ndarray)
            else type(update_mask).__name__
        )
        raise ArgumentError(f"update_mask must be {size} bool or uint8, got {kind}")
    held = np.ascontiguousarray(update_mask).view(np.uint8)
    if inside is not None:
        held = (held != 0).view(np.uint8) | (~inside).view(np.uint8)
    return held.reshape(-1)


def _checked_output(out: NDArray[np.uint8] | None, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return where to write the mask."""
    if out is None:
        return np.empty(size, np.uint8)
    if out.shape != size or out.dtype != np.uint8 or not out.flags.c_contiguous:
        raise ArgumentError(f"out must be {size} uint8 and contiguous, got {out.shape} {out.dtype}")
    return out
