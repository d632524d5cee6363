"""Mask clean-up: what a pixel's neighbours say about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.masks import kernels
from gmmtrack.background.masks.kernels import FOREGROUND, SHADOW
from gmmtrack.background.masks.parts import fill_between_parts
from gmmtrack.background.masks.runs import Runs

if TYPE_CHECKING:
    from gmmtrack.background.settings import BackgroundSettings


def cleaned(mask: NDArray[np.uint8], settings: BackgroundSettings) -> tuple[NDArray[np.uint8], Runs, Runs]:
    """Return the foreground of a mask, (H, W) of 0 and 255, its regions, and the shadows that they cast.

    Majority vote, holes filled, specks dropped.
    mask: (H, W) uint8, 0 background, 127 shadow, 255 foreground; shadows within objects become foreground in place
    """
    cast = take_back_shadows(mask, settings)
    found = _majority(mask) if settings.majority else FOREGROUND * np.equal(mask, FOREGROUND).view(np.uint8)
    regions = _fill_holes(found, settings.hole * mask.size, settings.hollow)
    return found, regions.without(regions.sizes < settings.speck * mask.size, found), cast


def _majority(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (H, W), 255 where most of the 5 x 5 pixels around are foreground."""
    foreground = np.empty_like(mask)
    kernels.vote(mask, np.zeros(mask.shape[1] + 4, np.uint8), foreground)
    return foreground


def take_back_shadows(mask: NDArray[np.uint8], settings: BackgroundSettings) -> Runs:
    """Make foreground of shadows that are none: within an object, or between its parts. mask (H, W), changed in place

    A cast shadow lies beside its object; a dark window lies within.
    Return those that border on foreground and are not within, whole, even where some of one lies between parts.
    """
    shadows = Runs.of(mask, SHADOW, corners=False)
    if not shadows.n:
        return shadows
    borders = shadows.borders(mask, SHADOW, FOREGROUND)
    enclosed = borders[:, 1] - 1 > settings.enclosed * borders[:, 0]  # of single pixels, most neighbours
    if settings.surrounded < 1:  # first, for shadows within a part are a sign that what is around it is no shadow
        fill_between_parts(mask, shadows, settings.surrounded)
    shadows.paint(mask, enclosed, FOREGROUND)
    return shadows.kept((borders[:, 1] > 0) & ~enclosed)


def lay(foreground: NDArray[np.uint8], mask: NDArray[np.uint8]) -> None:
    """Let a mask be foreground where `foreground` (H, W) is 255, and nowhere else; its shadows stay."""
    kernels.lay(foreground.reshape(-1), mask.reshape(-1))


def _fill_holes(foreground: NDArray[np.uint8], largest: float, share: float) -> Runs:
    """Fill regions of background off the border, of at most `largest` pixels or a share of the region around them.

    Return what is foreground.
    """
    regions = Runs.of(foreground, FOREGROUND, corners=True)
    if max(largest, share * foreground.size) < 1 or not regions.n:
        return regions
    gaps = regions.gaps(foreground.shape)
    is_hole = np.zeros(gaps.n + 1, np.bool_)
    found = gaps.runs, gaps.labels, *gaps.moments, regions.runs, regions.labels, regions.moments[0]
    if not kernels.find_holes(*found, foreground.shape, largest, share, is_hole):
        return regions
    gaps.paint(foreground, is_hole, FOREGROUND)
    return Runs.of(foreground, FOREGROUND, corners=True)
