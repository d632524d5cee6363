"""Shadows: which foreground is background with less light, compiled. Arguments are those of `kernels.update`."""

import numpy as np

from gmmtrack.background.masks.kernels import FOREGROUND, SHADOW
from gmmtrack.background.tiles import TILE, place
from gmmtrack.compilation import lean_inline_kernel, lean_kernel
from gmmtrack.lanes import any_lane, lanes, load, where

_ZERO = np.float32(0)
_ONE = np.float32(1)
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
def classify(channels, image, light, gaussians, mask, runs, numbers, step, classes, counts):
    """Write the class of light of each pixel of the runs, and count a sample of them.

    image (H, W, C), light, gaussians: see `kernels.update` · mask (H, W) · runs (N, 3): of shadow
    numbers: share of light with which the darkest class begins, and width of a class
    step: of how many pixels one is counted, for all of them
    classes (n,) uint8: result, in the order of the runs
    counts (M + 1, 2) int64: result, all 0; pixels of each of M classes, and brighter ones, and those amid foreground
    """
    n, size, last = 0, 1 + len(channels), len(counts) - 1
    for i in range(len(runs)):
        y = runs[i, 0]
        for x in range(runs[i, 1], runs[i, 2]):
            p = y * mask.shape[1] + x
            g = p // TILE * size * TILE + p % TILE
            dot, norm = _ZERO, np.float32(1e-6)
            for c in range(len(channels)):
                level, mean = np.float32(image[y, x, c]), gaussians[g + (1 + c) * TILE]
                if light is not None:
                    level = level * light[c] + light[len(channels) + c]
                dot += level * mean
                norm += mean * mean
            brightness = (dot / norm - numbers[0]) / numbers[1]
            classes[n] = min(int(max(brightness, _ZERO)), last)
            if n % step == 0:
                counts[classes[n], 0] += step
                counts[classes[n], 1] += step * _is_amid(mask, y, x)
            n += 1


@lean_inline_kernel
def _is_amid(mask, y, x):
    """Return whether as many of the 5 x 5 pixels around one are foreground as where it lies within an object."""
    n = 0
    for j in range(max(y - 2, 0), min(y + 3, mask.shape[0])):
        for i in range(max(x - 2, 0), min(x + 3, mask.shape[1])):
            n += mask[j, i] == FOREGROUND
    return n >= _AMID


@lean_kernel
def lift(pixels, width, runs, classes, darkest):
    """Make foreground of the pixels of runs whose class is below `darkest`; classes: see `classify`."""
    n = 0
    for i in range(len(runs)):
        first = runs[i, 0] * width
        for p in range(first + runs[i, 1], first + runs[i, 2]):
            if classes[n] < darkest:
                pixels[p] = FOREGROUND
            n += 1
