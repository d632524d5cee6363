"""How restless each pixel is, compiled: counted along with the mixture, where something happens.

`unrest` is None, or a tuple of
noise (P,): share of the time in which the pixel was noise, see `Unrest` · flicker (P,): see `Unrest`
marks (P,) uint8: QUIET, NOISE, OPEN, HELD or MOVING in the last frame
left (P,) uint8: 1 where the last frame did not fit the heaviest component
fades (2 * T,): what is left of the noise, and of the flicker, of a tile since they were last written
numbers: see `pack_numbers`

Where all of a tile are quiet, and fit their heaviest component as they did before, both only fade: that can wait.
"""

import numpy as np

from gmmtrack.background.masks.kernels import FOREGROUND
from gmmtrack.compilation import exact_kernel, lean_inline_kernel, lean_kernel
from gmmtrack.lanes import LANES, any_lane, lanes, load, prefetch, store, where

_ZERO = np.float32(0)
_ONE = np.float32(1)

QUIET, NOISE, OPEN, HELD, MOVING = (np.uint8(n) for n in range(5))
_NOISE, _OPEN, _HELD = (np.float32(n) for n in (NOISE, OPEN, HELD))


@lean_inline_kernel
def is_calm(unrest, t):
    """Return whether all pixels of a tile are quiet, and fitted their heaviest component in the last frame."""
    if unrest is None:
        return True
    noise, flicker, marks, left, fades, numbers = unrest
    return not any_lane(load(marks, t * LANES) + load(left, t * LANES) > _ZERO)


@lean_inline_kernel
def rest(unrest, t, rate):
    """Let the noise and flicker of a calm tile fade."""
    if unrest is not None:
        noise, flicker, marks, left, fades, numbers = unrest
        fades[2 * t] *= numbers[1]
        fades[2 * t + 1] *= _ONE - rate


@lean_inline_kernel
def prefetch_unrest(unrest, t):
    """Let the processor fetch what is known of a tile."""
    if unrest is not None:
        noise, flicker, marks, left, fades, numbers = unrest
        prefetch(noise, t * LANES)
        prefetch(flicker, t * LANES)


@lean_inline_kernel
def rates_of(unrest, t, rate):
    """Return the learning rate of each pixel of a tile: of noise and of what is held they are others."""
    if unrest is None:
        return lanes(rate)
    noise, flicker, marks, left, fades, numbers = unrest
    mark = load(marks, t * LANES)
    return where(mark == _NOISE, numbers[3], where(mark >= _HELD, numbers[2], rate))


@lean_inline_kernel
def shares_of(unrest, t, heaviest, share):
    """Count the last frame's noise, and return the background share of each pixel of a tile.

    heaviest: weights of the heaviest components · share: of what sways
    """
    if unrest is None:
        return lanes(share)
    noise, flicker, marks, left, fades, numbers = unrest
    memory_rate, calm_fade, hold, haste, worth, fewest, calm_share, restless_share, quiet_until, loud_from = numbers
    i = t * LANES
    mark = load(marks, i)
    level = load(noise, i) * fades[2 * t]
    level = level + where(mark < _OPEN, memory_rate, _ZERO) * (where(mark == _NOISE, _ONE, _ZERO) - level)
    often = load(flicker, i) * fades[2 * t + 1]
    store(noise, i, level)
    store(flicker, i, often)
    fades[2 * t] = _ONE
    fades[2 * t + 1] = _ONE
    by_chance = (heaviest + heaviest) * (_ONE - heaviest)
    calm = where((often > by_chance) & (often > fewest), share, calm_share)
    loudness = (level - quiet_until) / (loud_from - quiet_until)
    loudness = where(loudness < _ONE, loudness, _ONE)
    more = restless_share - calm
    own = where((loudness > _ZERO) & (more > _ZERO), calm + loudness * more, calm)
    return where(mark > _HELD, calm_share, own)  # what moves is followed over restless pixels


@lean_inline_kernel
def count_changes(unrest, t, is_left, rates):
    """After a frame: count where a pixel has left its heaviest component, or come back; all is new at a rate of 1.

    is_left: where it does not fit · rates: of the pixels in the count, 0 where nothing may be learned
    """
    if unrest is None:
        return
    noise, flicker, marks, left, fades, numbers = unrest
    i = t * LANES
    last, now = load(left, i), where(is_left & (rates < _ONE), _ONE, _ZERO)
    often = load(flicker, i)
    often = where(rates < _ONE, often + rates * (where(now == last, _ZERO, numbers[4]) - often), _ZERO)
    store(flicker, i, often)
    store(left, i, where(rates > _ZERO, now, last))


@exact_kernel  # for rests may be infinite
def judge(runs, labels, width, noise, fades, sums, rests, limit, most, fresh, counts, kinds):
    """Write the kind of each region: QUIET where more than the share `most` of its pixels speak against it.

    These are noise more often than the limit. What has travelled is HELD, or MOVING within a time `fresh` [s].
    sums: see `measure` · rests (M + 1,): since when it has not travelled [s], inf if it never has
    counts (M + 1,) int64: working memory, all 0 · kinds (M + 1,) uint8: result
    """
    for i in range(len(runs)):
        first, n = runs[i, 0] * width, 0
        for p in range(first + runs[i, 1], first + runs[i, 2]):
            n += noise[p] * fades[2 * (p // LANES)] > limit
        counts[labels[i]] += n
    for r in range(len(kinds)):
        if np.isfinite(rests[r]):
            kinds[r] = MOVING if rests[r] < fresh else HELD
        else:
            kinds[r] = QUIET if counts[r] > most * sums[r, 0] else OPEN


@lean_kernel
def mark(pixels, width, runs, labels, kinds, shadows, marks):
    """Mark each pixel: in a region by its kind, in a shadow that is held as HELD, beside a region as OPEN.

    All else is NOISE where the mask is foreground.

    pixels (H * W,) uint8: of the mask · kinds (M + 1,) uint8: of the regions, QUIET of those that were dropped
    shadows (N, 3): runs of those that are held · marks (H * W,) uint8: result
    """
    for p in range(len(pixels)):
        marks[p] = NOISE if pixels[p] == FOREGROUND else QUIET
    height = len(pixels) // width
    for i in range(len(runs)):  # what borders on an object is part of its blur, not noise
        if kinds[labels[i]] != QUIET:
            for row in range(max(runs[i, 0] - 1, 0), min(runs[i, 0] + 2, height)):
                for x in range(max(runs[i, 1] - 1, 0), min(runs[i, 2] + 1, width)):
                    marks[row * width + x] = OPEN
    for i in range(len(shadows)):
        for x in range(shadows[i, 1], shadows[i, 2]):
            marks[shadows[i, 0] * width + x] = HELD
    for i in range(len(runs)):
        kind = kinds[labels[i]]
        if kind >= HELD:
            for x in range(runs[i, 1], runs[i, 2]):
                marks[runs[i, 0] * width + x] = kind
