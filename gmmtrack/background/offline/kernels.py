"""What frames drawn from all over a clip say of each pixel, compiled."""

import numpy as np

from gmmtrack.background.borders.kernels import UNKNOWN
from gmmtrack.compilation import kernel


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
