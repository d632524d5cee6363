"""Mask clean-up: what a pixel's neighbours say about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.masks import kernels
from gmmtrack.background.masks.kernels import BACKGROUND, FOREGROUND, SHADOW
from gmmtrack.background.masks.runs import Runs

if TYPE_CHECKING:
    from gmmtrack.background.settings import BackgroundSettings


def cleaned(mask: NDArray[np.uint8], settings: BackgroundSettings) -> tuple[NDArray[np.uint8], Runs]:
    """Return the foreground of a mask, (H, W) of 0 and 255, and its regions.

    Majority vote, holes filled, specks dropped.
    mask: (H, W) uint8, 0 background, 127 shadow, 255 foreground; shadows within objects become foreground in place
    """
    if settings.enclosed < 1:
        fill_enclosed_shadows(mask, settings.enclosed)
    found = _majority(mask) if settings.majority else FOREGROUND * np.equal(mask, FOREGROUND).view(np.uint8)
    regions = _fill_holes(found, settings.hole * mask.size, settings.hollow)
    return found, _drop_specks(found, regions, settings.speck * mask.size)


def _majority(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (H, W), 255 where most of the 5 x 5 pixels around are foreground."""
    foreground = np.empty_like(mask)
    kernels.vote(mask, np.zeros(mask.shape[1] + 4, np.uint8), foreground)
    return foreground


def fill_enclosed_shadows(mask: NDArray[np.uint8], share: float) -> None:
    """Make foreground of each shadow that has more than `share` of its border on foreground.

    A cast shadow lies beside its object; a dark window lies within. mask (H, W), changed in place
    """
    shadows = Runs.of(mask, SHADOW, corners=False)
    if shadows.n:
        total, beside = shadows.surroundings(mask).T
        shadows.paint(mask, beside - 1 > share * total, FOREGROUND)  # of single pixels, most neighbours


def lay(foreground: NDArray[np.uint8], mask: NDArray[np.uint8]) -> None:
    """Let a mask be foreground where `foreground` (H, W) is 255, and nowhere else; its shadows stay."""
    kernels.lay(foreground.reshape(-1), mask.reshape(-1))


def _fill_holes(foreground: NDArray[np.uint8], largest: float, share: float) -> Runs:
    """Fill regions of background off the border, of at most `largest` pixels or a share of the region around them.

    Return what is foreground.
    """
    regions = Runs.of(foreground, FOREGROUND, corners=True)
    if max(largest, share * foreground.size) >= 1 and regions.n:
        height, width = foreground.shape
        gaps = regions.gaps((height, width))
        boxes, sizes, _ = gaps.boxes()
        is_inside = np.all((boxes[:, :2] > 0) & (boxes[:, 2:] <= (width - 1, height - 1)), axis=1)
        is_hole = is_inside & (sizes <= largest)
        is_asked = is_inside & ~is_hole & (sizes <= share * regions.boxes()[1].max())
        if is_asked.any():
            is_hole[is_asked] = sizes[is_asked] <= share * _areas_around(gaps, is_asked, regions, width)
        if is_hole[1:].any():
            gaps.paint(foreground, is_hole, FOREGROUND)
            return Runs.of(foreground, FOREGROUND, corners=True)
    return regions


def _areas_around(gaps: Runs, chosen: NDArray[np.bool_], regions: Runs, width: int) -> NDArray[np.int64]:
    """Return the area of the region around each chosen gap, that which ends where its first run begins [pixels]."""
    _, first = np.unique(gaps.labels, return_index=True)  # of regions 1 to n
    y, x = gaps.runs[first[np.flatnonzero(chosen) - 1], :2].T.astype(np.int64)
    ends = regions.runs[:, 0].astype(np.int64) * width + regions.runs[:, 2]
    around = regions.labels[np.searchsorted(ends, y * width + x)]
    return np.asarray(regions.boxes()[1][around])


def _drop_specks(foreground: NDArray[np.uint8], regions: Runs, smallest: float) -> Runs:
    """Clear regions of fewer pixels than `smallest`; return those that stay."""
    is_speck = regions.boxes()[1] < smallest
    if not is_speck[1:].any():
        return regions
    regions.paint(foreground, is_speck, BACKGROUND)
    return regions.kept(~is_speck)
