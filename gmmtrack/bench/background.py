"""The background model against OpenCV's, on the same decoded frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.bench.clips import Clip, clip_name, clips, load_images
from gmmtrack.bench.comparison import Comparison, column
from gmmtrack.bench.machine import this_machine
from gmmtrack.bench.timing import interleave, limited_threads, medians, thread_counts
from gmmtrack.errors import ArgumentError

Apply = Callable[[NDArray[np.uint8]], object]

_REFERENCE = "cv2 MOG2"
_COPY = "copy of 16 B a pixel"  # what a mixture must at least read and write of a pixel: one mean, one variance
_CONTRIB = ("CNT", "GSOC", "LSBP")
# frames a turn: long enough that each model finds its own state in the cache again, short beside a change of clock
_TURN = 10


@dataclass(frozen=True, slots=True)
class BackgroundRow:
    """One method on one clip: median milliseconds a frame, and how many times as fast as OpenCV's MOG2 it is."""

    clip: str = column("clip")
    size: str = column("size")
    n_threads: int = column("threads")
    method: str = column("method")
    ms: float = column("ms a frame")
    ratio: float = column("MOG2 / this")


def bench_background(
    sources: Clip | Sequence[Clip] | None = None, threads: Sequence[int] | None = None, *, n_frames: int = 200
) -> Comparison:
    """Return how fast gmmtrack's background models and OpenCV's are.

    Parameters
    ----------
    sources
        Videos, folders of images or names of `RENDERED` scenes; by default the bundled clips.
    threads
        Numbers of threads to measure with; by default one, and all.
    n_frames
        >= 2, the most frames of each clip; the first fifth warms up (compilation, caches) and is not counted.

    Raises
    ------
    ArgumentError, SourceError
        An argument out of its bounds; a clip that cannot be read.
    """
    if n_frames < 2:
        raise ArgumentError(f"n_frames must be >= 2, got {n_frames!r}")
    counts = thread_counts(threads)
    rows: list[BackgroundRow] = []
    for clip in clips(sources):
        images = load_images(clip, n_frames)
        for count in counts:
            rows += _compare(clip_name(clip), images, count)
    note = "the same frames in memory, in turns; the median, decoding and warm-up not counted"
    return Comparison(title="Background models", rows=tuple(rows), note=note, machine=this_machine())


def _compare(clip: str, images: list[NDArray[np.uint8]], n_threads: int) -> list[BackgroundRow]:
    """Return a row a method, of models that are new to the clip."""
    with limited_threads(n_threads):
        methods = {name: make(n_threads) for name, make in _methods().items()}
        times = medians(interleave(methods, images, turn=_TURN), n_warm=len(images) // 5)
    height, width = images[0].shape[:2]
    size, reference = f"{width}x{height}", times[_REFERENCE]
    return [BackgroundRow(clip, size, n_threads, name, t * 1e3, reference / t) for name, t in times.items()]


def _methods() -> dict[str, Callable[[int], Apply]]:
    """Return what makes a new model for a number of threads, by name; OpenCV's own take theirs from cv2."""
    found: dict[str, Callable[[int], Apply]] = {
        _REFERENCE: lambda _: cv2.createBackgroundSubtractorMOG2().apply,
        "cv2 KNN": lambda _: cv2.createBackgroundSubtractorKNN().apply,
    }
    contrib: Any = getattr(cv2, "bgsegm", None)
    for name in _CONTRIB:
        create = getattr(contrib, f"createBackgroundSubtractor{name}", None)
        if create is not None:
            found[f"cv2 {name}"] = partial(_apply_of, create)
    found[_COPY] = _copy
    for preset in ("mog2", "robust"):
        found[f"gmmtrack {preset}"] = partial(_own, preset)
    return found


def _apply_of(create: Callable[[], Any], n_threads: int) -> Apply:
    del n_threads  # OpenCV's own number holds
    apply: Apply = create().apply
    return apply


def _copy(n_threads: int) -> Apply:
    """Return a plain copy on one thread, which tells how near to the memory's own speed a model is."""
    del n_threads
    held: list[NDArray[np.float32]] = []

    def apply(image: NDArray[np.uint8]) -> None:
        if not held:
            held.extend(np.ones((2, *image.shape[:2], 4), np.float32))
        np.copyto(held[1], held[0])

    return apply


def _own(preset: str, n_threads: int) -> Apply:
    from gmmtrack.background import BackgroundModel

    apply: Apply = BackgroundModel(preset=preset, n_threads=n_threads).apply
    return apply
