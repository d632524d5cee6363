"""Scores of masks against a truth, by the rules of CDnet 2014."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError
from gmmtrack.evaluation.cdnet import CdnetSequence, open_cdnet
from gmmtrack.evaluation.mask_files import MaskFiles

_FOREGROUND = 255


class Model(Protocol):
    """Whatever makes a mask (H, W) of an image (H, W, 3), such as a BackgroundModel or a subtractor of OpenCV's."""

    def apply(self, image: NDArray[np.uint8], /) -> Any: ...


Masks = Model | Callable[[NDArray[np.uint8]], Any] | str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskScores:
    """How good masks are over all scored pixels of all scored frames; shares are from 0 to 1.

    precision, recall, f: of the foreground, and their harmonic mean · specificity: the share of the background kept
    fpr, fnr: the share of the background taken for foreground, and of the foreground for background
    pwc: [%] wrong pixels · n_frames: frames scored · n_images: frames shown to the model
    ms: mean time a frame of the model [ms], or None where masks were read from files
    """

    precision: float
    recall: float
    f: float
    specificity: float
    fpr: float
    fnr: float
    pwc: float
    n_frames: int
    n_images: int
    ms: float | None


def score_masks(folder: str | os.PathLike[str], masks: Masks | None = None) -> MaskScores:
    """Return how good masks are on a sequence of CDnet 2014 (Wang et al. 2014).

    255 in a mask is foreground, all else background. In the truth 255 is foreground, 0 and 50 (shadow) are background,
    85 and 170 are left out, and so is what lies outside ROI.bmp and temporalROI.txt. Pixels are summed over all frames.

    Parameters
    ----------
    folder
        The sequence: input/*.jpg, groundtruth/gt000001.png ..., ROI.bmp, temporalROI.txt.
    masks
        What makes the mask (H, W) of an image (H, W, 3): a function, or a model with `apply`, shown every image in
        order; or a folder of masks already written, as PNG files with the frame's number in their names, from 1 (or
        from 0 where one is numbered 0). By default a new `BackgroundModel()`.

    Raises
    ------
    ArgumentError
        A malformed folder, a mask that is missing or of another size; the message names the file or frame.
    """
    sequence = open_cdnet(Path(folder))
    if isinstance(masks, (str, os.PathLike)):
        return _score(sequence, _read(sequence, MaskFiles(Path(masks))), timed=False)
    return _score(sequence, _made(sequence, _maker(masks)), timed=True)


def _maker(masks: Model | Callable[[NDArray[np.uint8]], Any] | None) -> Callable[[NDArray[np.uint8]], Any]:
    if masks is None:
        from gmmtrack.background import BackgroundModel

        masks = BackgroundModel()
    apply = getattr(masks, "apply", masks)
    if not callable(apply):
        raise ArgumentError(f"masks must be a function, a model with apply or a folder, got {type(masks).__name__}")
    make: Callable[[NDArray[np.uint8]], Any] = apply
    return make


def _made(
    sequence: CdnetSequence, make: Callable[[NDArray[np.uint8]], Any]
) -> Iterator[tuple[int, NDArray[Any], float]]:
    """Yield every frame's number, mask, and the seconds that it took to make."""
    for number, image in sequence.frames():
        start = time.perf_counter()
        mask = make(image)
        yield number, np.asarray(mask), time.perf_counter() - start


def _read(sequence: CdnetSequence, files: MaskFiles) -> Iterator[tuple[int, NDArray[Any], float]]:
    for number in range(sequence.first, min(sequence.last, len(sequence.images)) + 1):
        if (sequence.folder / "groundtruth" / f"gt{number:06d}.png").is_file():
            yield number, files.read(number), 0.0


def _score(sequence: CdnetSequence, masks: Iterator[tuple[int, NDArray[Any], float]], *, timed: bool) -> MaskScores:
    counts = np.zeros(4, dtype=np.int64)
    n_images, n_frames, seconds = 0, 0, 0.0
    for number, mask, spent in masks:
        n_images, seconds = n_images + 1, seconds + spent
        truth = sequence.truth(number)
        if truth is not None:
            counts += _count(mask, *truth, number)
            n_frames += 1
    if not n_frames:
        raise ArgumentError(
            f"folder must hold a true mask of a scored frame, got none in {sequence.folder}/groundtruth"
        )
    ms = seconds / n_images * 1e3 if timed else None
    return _scores(*(int(count) for count in counts), n_frames=n_frames, n_images=n_images, ms=ms)


def _count(
    mask: NDArray[Any], positive: NDArray[np.bool_], negative: NDArray[np.bool_], number: int
) -> NDArray[np.int64]:
    """Return the pixels that are true positive, false positive, false negative and true negative."""
    if mask.shape != positive.shape:
        raise ArgumentError(f"masks must be {positive.shape} as the truth, got {mask.shape} in frame {number}")
    found = mask == _FOREGROUND
    parts = (positive & found, negative & found, positive & ~found, negative & ~found)
    return np.array([np.count_nonzero(part) for part in parts], dtype=np.int64)


def _scores(tp: int, fp: int, fn: int, tn: int, *, n_frames: int, n_images: int, ms: float | None) -> MaskScores:
    precision, recall = tp / max(tp + fp, 1), tp / max(tp + fn, 1)
    return MaskScores(
        precision=precision,
        recall=recall,
        f=2 * precision * recall / max(precision + recall, 1e-9),
        specificity=tn / max(tn + fp, 1),
        fpr=fp / max(tn + fp, 1),
        fnr=fn / max(tp + fn, 1),
        pwc=100 * (fp + fn) / max(tp + fp + fn + tn, 1),
        n_frames=n_frames,
        n_images=n_images,
        ms=ms,
    )
