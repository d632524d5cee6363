"""What frames drawn from all over a clip say of each pixel, compiled."""

import numpy as np

from gmmtrack.background.borders.kernels import UNKNOWN, rise_down, rise_right
from gmmtrack.compilation import inline_kernel, kernel

_MOST_OF_NINE = 7
_LEAST_LOSS = 0.03  # share of the light; less is noise


@kernel
def find_different(channels, image, background, limits, mask):
    """Set to 255 where an image (H, W, C) is farther from the background (H, W, C) than the limits (H, W) [squared].

    channels: a tuple of C values, for its length is known to the compiler · mask (H, W) uint8: result, 0 elsewhere
    """
    for y in range(len(image)):
        for x in range(image.shape[1]):
            distance2 = np.float32(0)
            for c in range(len(channels)):
                difference = np.float32(image[y, x, c]) - background[y, x, c]
                distance2 += difference * difference
            mask[y, x] = 255 if distance2 > limits[y, x] else 0


@kernel
def count_shade(channels, image, background, limits, differs, numbers, counts):
    """Count the pixels amid what differs that are shaded, and those of them that are as much as their neighbours.

    image, background (H, W, C), limits (H, W): as in `find_different` · differs (H, W) uint8, not 0 where it differs
    numbers: the least share of its light that a shaded pixel keeps; what limits are at most; the least limit, as a
    share of the squared background; the steepest even slope, as a share of the light lost, a pixel
    counts (2,) int64: results
    """
    light, steepest = np.empty((3, 3, 1), np.float32), numbers[3]
    for y in range(1, len(image) - 1):
        for x in range(1, image.shape[1] - 1):
            if not differs[y, x] or not _is_amid(differs, y, x):
                continue
            if not _light(channels, image, background, limits, y, x, numbers)[1]:
                continue
            n_shaded = 0
            for j in range(3):
                for i in range(3):
                    light[j, i, 0], is_shaded = _light(
                        channels, image, background, limits, y + j - 1, x + i - 1, numbers
                    )  # fmt: skip
                    n_shaded += is_shaded
            if n_shaded >= _MOST_OF_NINE:
                right, down = rise_right(light, 1, 1, 0), rise_down(light, 1, 1, 0)
                counts[0] += 1
                counts[1] += np.sqrt(right * right + down * down) < steepest * max(1 - light.mean(), _LEAST_LOSS)


@inline_kernel
def _is_amid(differs, y, x):
    """Return whether all neighbours of a pixel differ."""
    for j in range(-1, 2):
        for i in range(-1, 2):
            if not differs[y + j, x + i]:
                return False
    return True


@inline_kernel
def _light(channels, image, background, limits, y, x, numbers):
    """Return which share of the background's light a pixel has, and whether that is all it differs in.

    Prati et al. 2003, as `shadows.kernels`
    """
    darkest, highest, lowest, _ = numbers
    dot, norm, distance2 = np.float32(0), np.float32(1e-9), np.float32(0)
    for c in range(len(channels)):
        dot += np.float32(image[y, x, c]) * background[y, x, c]
        norm += background[y, x, c] * background[y, x, c]
    light = dot / norm
    for c in range(len(channels)):
        difference = light * background[y, x, c] - np.float32(image[y, x, c])
        distance2 += difference * difference
    near = max(min(limits[y, x], highest), lowest * norm) * light * light
    return light, darkest <= light <= 1 and distance2 < near


@kernel
def tally(verdicts, differs, first, last, clearest, frames, votes, n_different, n_changes):
    """Sum up what N frames say of the pixels of some rows.

    verdicts (N, H, W) uint8: see `UNKNOWN` · differs (N, H, W) uint8: not 0 where a frame is not as the background
    clearest (H, W) uint8: result, the least verdict, or UNKNOWN · frames (H, W) int32: result, whose it is
    votes (H, W) int32: result, sum of the verdicts [1 / STEPS]
    n_different, n_changes (H, W) int32: results, frames that differ, and changes between one frame and the next
    """
    width = verdicts.shape[2]
    for y in range(first, last):
        for x in range(width):
            clearest[y, x] = UNKNOWN
            votes[y, x] = n_different[y, x] = n_changes[y, x] = 0
        for i in range(len(verdicts)):
            before = max(i - 1, 0)
            for x in range(width):
                verdict = verdicts[i, y, x]
                votes[y, x] += np.int32(verdict) - np.int32(UNKNOWN)
                frames[y, x] = i if verdict < clearest[y, x] else frames[y, x]
                clearest[y, x] = min(verdict, clearest[y, x])
                n_different[y, x] += differs[i, y, x] != 0
                n_changes[y, x] += (differs[i, y, x] != 0) != (differs[before, y, x] != 0)
