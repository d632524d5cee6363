"""What calm pixels are compared with between the frames that they are learned from, compiled.

`lulls` is None, or a tuple of
lows, highs (P * C,) uint8: levels of each pixel, laid out as the frame is; between them, in all channels, the pixel
    fits its heaviest component, which is background, and nothing needs to be known of what its tile did before; where
    the least is above the greatest, that is not known
gains (C * MANY,) uint16, offsets (C * MANY,) int16: see `within_in_light`
light: PLAIN where the frame is in the light of the background; LIT where these bring it there; else FAR
every, phase: a block of tiles is learned in one of `every` frames, which differ from block to block
"""

import numpy as np

from gmmtrack.compilation import lean_inline_kernel
from gmmtrack.lanes import LANES, MANY, load, root, store, weave, where, within, within_in_light

PLAIN, LIT, FAR = range(3)
SOME = MANY // LANES  # tiles that are compared at once

_ZERO = np.float32(0)
_ONE = np.float32(1)
_NEARLY = np.float32(0.999)  # of a range, for what is rounded
_ERROR = np.float32(0.15)  # [levels] the same, in another light
_FULL = np.float32(255)


@lean_inline_kernel
def is_due(lulls, block):
    """Return whether a block of tiles is learned from this frame."""
    if lulls is None:
        return True
    lows, highs, gains, offsets, light, every, phase = lulls
    return (block + phase) % every == 0


@lean_inline_kernel
def is_within(channels, lulls, image, start, t):
    """Return whether all pixels of SOME tiles, from element `start` of an image on, are within their range."""
    if lulls is None:
        return False
    lows, highs, gains, offsets, light, every, phase = lulls
    at = t * len(channels) * LANES
    if light == PLAIN:
        return within(channels, image, start, lows, highs, at)
    return light == LIT and within_in_light(channels, image, start, lows, highs, at, gains, offsets)


@lean_inline_kernel
def has_range(channels, lulls, t):
    """Return whether the range of a tile is known."""
    if lulls is None:
        return False
    lows, highs, gains, offsets, light, every, phase = lulls
    at = t * len(channels) * LANES
    return lows.shape[0] == 0 or lows[at] <= highs[at]


@lean_inline_kernel
def set_range(channels, lulls, gaussians, t, gate2, x):
    """Note the greatest cube of levels within the gate of the heaviest components.

    x (2 * C * LANES,): working memory
    """
    if lulls is None:
        return
    lows, highs, gains, offsets, light, every, phase = lulls
    if lows.shape[0] == 0 or every == 1:
        return
    n_channels = len(channels)
    g, at = t * (1 + n_channels) * LANES, t * n_channels * LANES
    reach = _NEARLY * root(gate2 / np.float32(n_channels) * load(gaussians, g)) - _ERROR
    for c in range(n_channels):
        low, high = _range(gaussians, g + (1 + c) * LANES, reach)
        store(x, c * LANES, low)
        store(x, (n_channels + c) * LANES, high)
    weave(channels, x, 0, lows, at)
    weave(channels, x, n_channels * LANES, highs, at)


@lean_inline_kernel
def _range(gaussians, at, reach):
    """Return the first and the last level that are within reach of means, which may lie beyond all levels."""
    mean = load(gaussians, at)
    low, high = mean - reach + _ONE, mean + reach  # when they are cut off, both are within
    is_none = (low >= _FULL + _ONE) | (high < _ZERO)
    low = where(is_none, _FULL, where(low > _ZERO, low, _ZERO))
    return low, where(is_none, _ZERO, where(high < _FULL, high, _FULL))


@lean_inline_kernel
def forget_range(channels, lulls, t):
    """Let no pixel of a tile be within its range."""
    if lulls is None:
        return
    lows, highs, gains, offsets, light, every, phase = lulls
    if lows.shape[0]:
        for c in range(len(channels)):
            store(lows, (t * len(channels) + c) * LANES, _FULL)
            store(highs, (t * len(channels) + c) * LANES, _ZERO)
