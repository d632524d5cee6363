"""What the borders of regions say, compiled."""

import math

import numpy as np

from gmmtrack.compilation import inline_kernel, kernel

_REACH = 3  # squares around that of a pixel in which it hears the border
_WHOLE = 0.3  # worth of the whole border against the most that can be heard so near

UNKNOWN = np.uint8(128)  # as a verdict, which is from 1, uncovered background, to 255, an object
STEPS = 127  # from a verdict that is unknown to a clear one

_ONE, _TWO = np.float32(1), np.float32(2)


@kernel
def judge_borders(image, background, labels, boxes, sides, faint, sums, verdicts):
    """Write what its border says of each pixel of a region.

    image, background (H, W, C) · labels (H, W) int32, 0 for none
    boxes (R, 4) int64: x0, y0, x1, y1 of each region, end exclusive [pixels]
    sides (R,) int64: of the squares in which a region's border is summed up [pixels], 0 to leave it out
    faint: slope that counts for nothing [a pixel] · sums (N, 4): working memory, as many squares as any region has
    verdicts (H, W) uint8: result, UNKNOWN before
    """
    for r in range(1, len(boxes)):
        side = sides[r]
        if side == 0:
            continue
        x0, y0, x1, y1 = boxes[r, 0], boxes[r, 1], boxes[r, 2], boxes[r, 3]
        n_across, n_down = (x1 - x0 + 1) // side + 1, (y1 - y0 + 1) // side + 1
        sums[: n_across * n_down] = 0.0
        _sum_up(image, background, labels, r, (x0, y0, x1, y1), side, n_across, faint, sums)
        _hear(sums, n_across, n_down)
        for y in range(y0, y1):
            for x in range(x0, x1):
                if labels[y, x] == r:
                    s = (y - y0 + 1) // side * n_across + (x - x0 + 1) // side
                    verdicts[y, x] = np.uint8(UNKNOWN + 0.5 + STEPS * sums[s, 3])


@inline_kernel
def _hear(sums, n_across, n_down):
    """Write into sums (N, 4) what is heard in each square: of the border near it, and a little of all of it."""
    difference, total, n, most = 0.0, 0.0, 0.0, 0.0
    for s in range(n_across * n_down):
        difference += sums[s, 0]
        total += sums[s, 1]
        n += sums[s, 2]
    for s in range(n_across * n_down):
        most = max(most, _around(sums, 2, s, n_across, n_down))
    worth = _WHOLE * most / max(n, 1.0)
    for s in range(n_across * n_down):
        of = _around(sums, 1, s, n_across, n_down) + worth * total
        sums[s, 3] = (_around(sums, 0, s, n_across, n_down) + worth * difference) / max(of, 1e-6)


@inline_kernel
def _around(sums, column, s, n_across, n_down):
    """Return the sum of a column over the squares around one."""
    total, row, place = 0.0, s // n_across, s % n_across
    for j in range(max(row - _REACH, 0), min(row + _REACH + 1, n_down)):
        for i in range(max(place - _REACH, 0), min(place + _REACH + 1, n_across)):
            total += sums[j * n_across + i, column]
    return total


@inline_kernel
def _sum_up(image, background, labels, r, box, side, n_across, faint, sums):
    """Add up, square by square, by how much steeper a frame is across the border of a region than the background."""
    height, width, n_channels = image.shape
    x0, y0, x1, y1 = box
    for y in range(max(y0 - 1, 1), min(y1 + 1, height - 1)):  # a frame's edge is no border
        for x in range(max(x0 - 1, 1), min(x1 + 1, width - 1)):
            inside = labels[y, x] == r
            if (
                (labels[y, x - 1] == r) == inside
                and (labels[y, x + 1] == r) == inside
                and (labels[y - 1, x] == r) == inside
                and (labels[y + 1, x] == r) == inside
            ):
                continue
            nx, ny = 0.0, 0.0  # the normal: to where the region lies
            for j in range(max(y - 2, 0), min(y + 3, height)):
                for i in range(max(x - 2, 0), min(x + 3, width)):
                    if labels[j, i] == r:
                        nx += i - x
                        ny += j - y
            length = math.sqrt(nx * nx + ny * ny)
            if length == 0.0:
                continue
            there, before = 0.0, 0.0
            for c in range(n_channels):
                slope = (nx * rise_right(image, y, x, c) + ny * rise_down(image, y, x, c)) / length
                there += slope * slope
                slope = (nx * rise_right(background, y, x, c) + ny * rise_down(background, y, x, c)) / length
                before += slope * slope
            there, before = math.sqrt(there), math.sqrt(before)
            s = (y - y0 + 1) // side * n_across + (x - x0 + 1) // side
            sums[s, 0] += there - before
            sums[s, 1] += there + before + faint
            sums[s, 2] += 1.0


@inline_kernel
def rise_right(image, y, x, c):
    """Return how steeply an image rises to the right (Sobel) [a pixel]."""
    right = _ONE * image[y - 1, x + 1, c] + _TWO * image[y, x + 1, c] + image[y + 1, x + 1, c]
    left = _ONE * image[y - 1, x - 1, c] + _TWO * image[y, x - 1, c] + image[y + 1, x - 1, c]
    return (right - left) / 8


@inline_kernel
def rise_down(image, y, x, c):
    """Return how steeply an image rises downwards (Sobel) [a pixel]."""
    below = _ONE * image[y + 1, x - 1, c] + _TWO * image[y + 1, x, c] + image[y + 1, x + 1, c]
    above = _ONE * image[y - 1, x - 1, c] + _TWO * image[y - 1, x, c] + image[y - 1, x + 1, c]
    return (below - above) / 8
