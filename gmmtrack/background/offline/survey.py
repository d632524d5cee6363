"""Survey: where objects stand in frames drawn from all over a clip, so that the background is learned without them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.borders import faint_slope, softened
from gmmtrack.background.borders import kernels as borders
from gmmtrack.background.masks.cleanup import cleaned
from gmmtrack.background.masks.runs import Runs
from gmmtrack.background.model import BackgroundModel
from gmmtrack.background.offline import kernels
from gmmtrack.background.offline.light import relit
from gmmtrack.background.settings import BackgroundSettings
from gmmtrack.frames.frame import Frame
from gmmtrack.frames.shrinking import shrunk
from gmmtrack.threads import Threads, available_threads

Masks = NDArray[np.uint8]
Picture = NDArray[np.float32]

_ENOUGH = 450_000  # pixels; larger frames are reduced by a whole factor, to no less than half of them
_FEWEST = 8  # frames that tell what is background
_SMALLEST = 1e-4  # share of the frame; the border of what is smaller tells nothing
_SIDE = 1 / 7  # roots of its area: of the squares in which the border of a region is summed up
_SURE = 0.1  # of a border's verdict, from -1 to 1
_MOST_DIFFERENT = 0.5  # share of a frame that may differ from the background, or it is the light that does
_ROUNDS = 3  # in which the background is put right, at most
_OFTEN = 0.25  # share of the frames in which what sways is not as the background is
_FEWEST_CHANGES = 6
_MOST_OF_IT = 0.75  # share of what differs from the background
_STEEPEST = 0.1  # share of the light lost by which that may change from one pixel to the next within a shadow
_MARGIN = np.ones((5, 5), np.uint8)
_NOWHERE = np.zeros((0, 0), np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What frames drawn from a clip tell of the objects in it; the masks may be smaller than the frames.

    occupied: (N, h, w) uint8, 1 where the background must not be learned from a frame, for an object hides it; None
        where nobody hides it for long
    stands: (h, w) uint8, 1 where an object stood for longer before background that is known; (0, 0) where nobody did
    n_frames: how many of them told anything · areas (R,): of all regions that differ from the background [pixels]
    n_shaded: pixels amid these that are background with less light · n_even: those of them that lost it evenly
    """

    occupied: Masks | None
    stands: Masks
    n_frames: int
    areas: NDArray[np.int64]
    n_shaded: int
    n_even: int

    @property
    def scale(self) -> float:
        """Root of an area [pixels]: most of what differs is in regions as large as this, or larger; 0 for nothing."""
        if not len(self.areas):
            return 0.0
        ordered = np.sort(self.areas)
        total = np.cumsum(ordered)
        return math.sqrt(ordered[np.searchsorted(total, (1 - _MOST_OF_IT) * total[-1])])

    def casts_shadows(self, least: float) -> bool:
        """Return whether more than this share of what is darker than the background is so evenly, as within a shadow.

        Legs, tails and rims of small dark bodies blend with the ground: from pixel to pixel, to another degree. Where
        nothing differs from the background, it may yet be that something comes and casts a shadow.
        """
        return self.n_even > least * self.n_shaded or not len(self.areas)

    def n_regions(self, smallest: float, largest: float) -> float:
        """Return how many regions with at least, and less than, these areas [pixels] a frame has; inf if not known."""
        n = np.count_nonzero((self.areas >= smallest) & (self.areas < largest))
        return n / self.n_frames if self.n_frames else math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """background (h, w, C) · limits (h, w): squared distance of what is not it · faint: slope of mere noise"""

    background: Picture
    limits: Picture
    faint: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    """What N frames show beside the background.

    verdicts: (N, h, w), see `borders.UNKNOWN`; what was uncovered has its rim, which differs too little to be found
    differs: (N, h, w), 0 where a frame is as the background · areas: of the regions that differ in all frames [pixels]
    """

    verdicts: Masks
    differs: Masks
    areas: NDArray[np.int64]


def survey(images: Sequence[NDArray[Any] | Frame], settings: BackgroundSettings) -> Survey:
    """Return where objects stand in frames drawn from all over a clip, and how large they are.

    What is seen most often need not be the background: an animal may stand in one place for most of the clip. The
    background is first the most frequent colour of each pixel. Where it shows an object, the frames in which this has
    left, or not yet come, differ from it in a region along whose border the background has an edge, and the frame none
    (`borders.judge_borders`): there the frame is right. Regions where it is the other way round are objects. What comes
    and goes as if by chance sways, and is neither.

    images: (H, W) or (H, W, C) each, or frames, in the order of their times
    """
    factor = _factor(images[0]) if len(images) else 1
    frames = [_reduced(image, factor) for image in images]
    if len(frames) < _FEWEST:
        return Survey(
            occupied=None, stands=_NOWHERE, n_frames=0, areas=np.zeros(0, np.int64), n_shaded=0, n_even=0
        )  # fmt: skip
    threads, scene = Threads(available_threads()), _usual(frames, settings)
    frames, usual = relit(frames, scene.background, settings, threads), scene.background.copy()
    soft = [np.empty(0)] * len(frames)

    def soften(first: int, last: int) -> None:
        soft[first:last] = map(softened, frames[first:last])

    threads.run(soften, len(frames))
    for left in range(_ROUNDS, -1, -1):
        found = _found(frames, soft, scene, settings, threads)
        steady, n_wrong, share = _put_right(scene.background, frames, found, threads, changes=left > 0)
        if n_wrong < _SMALLEST * steady.size:
            break
    was_wrong = np.any(scene.background != usual, axis=2)
    occupied, stands = _summary(_objects(found, steady), was_wrong | (share > _OFTEN))
    areas = found.areas * factor**2
    n_shaded, n_even = _shade(frames, found.differs, scene, settings, threads)
    return Survey(
        occupied=occupied, stands=stands, n_frames=len(frames), areas=areas, n_shaded=n_shaded, n_even=n_even
    )  # fmt: skip


def _objects(found: _Findings, steady: NDArray[np.bool_]) -> Masks:
    """Return (N, h, w) where frames show objects, and a margin around them."""
    sure = np.uint8(borders.UNKNOWN + _SURE * borders.STEPS)
    for verdicts in found.verdicts:
        _, there = cv2.threshold(verdicts, float(sure), 1, cv2.THRESH_BINARY)
        cv2.dilate(there, _MARGIN, dst=verdicts)
        verdicts *= steady
    return found.verdicts


def _summary(objects: Masks, misleads: NDArray[np.bool_]) -> tuple[Masks | None, Masks]:
    """Return `occupied` and `stands` of a `Survey`: objects (N, h, w), where the mixture by itself misleads (h, w)."""
    there = cv2.dilate(cv2.morphologyEx(misleads.astype(np.uint8), cv2.MORPH_OPEN, _MARGIN), _MARGIN)
    occupied = objects & np.asarray(there, np.uint8)
    occupied[:, occupied.all(axis=0)] = 0  # what nobody ever saw free has to be learned as it is
    if not occupied.any():
        return None, _NOWHERE
    longer = (objects[:-2] & objects[1:-1] & objects[2:]).max(axis=0)
    stands = np.asarray(cv2.morphologyEx(longer, cv2.MORPH_OPEN, _MARGIN), np.uint8)
    return occupied, stands | occupied.max(axis=0)


def _factor(image: NDArray[Any] | Frame) -> int:
    """Return by which factor a frame (H, W) is reduced, to about `_ENOUGH` pixels where it has more."""
    height, width = image.size if isinstance(image, Frame) else image.shape[:2]
    return int(min(max(round((height * width / _ENOUGH) ** 0.5), 1), height, width))


def _reduced(image: NDArray[Any] | Frame, factor: int) -> NDArray[Any]:
    """Return a frame (H, W) or (H, W, C) as (H / factor, W / factor, C)."""
    if isinstance(image, Frame):
        return image.shrunk(factor)
    image = image.reshape(*image.shape[:2], -1)
    return shrunk(image if image.dtype == np.uint8 else image.astype(np.float32), factor)


def _usual(frames: list[NDArray[Any]], settings: BackgroundSettings) -> _Scene:
    """Return the most frequent colour of each pixel, and how far from it a pixel still is background."""
    model = BackgroundModel.of(settings)
    model.prime(frames)
    background, variance = model.usual()
    return _Scene(background=background, limits=settings.gate**2 * variance, faint=faint_slope(variance))


def _found(
    frames: list[NDArray[Any]],
    soft: list[NDArray[Any]],
    scene: _Scene,
    settings: BackgroundSettings,
    threads: Threads,
) -> _Findings:
    """Return what frames show; of each by itself, so that it does not depend on the threads."""
    size = frames[0].shape[:2]
    background = softened(scene.background)
    verdicts = np.full((len(frames), *size), borders.UNKNOWN)
    differs, areas = np.empty_like(verdicts), [np.zeros(0, np.int64)] * len(frames)

    def look(first: int, last: int) -> None:
        mask, labels = np.empty(size, np.uint8), np.zeros(size, np.int32)
        for i in range(first, last):
            kernels.find_different((0,) * frames[i].shape[2], frames[i], scene.background, scene.limits, mask)
            foreground, regions, _ = cleaned(mask, settings)
            if np.count_nonzero(foreground) > _MOST_DIFFERENT * foreground.size:
                foreground[:], regions = 0, Runs.none()
            differs[i] = foreground
            areas[i] = _judge(soft[i], background, regions, scene.faint, labels, verdicts[i])

    threads.run(look, len(frames))
    return _Findings(verdicts=verdicts, differs=differs, areas=np.concatenate(areas))


def _shade(
    frames: list[NDArray[Any]], differs: Masks, scene: _Scene, settings: BackgroundSettings, threads: Threads
) -> tuple[int, int]:
    """Return n_shaded and n_even of a `Survey`; differs: (N, h, w), 0 where a frame is as the background."""
    channels, counts = (0,) * scene.background.shape[2], np.zeros((len(frames), 2), np.int64)
    rules = settings.darkest_shadow, (settings.gate * settings.shadow_sigma) ** 2, settings.shadow_tint**2, _STEEPEST
    numbers = tuple(map(np.float32, rules))

    def count(first: int, last: int) -> None:
        for i in range(first, last):
            kernels.count_shade(
                channels, frames[i], scene.background, scene.limits, differs[i], numbers, counts[i]
            )  # fmt: skip

    threads.run(count, len(frames))
    n_shaded, n_even = counts.sum(axis=0).tolist()
    return n_shaded, n_even


def _judge(
    image: NDArray[Any], background: Picture, regions: Runs, faint: float, labels: NDArray[np.int32], verdicts: Masks
) -> NDArray[np.int64]:
    """Write what the borders of the foreground's regions say into verdicts (h, w), and return the regions' areas.

    labels (h, w): all 0, as later
    """
    boxes, areas = regions.boxes, regions.sizes
    sides = np.where(areas >= _SMALLEST * labels.size, np.maximum(np.rint(_SIDE * areas**0.5), 1), 0).astype(np.int64)
    if not sides.any():
        return areas[1:]
    extents = boxes[:, 2:] - boxes[:, :2]
    n_squares = np.prod((extents + 1) // np.maximum(sides, 1)[:, None] + 1, axis=1)[sides > 0]
    regions.draw(labels)
    borders.judge_borders(image, background, labels, boxes, sides, faint, np.zeros((n_squares.max(), 4)), verdicts)
    regions.erase(labels)
    rims = cv2.erode(verdicts, _MARGIN)
    np.copyto(verdicts, np.asarray(rims, np.uint8), where=verdicts == borders.UNKNOWN)
    return areas[1:]


def _put_right(
    background: Picture, frames: list[NDArray[Any]], found: _Findings, threads: Threads, *, changes: bool
) -> tuple[NDArray[np.bool_], int, Picture]:
    """Let the background be what the frames show that speak most clearly against it.

    changes: whether it may be changed. Return where it does not sway (h, w), how many pixels were put right, and in
    which share of the frames each differs (h, w).
    """
    size = background.shape[:2]
    clearest, (which, votes, n_different, n_changes) = np.empty(size, np.uint8), np.empty((4, *size), np.int32)

    def tally(first: int, last: int) -> None:
        kernels.tally(found.verdicts, found.differs, first, last, clearest, which, votes, n_different, n_changes)

    threads.run(tally, size[0])
    share = (n_different / np.float32(len(frames))).astype(np.float32)
    steady = ~_sways(share, n_changes, len(frames))
    if not changes:
        return steady, 0, share
    sure = borders.UNKNOWN - _SURE * borders.STEPS
    y, x = np.nonzero((clearest < sure) & (votes < 0) & steady)
    for i, frame in enumerate(frames):
        of_frame = which[y, x] == i
        background[y[of_frame], x[of_frame]] = frame[y[of_frame], x[of_frame]]
    return steady, len(y), share


def _sways(share: Picture, n_changes: NDArray[np.int32], n_frames: int) -> NDArray[np.bool_]:
    """Return (h, w) where pixels that differ in a share of the frames come and go as by chance, or more often.

    A pixel that differs in a share f of independent frames changes between two of them with probability 2 f (1 - f).
    """
    by_chance = 2 * share * (1 - share) * (n_frames - 1)
    return np.asarray((share > _OFTEN) & (n_changes >= _FEWEST_CHANGES) & (n_changes > 0.5 * by_chance))
