"""Shadows: which foreground is background with less light, compiled. Arguments are those of `kernels.update`."""

import numpy as np

from gmmtrack.background.masks.kernels import FOREGROUND, SHADOW
from gmmtrack.background.tiles import TILE, gaussian_of, place
from gmmtrack.compilation import lean_inline_kernel, lean_kernel
from gmmtrack.lanes import any_lane, lanes, load, where

_ZERO = np.float32(0)
_ONE = np.float32(1)
_FAINTEST = np.float32(1e-6)  # [levels²]
_AMID = 9  # of 25; next to a straight border 10 are foreground, one pixel on 5


@lean_inline_kernel
def labels_of(channels, x, model, t, shares, rules, is_background):
    """Return the labels of a tile, given which of its pixels are background."""
    if rules[7] < _ONE and any_lane(~is_background):
        is_shaded = _find_shadows(channels, x, model, t, shares, rules, is_background)
        return where(is_background, _ZERO, where(is_shaded, np.float32(SHADOW), np.float32(FOREGROUND)))
    return where(is_background, _ZERO, np.float32(FOREGROUND))


@lean_inline_kernel
def _find_shadows(channels, x, model, t, shares, rules, is_background):
    """Return which foreground pixels are a background component, darkened (Prati et al. 2003).

    Pixels that take more for background than the rules' share sway: their colours are many, and prove no shadow.
    """
    weights, gaussians, depths, decays, n_components = model
    gate2, share, tau, most, tint = rules[1], rules[3], rules[7], rules[8], rules[10]
    is_shaded, total = is_background & ~is_background, lanes(_ZERO)
    is_asked = ~is_background & (shares <= share)
    for k in range(depths[t]):
        at = place(model, k, t)
        w = load(weights, at)
        g = at * (1 + len(channels))
        dot, norm = lanes(_ZERO), lanes(_ZERO)
        for c in range(len(channels)):
            mean = load(gaussians, g + (1 + c) * TILE)
            dot = dot + load(x, c * TILE) * mean
            norm = norm + mean * mean
        is_darker = is_asked & (w > _ZERO) & (norm > _ZERO) & (dot <= norm) & (dot >= tau * norm)
        if any_lane(is_darker):
            ratio = where(is_darker, dot / where(is_darker, norm, _ONE), _ZERO)
            distance2 = lanes(_ZERO)
            for c in range(len(channels)):
                difference = ratio * load(gaussians, g + (1 + c) * TILE) - load(x, c * TILE)
                distance2 = distance2 + difference * difference
            variance = load(gaussians, g)
            variance = where(variance < most, variance, most)
            tinted = norm * (tint * tint / gate2)
            variance = where(variance > tinted, variance, tinted)
            is_shaded = is_shaded | (is_darker & (distance2 < gate2 * variance * ratio * ratio))
        total = total + w
        is_asked = is_asked & ~is_shaded & (total <= shares)
        if not any_lane(is_asked):
            break
    return is_shaded


@lean_kernel
def spread(image, step):
    """Return how far the channels of a pixel of image (H, W, C) lie apart, on average of every step-th both ways."""
    total, n = _ZERO, 0
    for y in range(min(step, image.shape[0]) // 2, image.shape[0], step):
        for x in range(min(step, image.shape[1]) // 2, image.shape[1], step):
            low = high = np.float32(image[y, x, 0])
            for c in range(1, image.shape[2]):
                level = np.float32(image[y, x, c])
                low, high = min(low, level), max(high, level)
            total += high - low
            n += 1
    return total / np.float32(max(n, 1))


@lean_kernel
def count_amid(channels, image, light, gaussians, mask, runs, numbers, step, counts):
    """Count a sample of the pixels of the runs by the light that they keep, and those of them amid foreground.

    image (H, W, C), light, gaussians: see `kernels.update` · mask (H, W) · runs (N, 3): of shadow
    numbers: share of light with which the darkest class begins, and width of a class
    step: of how many pixels one is counted, for all of them
    counts (M, 2) float32: result, added to; pixels of each of M classes, and those amid foreground
    """
    n = 0
    for i in range(len(runs)):
        y, first, last = runs[i]
        for x in range(first + (step - n % step) % step, last, step):
            k = _class_of(channels, image, light, gaussians, y, x, numbers)
            if k < len(counts):
                counts[k, 0] += step
                counts[k, 1] += step * _is_amid(mask, y, x)
        n += last - first


@lean_kernel
def darkest_class(counts, most, fewest):
    """Return the darkest class that may be shadows: above the last that is none, and none above one that is.

    counts (M, 2): see `count_amid` · most: share of the pixels of a class that may be amid foreground
    fewest: pixels that are credited to shadows in each class
    """
    darkest = 0
    for k in range(len(counts)):
        if counts[k, 1] > most * (counts[k, 0] + fewest):
            darkest = k + 1
        elif counts[k, 0] > fewest:
            break
    return darkest


@lean_kernel
def lift(channels, image, light, gaussians, mask, runs, numbers, darkest):
    """Make foreground of the pixels of runs whose class is below `darkest`; all else: see `count_amid`."""
    for i in range(len(runs)):
        y, first, last = runs[i]
        for x in range(first, last):
            if _class_of(channels, image, light, gaussians, y, x, numbers) < darkest:
                mask[y, x] = FOREGROUND


@lean_inline_kernel
def _class_of(channels, image, light, gaussians, y, x, numbers):
    """Return the class of the light that a pixel keeps of its heaviest component; darker ones are of the darkest."""
    g = gaussian_of(len(channels), y * image.shape[1] + x)
    dot, norm = _ZERO, _FAINTEST
    for c in range(len(channels)):
        level, mean = np.float32(image[y, x, c]), gaussians[g + (1 + c) * TILE]
        if light is not None:
            level = level * light[c] + light[len(channels) + c]
        dot += level * mean
        norm += mean * mean
    return int(max((dot / norm - numbers[0]) / numbers[1], _ZERO))


@lean_inline_kernel
def _is_amid(mask, y, x):
    """Return whether as many of the 5 x 5 pixels around one are foreground as where it lies within an object."""
    n = 0
    for j in range(max(y - 2, 0), min(y + 3, mask.shape[0])):
        for i in range(max(x - 2, 0), min(x + 3, mask.shape[1])):
            n += mask[j, i] == FOREGROUND
    return n >= _AMID
