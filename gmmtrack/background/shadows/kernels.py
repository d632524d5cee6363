"""Shadows: which foreground is background with less light, compiled. Arguments are those of `kernels.update`."""

import numpy as np

from gmmtrack.background.masks.kernels import FOREGROUND, SHADOW
from gmmtrack.background.tiles import TILE, place
from gmmtrack.compilation import lean_inline_kernel
from gmmtrack.lanes import any_lane, lanes, load, where

_ZERO = np.float32(0)
_ONE = np.float32(1)


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
