"""The per-pixel mixture, compiled: one frame in, one mask out, the state updated in place.

Pixels are taken a tile at a time, LANES of them side by side. The state is flat, in planes of a tile:

weights (K * T * TILE,): of the heaviest components, tile by tile; then, tile by tile, of the others, heaviest first; 0
    where there is no component
gaussians (K * T * (1 + C) * TILE,): in the same order, the variances of a tile [levels²], then its means, channel by
    channel [levels]; the heaviest component's variance is 0 where there is none, so that nothing matches it
depths (T,): how many components the deepest pixel of a tile has
decays (T,): what is left of the weights of a tile since they were last written

Most pixels fit their heaviest component. Where all of a tile do, only its Gaussian is read and learned: what the frame
does to the weights is the same for all of them, so it can wait. A rate r takes each weight w to (1 - r) w - r prune,
and the heaviest one to that + r; several rates, with d the product of their 1 - r, take it to d (w + prune) - prune,
and to that + 1 - d. So d, the decay, is all that need be kept of those frames. While it is pending, the weights sum to
less than 1, by (1 - d) prune for each component; so they are settled before d is far below _FAINTEST, and where a pixel
leaves its heaviest component. At rates that are not _SLOW they wait for one frame only: the weights of young mixtures
are few and simple numbers, on which the limits lie too, so that the least difference would decide.
Tiles in which one does are put aside until a block of them has been gone through, while the processor fetches their
other components: what is not in the cache is waited for once, not at every step.

`channels` is a tuple of C values: its length is known to the compiler, its values are not used. What is optional may be
None, and is then not compiled in. `limits` are what pixels are judged by: see `_limits`.
The decisions are those of Zivkovic (2004, eqs. 3-12) as OpenCV's bgfg_gaussmix2.cpp takes them.
"""

import numpy as np

from gmmtrack.background.lulls.kernels import SOME, forget_range, has_range, is_due, is_within, set_range
from gmmtrack.background.shadows.kernels import labels_of
from gmmtrack.background.tiles import TILE, gaussian_of, place
from gmmtrack.background.unrest.kernels import count_changes, is_calm, prefetch_unrest, rates_of, rest, shares_of
from gmmtrack.compilation import lean_inline_kernel, lean_kernel
from gmmtrack.lanes import any_lane, lanes, load, prefetch, spread, store, where

BLOCK = 16  # tiles: few enough that what was fetched for them is still in the nearest cache

_ZERO = np.float32(0)
_ONE = np.float32(1)
_FAINTEST = np.float32(0.9)
_SLOW = np.float32(0.01)  # rate
_MIXED = np.float32(-1)  # in place of a rate
_MOST_PRUNE = np.float32(0.5)  # beyond, a component that matches may be dropped all the same


@lean_kernel
def update(channels, image, mask, held, x, waiting, model, options, first, last, rate, calm_rate, rules):
    """Classify and learn tiles `first` to `last` of one frame.

    image (n * C,), mask (n,) uint8: of these tiles alone, n = (last - first) * TILE; the mask is all 0 before
    x (2 * C * TILE,), waiting (BLOCK + 1,) int32: working memory
    model: weights, gaussians, depths, decays, K
    rate: share of this frame in the mixture [0-1] · calm_rate: the same where calm pixels are due, see `lulls.kernels`
    held (n,) uint8, nonzero where nothing may be learned, or (0,) · rules: see `pack_rules`
    options: four, or None
        light (2 * C,): gain of each channel, then offset [levels], that bring the image to the light of the background
        unrest: see `unrest.kernels`; it sets the learning rate and the background share of each pixel
        lulls: see `lulls.kernels`; without them calm pixels are due in every frame
        distances (T * TILE,): result, squared distance [variances] to the nearest background component, of those up to
            the first that matched
    """
    light, unrest, lulls, distances = options
    start = rules[6]
    for block in range(first // BLOCK, -(-last // BLOCK)):
        n_waiting = _learn_calm(
            channels,
            image,
            held,
            x,
            waiting,
            model,
            options,
            block,
            first,
            last,
            (calm_rate, rate < _SLOW),
            _limits(rules),
        )
        for j in range(n_waiting):
            t = waiting[j]
            p = (t - first) * TILE
            _take(channels, image, p * len(channels), light, x)
            limits = _limits(rules)
            _settle(model, t, limits[2], limits[2] * rate)
            shares = shares_of(unrest, t, load(model[0], t * TILE), rules[3])
            rates = _free(rates_of(unrest, t, rate), held, p)
            is_background, is_left = _learn_all(channels, x, model, t, rates, limits, shares, start, distances)
            count_changes(unrest, t, is_left, _free(lanes(rate), held, p))
            store(mask, p, labels_of(channels, x, model, t, shares, rules, is_background))


@lean_inline_kernel
def _learn_calm(channels, image, held, x, waiting, model, options, block, first, last, rates, limits):
    """Learn what is calm and due in a block of tiles; return how many of them wait for more.

    waiting: result, these tiles · first, last: as in `update`
    rates: calm_rate, and whether weights can wait at the usual one
    """
    light, unrest, lulls, distances = options
    rate, is_slow = rates
    n_waiting, is_learned = 0, is_due(lulls, block)
    for some in range(block * BLOCK, (block + 1) * BLOCK, SOME):
        start, stop = max(some, first), min(some + SOME, last)
        is_whole = stop - start == SOME
        if (
            not is_learned
            and is_whole
            and is_within(channels, lulls, image, (start - first) * TILE * len(channels), start)
        ):
            continue
        for t in range(start, stop):
            p = (t - first) * TILE
            _take(channels, image, p * len(channels), light, x)
            common = _common_rate(rate, held, p) if is_learned else _ZERO
            if is_calm(unrest, t) and _learn_heaviest(channels, x, model, t, common, is_slow, limits, distances):
                if is_learned:
                    rest(unrest, t, common)
                if is_learned or not has_range(channels, lulls, t):
                    set_range(channels, lulls, model[1], t, min(limits[0], limits[1]), x)
            else:
                forget_range(channels, lulls, t)
                _prefetch(channels, model, t)
                prefetch_unrest(unrest, t)
                waiting[n_waiting] = t
                n_waiting += 1
    return n_waiting


@lean_kernel
def settle(model, prune, least):
    """Bring the weights of all tiles up to date, and drop those below `least`; model: see `update`."""
    for t in range(model[2].shape[0]):
        _settle(model, t, prune, least)


@lean_kernel
def means_at(channels, gaussians, pixels, means):
    """Write the means of the heaviest components of some pixels (N,), counted row by row, in tiles too: (N * C,)."""
    for i in range(len(pixels)):
        g = gaussian_of(len(channels), pixels[i])
        for c in range(len(channels)):
            means[(i // TILE * len(channels) + c) * TILE + i % TILE] = gaussians[g + (1 + c) * TILE]


@lean_kernel
def grey(channels, gaussians, levels):
    """Write the mean over the channels of each pixel's heaviest component; levels (T * TILE,)."""
    for t in range(len(levels) // TILE):
        g = t * (1 + len(channels)) * TILE
        total = load(gaussians, g + TILE)
        for c in range(1, len(channels)):
            total = total + load(gaussians, g + (1 + c) * TILE)
        store(levels, t * TILE, total / np.float32(len(channels)))


@lean_kernel
def flatten(channels, image, pixels):
    """Copy an image (H, W, C) of any strides into pixels (H * W * C,): thrice as fast as NumPy where C is not 1."""
    i = 0
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            for c in range(len(channels)):
                pixels[i + c] = image[y, x, c]
            i += len(channels)


@lean_inline_kernel
def _take(channels, image, start, light, x):
    """Spread the pixels of a tile over the planes of x, in the light of the background."""
    spread(channels, image, start, x)
    if light is not None:
        for c in range(len(channels)):
            store(x, c * TILE, load(x, c * TILE) * light[c] + light[len(channels) + c])


@lean_inline_kernel
def _prefetch(channels, model, t):
    """Let the processor fetch the other components of a tile."""
    weights, gaussians, depths, decays, n_components = model
    size = 1 + len(channels)
    for k in range(1, n_components):
        at = place(model, k, t)
        prefetch(weights, at)
        prefetch(gaussians, at * size)
        prefetch(gaussians, at * size + 2 * TILE)


@lean_inline_kernel
def _limits(rules):
    """Return squared gates of background and of matching, prune, least and greatest variance, background share, and the
    least weight that makes a component background beyond it.
    """
    prune, gate2, match_gate2, share, low, high, start, tau, shadow_variance, rare, tint = rules
    return gate2, match_gate2, prune, low, high, share, rare


@lean_inline_kernel
def _common_rate(rate, held, p):
    """Return the learning rate of all pixels of a tile, or _MIXED where they have several."""
    if held.shape[0] == 0:
        return rate
    is_free = load(held, p) == _ZERO
    if any_lane(~is_free):
        return _MIXED if any_lane(is_free) else _ZERO
    return rate


@lean_inline_kernel
def _free(rates, held, p):
    """Return the learning rates of the pixels of a tile, 0 where they are held."""
    if held.shape[0] == 0:
        return rates
    return where(load(held, p) == _ZERO, rates, _ZERO)


@lean_inline_kernel
def _distance2(channels, x, gaussians, g):
    """Return the squared distance of the frame to the means of a component [levels²]."""
    distance2 = lanes(_ZERO)
    for c in range(len(channels)):
        difference = load(x, c * TILE) - load(gaussians, g + (1 + c) * TILE)
        distance2 = distance2 + difference * difference
    return distance2


@lean_inline_kernel
def _learn(channels, x, gaussians, g, gain, distance2, low, high):
    """Move a component towards the frame by `gain` of the way; where it is 0, not a bit changes."""
    variance = load(gaussians, g)
    learned = variance + gain * (distance2 - variance)
    learned = where(learned > low, learned, low)
    learned = where(learned < high, learned, high)
    store(gaussians, g, where(gain > _ZERO, learned, variance))
    for c in range(len(channels)):
        mean = load(gaussians, g + (1 + c) * TILE)
        store(gaussians, g + (1 + c) * TILE, mean + gain * (load(x, c * TILE) - mean))


@lean_inline_kernel
def _learn_heaviest(channels, x, model, t, rate, is_slow, limits, distances):
    """Return whether all pixels match their heaviest component and it is background; if so, it learns them."""
    weights, gaussians, depths, decays, n_components = model
    gate2, match_gate2, prune, low, high, share, rare = limits
    decay = decays[t]
    if depths[t] == 0 or rate == _MIXED or prune > _MOST_PRUNE or decay < (_FAINTEST if is_slow else _ONE):
        return False
    g = t * (1 + len(channels)) * TILE
    variance = load(gaussians, g)
    distance2 = _distance2(channels, x, gaussians, g)
    if any_lane(distance2 >= min(gate2, match_gate2) * variance):
        return False
    store(distances, t * TILE, distance2 / variance)
    if rate > _ZERO:
        gain = lanes(rate / (_ONE - rate * prune))
        if depths[t] > 1:
            decay = decay * (_ONE - rate)
            decays[t] = decay
            gain = rate / (decay * (load(weights, t * TILE) + prune) - prune + (_ONE - decay))
        _learn(channels, x, gaussians, g, gain, distance2, low, high)
    return True


@lean_inline_kernel
def _settle(model, t, prune, least):
    """Let the weights of a tile decay by what is pending, drop those below `least`, and make the rest sum to 1."""
    weights, gaussians, depths, decays, n_components = model
    decay = decays[t]
    if decay == _ONE:
        return
    decays[t] = _ONE
    total = lanes(_ZERO)
    for k in range(depths[t]):
        at = place(model, k, t)
        w = load(weights, at)
        w = where(w > _ZERO, decay * w - (_ONE - decay) * prune, _ZERO)
        if k == 0:
            w = w + (_ONE - decay)
        w = where(w > least, w, _ZERO)
        store(weights, at, w)
        total = total + w
    scale = _ONE / total
    for k in range(depths[t]):
        at = place(model, k, t)
        store(weights, at, load(weights, at) * scale)


@lean_inline_kernel
def _learn_all(channels, x, model, t, rate, limits, shares, start, distances):
    """Let each pixel teach the first component that it matches, or start a new one.

    shares: of each pixel's background. Return which pixels are background, and which leave their heaviest component.
    """
    weights, gaussians, depths, decays, n_components = model
    gate2, match_gate2, prune, low, high, share, rare = limits
    zero = lanes(_ZERO)
    is_open, is_background, total = zero == zero, zero > zero, zero
    is_left, nearest = is_open, lanes(np.float32(np.inf))
    for k in range(depths[t]):
        at = place(model, k, t)
        w = load(weights, at)
        faded = (_ONE - rate) * w - rate * prune
        if any_lane(is_open):
            g = at * (1 + len(channels))
            variance = load(gaussians, g)
            distance2 = _distance2(channels, x, gaussians, g)
            is_here = is_open & (w > _ZERO)
            is_near = is_here & (total < shares) & ((total < share) | (w >= rare))
            is_background = is_background | (is_near & (distance2 < gate2 * variance))
            if distances is not None:
                far = distance2 / where(is_here, variance, _ONE)
                nearest = where(is_near & (far < nearest), far, nearest)
            matches = is_here & (distance2 < match_gate2 * variance)
            if any_lane(matches):
                faded = where(matches, faded + rate, faded)
                gain = where(matches, rate / where(matches, faded, _ONE), _ZERO)
                _learn(channels, x, gaussians, g, gain, distance2, low, high)
                is_open = is_open & ~matches
        if k == 0:
            is_left = is_open
        w = where(faded >= rate * prune, faded, _ZERO)
        store(weights, at, w)
        total = total + w
    store(distances, t * TILE, nearest)
    _renew(channels, x, model, t, rate, is_open & (rate > _ZERO), total, start)
    return is_background, is_left


@lean_inline_kernel
def _renew(channels, x, model, t, rate, is_new, total, start):
    """After a frame: make the weights of a tile sum to 1, start new components, and sort."""
    weights, gaussians, depths, decays, n_components = model
    i, size = t * TILE, 1 + len(channels)
    any_new, was_there = any_lane(is_new), total > _ZERO
    scale = where(was_there & (rate > _ZERO), _ONE / where(was_there, total, _ONE), _ONE)
    left = where(is_new, _ONE - rate, _ONE)  # apart from the scale, for OpenCV rounds in between
    depth = 0
    for k in range(depths[t]):
        at = place(model, k, t)
        w = load(weights, at) * scale * left
        store(weights, at, w)
        if any_lane(w > _ZERO):
            depth = k + 1
    if any_new:
        depth = min(depth + 1, n_components)
        at = place(model, depth - 1, t)
        alone = ~was_there | (lanes(np.float32(depth)) == _ONE)
        store(weights, at, where(is_new, where(alone, _ONE, rate), load(weights, at)))
        g = at * size
        store(gaussians, g, where(is_new, start, load(gaussians, g)))
        for c in range(len(channels)):
            g += TILE
            store(gaussians, g, where(is_new, load(x, c * TILE), load(gaussians, g)))
    depths[t] = depth
    for k in range(depth - 1, 0, -1):
        _swap_lighter(channels, weights, gaussians, place(model, k - 1, t), place(model, k, t))
    is_empty = load(weights, i) <= _ZERO
    if any_lane(is_empty):
        store(gaussians, i * size, where(is_empty, _ZERO, load(gaussians, i * size)))


@lean_inline_kernel
def _swap_lighter(channels, weights, gaussians, above, below):
    """Exchange two components wherever the lower one is heavier."""
    x, y = load(weights, above), load(weights, below)
    swap = y > x
    if any_lane(swap):
        store(weights, above, where(swap, y, x))
        store(weights, below, where(swap, x, y))
        size = 1 + len(channels)
        for c in range(size):
            a, b = above * size + c * TILE, below * size + c * TILE
            x, y = load(gaussians, a), load(gaussians, b)
            store(gaussians, a, where(swap, y, x))
            store(gaussians, b, where(swap, x, y))
