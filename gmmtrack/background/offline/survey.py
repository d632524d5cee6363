"""Survey: where objects stand in frames drawn from all over a clip, so that the background is learned without them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.masks.cleanup import cleaned
from gmmtrack.background.masks.runs import Runs
from gmmtrack.background.model import BackgroundModel
from gmmtrack.background.offline import kernels
from gmmtrack.background.settings import BackgroundSettings
from gmmtrack.threads import Threads, available_threads

Masks = NDArray[np.uint8]
Picture = NDArray[np.float32]

_LARGEST = 500_000  # pixels that a frame is reduced to
_FEWEST = 8  # frames that tell what is background
_BLUR = (5, 5), 1.0  # pixels and sigma: slopes are taken of softened frames
_SMALLEST = 1e-4  # share of the frame; the border of what is smaller tells nothing
_SIDE = 1 / 7  # roots of its area: of the squares in which the border of a region is summed up
_FAINT = 0.25  # sigma of noise: slope that there is by chance
_SURE = 0.1  # of a border's verdict, from -1 to 1
_MOST = 0.5  # share of a frame that may differ from the background, or it is the light that does
_ROUNDS = 3  # in which the background is put right, at most
_OFTEN = 0.25  # share of the frames in which what sways is not as the background is
_FEWEST_CHANGES = 6
_MARGIN = np.ones((5, 5), np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Where objects stand in frames drawn from a clip; both may be smaller than the frames.

    occupied: (N, h, w) uint8, 1 where the background must not be learned from a frame, for an object hides it
    stands: (h, w) uint8, 1 where an object stood for longer before background that is known
    """

    occupied: Masks
    stands: Masks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """background (h, w, C) · limits (h, w): squared distance of what is not it · faint: slope of mere noise"""

    background: Picture
    limits: Picture
    faint: float


def survey(images: Iterable[NDArray[Any]], settings: BackgroundSettings) -> Survey | None:
    """Return where objects stand in frames drawn from all over a clip; None where nobody hides the background for long.

    What is seen most often need not be the background: an animal may stand in one place for most of the clip. The
    background is first the most frequent colour of each pixel. Where it shows an object, the frames in which this has
    left, or not yet come, differ from it in a region along whose border the background has an edge, and the frame none
    (`kernels.judge_borders`): there the frame is right. Regions where it is the other way round are objects. What comes
    and goes as if by chance sways, and is neither.

    images: (H, W) or (H, W, C) each, in the order of their times
    """
    frames = [_reduced(image) for image in images]
    if len(frames) < _FEWEST:
        return None
    threads, scene = Threads(available_threads()), _usual(frames, settings)
    usual = scene.background.copy()
    for left in range(_ROUNDS, -1, -1):
        found = _found_in_all(frames, scene, settings, threads)
        differs = np.array([differs for _, differs in found])
        steady = ~_sways(differs)
        if not left or not _put_right(scene.background, frames, [verdicts * steady for verdicts, _ in found]):
            break
    objects = [cv2.dilate((verdicts > _SURE).astype(np.uint8), _MARGIN) * steady for verdicts, _ in found]
    was_wrong = np.any(scene.background != usual, axis=2)
    return _summary(np.array(objects, np.uint8), was_wrong | (differs.mean(axis=0) > _OFTEN))


def _summary(objects: Masks, misleads: NDArray[np.bool_]) -> Survey | None:
    """Return what objects (N, h, w) there are where the mixture by itself misleads (h, w), if there are any."""
    there = cv2.dilate(cv2.morphologyEx(misleads.astype(np.uint8), cv2.MORPH_OPEN, _MARGIN), _MARGIN)
    occupied = objects & np.asarray(there, np.uint8)
    occupied[:, occupied.all(axis=0)] = 0  # what nobody ever saw free has to be learned as it is
    if not occupied.any():
        return None
    longer = (objects[:-2] & objects[1:-1] & objects[2:]).max(axis=0)
    stands = np.asarray(cv2.morphologyEx(longer, cv2.MORPH_OPEN, _MARGIN), np.uint8)
    return Survey(occupied=occupied, stands=stands | occupied.max(axis=0))


def _reduced(image: NDArray[Any]) -> NDArray[Any]:
    """Return a frame (H, W) or (H, W, C) as (h, w, C), of `_LARGEST` pixels at most."""
    height, width = image.shape[:2]
    scale = min((_LARGEST / (height * width)) ** 0.5, 1.0)
    if scale < 1:
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
    return image.reshape(*image.shape[:2], -1)


def _usual(frames: list[NDArray[Any]], settings: BackgroundSettings) -> _Scene:
    """Return the most frequent colour of each pixel, and how far from it a pixel still is background."""
    model = BackgroundModel.of(settings)
    model.prime(frames)
    heaviest = model.background.reshape(frames[0].shape).astype(np.float32)
    variance = model.components.variances[:, :, 0]
    faint = _FAINT * float(np.median(variance)) ** 0.5
    return _Scene(background=heaviest, limits=settings.gate**2 * variance, faint=faint)


def _found_in_all(
    frames: list[NDArray[Any]], scene: _Scene, settings: BackgroundSettings, threads: Threads
) -> list[tuple[Picture, NDArray[np.bool_]]]:
    """Return what `_found` does of each frame; of each by itself, so that it does not depend on the threads."""
    softened = _softened(scene.background)
    found = {}

    def look(first: int, last: int) -> None:
        for i in range(first, last):
            found[i] = _found(frames[i], scene, softened, settings)

    threads.run(look, len(frames))
    return [found[i] for i in range(len(frames))]


def _found(
    frame: NDArray[Any], scene: _Scene, softened: Picture, settings: BackgroundSettings
) -> tuple[Picture, NDArray[np.bool_]]:
    """Return (h, w) the verdict of each pixel of a frame, and whether it differs; softened: the background."""
    image, mask = np.asarray(frame, np.float32), np.empty(frame.shape[:2], np.uint8)
    kernels.find_different(image, scene.background, scene.limits, mask)
    foreground, regions = cleaned(mask, settings)
    if np.count_nonzero(foreground) > _MOST * foreground.size:
        foreground[:], regions = 0, Runs.none()
    return _verdicts(_softened(image), softened, regions, scene.faint), foreground > 0


def _verdicts(image: Picture, background: Picture, regions: Runs, faint: float) -> Picture:
    """Return (h, w) what the borders of the foreground's regions say, see `kernels.judge_borders`."""
    size = image.shape[0], image.shape[1]
    boxes, areas, _ = regions.boxes()
    sides = np.where(areas >= _SMALLEST * size[0] * size[1], np.maximum(np.rint(_SIDE * areas**0.5), 1), 0)
    sides = sides.astype(np.int64)
    extents = boxes[:, 2:] - boxes[:, :2]
    n_squares = np.prod((extents + 1) // np.maximum(sides, 1)[:, None] + 1, axis=1)[1:][sides[1:] > 0]
    labels, verdicts = np.zeros(size, np.int32), np.zeros(size, np.float32)
    regions.draw(labels)
    sums = np.zeros((n_squares.max(initial=1), 4))
    kernels.judge_borders(image, background, labels, boxes, sides, faint, sums, verdicts)
    return verdicts


def _softened(picture: Picture) -> Picture:
    """Return a picture (h, w, C) whose slopes can be taken."""
    return np.asarray(cv2.GaussianBlur(picture, *_BLUR), np.float32).reshape(picture.shape)


def _put_right(
    background: Picture,
    frames: list[NDArray[Any]],
    found: list[Picture],
) -> bool:
    """Let the background be what the frames show that speak most clearly against it; return whether many did."""
    clearest = np.full(background.shape[:2], -_SURE, np.float32)
    votes, better = np.zeros_like(clearest), background.copy()
    for frame, inside in zip(frames, found, strict=True):
        # what was uncovered had a blurred rim, which differs too little to be found
        verdicts = np.where(inside == 0, cv2.erode(inside, _MARGIN), inside)
        votes += verdicts
        clearer = verdicts < clearest
        clearest[clearer] = verdicts[clearer]
        better[clearer] = frame[clearer]
    wrong = (clearest < -_SURE) & (votes < 0)
    background[wrong] = better[wrong]
    return bool(np.count_nonzero(wrong) >= _SMALLEST * wrong.size)


def _sways(differs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return (h, w) where pixels that differ in some frames (N, h, w) come and go as by chance, or more often.

    A pixel that differs in a share f of independent frames changes between two of them with probability 2 f (1 - f).
    """
    share = differs.mean(axis=0, dtype=np.float32)
    n_changes = np.count_nonzero(differs[1:] != differs[:-1], axis=0)
    by_chance = 2 * share * (1 - share) * (len(differs) - 1)
    return np.asarray((share > _OFTEN) & (n_changes >= _FEWEST_CHANGES) & (n_changes > 0.5 * by_chance))
