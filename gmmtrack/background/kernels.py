"""The per-pixel mixture, compiled: one frame in, one mask out, the state updated in place.

Pixels are taken TILE at a time. The state is kept in planes, so that each loop below runs over one plane of one tile
and compiles to vector instructions:

weights (K, T, TILE), heaviest first, 0 where there is no component
gaussians (K, T, (1 + C) * TILE): the variances of a tile [levels²], then its means, channel by channel [levels]
depths (T,): how many components the deepest pixel of a tile has; passes stop there

The working memory of a tile, `s`, holds planes too: the C channels of the frame, then those numbered below.
`channels` is a tuple of C values: its length is known to the compiler, its values are not used.
The decisions are those of Zivkovic (2004, eqs. 3-12) as OpenCV's bgfg_gaussmix2.cpp takes them.
"""

import numpy as np

from gmmtrack.compilation import inline_kernel, kernel

TILE = 64

# planes of the working memory, after those of the frame's channels
_RATE = 0  # learning rate of each pixel, 0 where it must not learn
_OPEN = 1  # 1 until a component has matched
_IS_BACKGROUND = 2
_TOTAL = 3  # weight of the components seen so far
_SHARE = 4  # total weight of the background components
N_PLANES = 5

_ZERO = np.float32(0)
_ONE = np.float32(1)

BACKGROUND = np.uint8(0)
SHADOW = np.uint8(127)
FOREGROUND = np.uint8(255)


@kernel
def update(channels, image, held, mask, weights, gaussians, depths, shares, matched, first, last, rate, rules):
    """Classify and learn tiles `first` to `last` of one frame.

    image (N * C,), mask (N,) uint8 · held (N,) uint8, nonzero where nothing may be learned, or (0,)
    shares (T * TILE,): total weight of each pixel's background components, or (0,) for the rules' one for all
    matched (T * TILE,) uint8: result, 0 where the heaviest component matched, else 1; or (0,)
    rate: share of this frame in the mixture [0-1] · rules: see `pack_rules`
    """
    n_channels = len(channels)
    n_pixels = mask.shape[0]
    prune, gate2, match_gate2, share, low, high, start, tau = rules
    s = np.zeros((n_channels + N_PLANES) * TILE, np.float32)
    _fill(s[(n_channels + _RATE) * TILE :], rate)
    _fill(s[(n_channels + _SHARE) * TILE :], share)
    for t in range(first, last):
        n = min(TILE, n_pixels - t * TILE)
        _load(channels, image[n_channels * t * TILE : n_channels * (t * TILE + n)], s, n)
        if held.shape[0] > 0:
            _hold(s[(n_channels + _RATE) * TILE :], held[t * TILE : t * TILE + n], rate)
        if n < TILE:  # what lies past the last pixel must not learn what an earlier tile left in `s`
            _hold_rest(s[(n_channels + _RATE) * TILE :], n)
        if shares.shape[0] > 0:
            _copy(s[(n_channels + _SHARE) * TILE :], shares[t * TILE :])
        _clear(channels, s)
        depth = depths[t]
        n_open = TILE
        for k in range(depth):
            if n_open > 0:
                left = _match(channels, weights[k, t], gaussians[k, t], s, prune, gate2, match_gate2, low, high)
                if left < n_open and k > 0:
                    _settle(channels, weights, gaussians, t, k)
                n_open = left
                if k == 0 and matched.shape[0] > 0:
                    _copy(matched[t * TILE :], s[(n_channels + _OPEN) * TILE :])
            else:
                _fade(channels, weights[k, t], s, prune)
        depth = _normalise(channels, weights, s, t, depth)
        if n_open > 0 and _any_learns(channels, s):
            depth = _insert(channels, weights, gaussians, t, s, depth, start)
        depths[t] = depth
        n_foreground = _emit(channels, mask[t * TILE : t * TILE + n], s, n)
        if n_foreground > 0 and tau < _ONE:
            _find_shadows(channels, weights, gaussians, t, s, depth, gate2, tau)
            _emit_shadows(channels, mask[t * TILE : t * TILE + n], s, n)


@inline_kernel
def _load(channels, image, s, n):
    """Spread n pixels over the channel planes."""
    n_channels = len(channels)
    if n == TILE:  # a fixed count lets the compiler drop the remainder loop
        for i in range(TILE):
            for c in range(n_channels):
                s[c * TILE + i] = np.float32(image[n_channels * i + c])
    else:
        for i in range(n):
            for c in range(n_channels):
                s[c * TILE + i] = np.float32(image[n_channels * i + c])


@inline_kernel
def _fill(plane, value):
    """Set a plane to one value."""
    for i in range(TILE):
        plane[i] = value


@inline_kernel
def _copy(plane, other):
    """Copy a plane."""
    for i in range(TILE):
        plane[i] = other[i]


@inline_kernel
def _hold(rates, held, rate):
    """Set the learning rates of a tile to `rate`, or to 0 where held."""
    for i in range(held.shape[0]):
        rates[i] = rate if held[i] == 0 else _ZERO


@inline_kernel
def _hold_rest(rates, n):
    """Set the learning rates past the first n to 0."""
    for i in range(n, TILE):
        rates[i] = _ZERO


@inline_kernel
def _clear(channels, s):
    """Begin a tile: every pixel open, none background."""
    n_channels = len(channels)
    for i in range(TILE):
        s[(n_channels + _OPEN) * TILE + i] = _ONE
        s[(n_channels + _IS_BACKGROUND) * TILE + i] = _ZERO
        s[(n_channels + _TOTAL) * TILE + i] = _ZERO


@inline_kernel
def _match(channels, weight, gaussian, s, prune, gate2, match_gate2, low, high):
    """Compare open pixels with one component, let it learn those that it explains, and return how many stay open."""
    n_channels = len(channels)
    n_open = 0
    for i in range(TILE):
        rate = s[(n_channels + _RATE) * TILE + i]
        total = s[(n_channels + _TOTAL) * TILE + i]
        is_open = s[(n_channels + _OPEN) * TILE + i]
        variance = gaussian[i]
        w = weight[i]
        distance2 = _ZERO
        for c in range(n_channels):
            difference = s[c * TILE + i] - gaussian[(1 + c) * TILE + i]
            distance2 += difference * difference
        here = (w > _ZERO) & (is_open > _ZERO)
        matches = here & (distance2 < match_gate2 * variance)
        explains = here & (distance2 < gate2 * variance) & (total < s[(n_channels + _SHARE) * TILE + i])
        w = (_ONE - rate) * w - rate * prune
        w = w + rate if matches else w
        gain = rate / w if matches else _ZERO
        for c in range(n_channels):
            mean = gaussian[(1 + c) * TILE + i]
            gaussian[(1 + c) * TILE + i] = mean + gain * (s[c * TILE + i] - mean)
        learned = min(max(variance + gain * (distance2 - variance), low), high)
        gaussian[i] = learned if matches & (rate > _ZERO) else variance
        w = w if w >= rate * prune else _ZERO
        weight[i] = w
        still_open = _ZERO if matches else is_open
        s[(n_channels + _OPEN) * TILE + i] = still_open
        s[(n_channels + _TOTAL) * TILE + i] = total + w
        background = s[(n_channels + _IS_BACKGROUND) * TILE + i]
        s[(n_channels + _IS_BACKGROUND) * TILE + i] = _ONE if explains else background
        n_open += np.int32(still_open > _ZERO)
    return n_open


@inline_kernel
def _fade(channels, weight, s, prune):
    """Decay the weights of a component that no open pixel can match; drop those too light."""
    n_channels = len(channels)
    for i in range(TILE):
        rate = s[(n_channels + _RATE) * TILE + i]
        w = (_ONE - rate) * weight[i] - rate * prune
        w = w if w >= rate * prune else _ZERO
        weight[i] = w
        s[(n_channels + _TOTAL) * TILE + i] += w


@inline_kernel
def _settle(channels, weights, gaussians, t, k):
    """Let component k rise past those that it outweighs, pixel by pixel."""
    for j in range(k, 0, -1):
        if _n_unsorted(weights[j - 1, t], weights[j, t]) == 0:
            return
        _swap_lighter(channels, weights[j - 1, t], weights[j, t], gaussians[j - 1, t], gaussians[j, t])


@inline_kernel
def _n_unsorted(above, below):
    """Count the pixels whose weight in `below` is greater than in `above`."""
    n = np.int32(0)
    for i in range(TILE):
        n += np.int32(below[i] > above[i])
    return n


@inline_kernel
def _swap_lighter(channels, weight_above, weight_below, above, below):
    """Exchange two components wherever the lower one is heavier."""
    for i in range(TILE):
        x = weight_above[i]
        y = weight_below[i]
        swap = y > x
        weight_above[i] = y if swap else x
        weight_below[i] = x if swap else y
        for p in range(1 + len(channels)):
            x = above[p * TILE + i]
            y = below[p * TILE + i]
            above[p * TILE + i] = y if swap else x
            below[p * TILE + i] = x if swap else y


@inline_kernel
def _normalise(channels, weights, s, t, depth):
    """Make the weights of each pixel that learns sum to 1; return the depth that is left."""
    total = s[(len(channels) + _TOTAL) * TILE :]
    for i in range(TILE):
        rate = s[(len(channels) + _RATE) * TILE + i]
        total[i] = _ONE / total[i] if (total[i] > _ZERO) & (rate > _ZERO) else _ONE
    left = 0
    for k in range(depth):
        weight = weights[k, t]
        greatest = _ZERO
        for i in range(TILE):
            w = weight[i] * total[i]
            weight[i] = w
            greatest = max(greatest, w)
        if greatest > _ZERO:
            left = k + 1
    return left


@inline_kernel
def _any_learns(channels, s):
    """Return whether an open pixel may learn."""
    n_channels = len(channels)
    n = np.int32(0)
    for i in range(TILE):
        may = s[(n_channels + _OPEN) * TILE + i] * s[(n_channels + _RATE) * TILE + i]
        n += np.int32(may > _ZERO)
    return n > 0


@inline_kernel
def _insert(channels, weights, gaussians, t, s, depth, start):
    """Give each open pixel a new component, in the first free layer or in place of the lightest; return the depth."""
    n_channels = len(channels)
    layer = min(depth, weights.shape[0] - 1)
    for k in range(layer):
        weight = weights[k, t]
        for i in range(TILE):
            opened = s[(n_channels + _OPEN) * TILE + i] > _ZERO
            weight[i] = weight[i] * (_ONE - s[(n_channels + _RATE) * TILE + i]) if opened else weight[i]
    heaviest = weights[0, t]
    weight = weights[layer, t]
    gaussian = gaussians[layer, t]
    for i in range(TILE):
        rate = s[(n_channels + _RATE) * TILE + i]
        new = (s[(n_channels + _OPEN) * TILE + i] > _ZERO) & (rate > _ZERO)
        is_first = (layer == 0) | (heaviest[i] <= _ZERO)
        weight[i] = (_ONE if is_first else rate) if new else weight[i]
        gaussian[i] = start if new else gaussian[i]
        for c in range(n_channels):
            gaussian[(1 + c) * TILE + i] = s[c * TILE + i] if new else gaussian[(1 + c) * TILE + i]
    _settle(channels, weights, gaussians, t, layer)
    return layer + 1


@inline_kernel
def _emit(channels, mask, s, n):
    """Write background and foreground; return how many are foreground."""
    n_channels = len(channels)
    n_foreground = 0
    for i in range(n):
        label = BACKGROUND if s[(n_channels + _IS_BACKGROUND) * TILE + i] > _ZERO else FOREGROUND
        mask[i] = label
        n_foreground += np.int32(label > 0)
    return n_foreground


@inline_kernel
def _find_shadows(channels, weights, gaussians, t, s, depth, gate2, tau):
    """Mark in the open plane the pixels that are a background component, darkened (Prati et al. 2003)."""
    n_channels = len(channels)
    _fill(s[(n_channels + _OPEN) * TILE :], _ZERO)
    _fill(s[(n_channels + _TOTAL) * TILE :], _ZERO)
    for k in range(depth):
        if _test_shadow(channels, weights[k, t], gaussians[k, t], s, gate2, tau) == 0:
            return


@inline_kernel
def _test_shadow(channels, weight, gaussian, s, gate2, tau):
    """Test one component for `_find_shadows`; return how many foreground pixels may still be its shadow."""
    n_channels = len(channels)
    undecided = np.int32(0)
    for i in range(TILE):
        dot = _ZERO
        norm = _ZERO
        for c in range(n_channels):
            mean = gaussian[(1 + c) * TILE + i]
            dot += s[c * TILE + i] * mean
            norm += mean * mean
        total = s[(n_channels + _TOTAL) * TILE + i]
        share = s[(n_channels + _SHARE) * TILE + i]
        w = weight[i]
        is_darker = (total <= share) & (w > _ZERO) & (norm > _ZERO) & (dot <= norm) & (dot >= tau * norm)
        ratio = dot / norm if is_darker else _ZERO
        distance2 = _ZERO
        for c in range(n_channels):
            difference = ratio * gaussian[(1 + c) * TILE + i] - s[c * TILE + i]
            distance2 += difference * difference
        is_shadow = is_darker & (distance2 < gate2 * gaussian[i] * ratio * ratio)
        marked = _ONE if is_shadow else s[(n_channels + _OPEN) * TILE + i]
        s[(n_channels + _OPEN) * TILE + i] = marked
        s[(n_channels + _TOTAL) * TILE + i] = total + w
        background = s[(n_channels + _IS_BACKGROUND) * TILE + i]
        undecided += np.int32((total + w <= share) & (marked <= _ZERO) & (background <= _ZERO))
    return undecided


@inline_kernel
def _emit_shadows(channels, mask, s, n):
    """Write the shadows found over the foreground."""
    for i in range(n):
        shaded = s[(len(channels) + _OPEN) * TILE + i] > _ZERO
        mask[i] = SHADOW if (mask[i] > 0) & shaded else mask[i]


@kernel
def watch(matched, last_matched, flicker, shares, weight, held, rate, worth, fewest, share, calm_share):
    """Follow how often each pixel leaves its heaviest component and comes back, and set its background share.

    matched, last_matched (P,) uint8 of this frame and the last, flicker and shares (P,): P = T * TILE, changed in place
    weight (P,): of the heaviest components · held (P,) uint8 or (0,) and rate: see `update`
    worth: of one change, so that flicker exceeds the chance of a change between independent frames for what sways
    fewest: flicker of a pixel that has changed just often enough not to have seen one thing pass
    """
    for i in range(len(flicker)):
        free = held.shape[0] == 0 or held[i] == 0
        changed = worth if matched[i] != last_matched[i] else _ZERO
        last_matched[i] = matched[i] if free else last_matched[i]
        level = flicker[i] + (rate if free else _ZERO) * (changed - flicker[i])
        flicker[i] = level
        by_chance = np.float32(2) * weight[i] * (_ONE - weight[i])
        shares[i] = share if level > max(by_chance, fewest) else calm_share
