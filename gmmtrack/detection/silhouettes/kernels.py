"""Silhouettes on the grid of a shared blob, compiled: what each explains at a place, and where each settles.

A grid has cells of `cell` pixels, the first at `corner` (2,) [pixels]. Of each: seen (R, C) and empty (R, C), how many
of its pixels are of the blobs, and are not; marks (K, R, C), how likely its colours are for each body: the `cells`.
Bodies are silhouettes (K, S, S) of shares in boxes of extents (K, 2), and areas (K,) [pixels²].
Layers are covers (R, C), how many bodies cover a cell, and sums (R, C) of their marks.
"""

import math

import numpy as np

from gmmtrack.compilation import inline_kernel, kernel


@kernel
def fill_grid(labels, chosen, box, cell, colors, table, seen, empty, marks):
    """Count the pixels of each cell that are of the chosen blobs, and that are not, and average what colours say.

    labels (H, W) int32 · chosen (B,) bool · box (4,) x0, y0, x1, y1 of the grid · cell: side [pixels]
    colors (H, W) uint8, table (K, 125): what each says of K bodies [nepers]; of none, colours are not looked at
    seen, empty (R, C), marks (K, R, C): results, zeros and ones before
    """
    for r in range(seen.shape[0]):
        for c in range(seen.shape[1]):
            top, left = box[1] + r * cell, box[0] + c * cell
            for y in range(top, min(top + cell, box[3])):
                for x in range(left, min(left + cell, box[2])):
                    label = labels[y, x]
                    if label > 0 and chosen[label - 1]:
                        seen[r, c] += 1
                        for k in range(len(table)):
                            marks[k, r, c] += table[k, colors[y, x]]
                    else:
                        empty[r, c] += 1
            if len(table) > 0:
                for k in range(len(table)):
                    marks[k, r, c] = math.exp((marks[k, r, c] - 1) / max(seen[r, c], 1))


@inline_kernel
def _is_within(u, v, silhouette):
    """Return whether a point at (u, v) of a box, from 0 to 1, lies in a silhouette, its shares interpolated."""
    n = silhouette.shape[0]
    if u < 0 or v < 0 or u > 1 or v > 1:
        return False
    a, b = min(max(u * n - 0.5, 0.0), n - 1.0), min(max(v * n - 0.5, 0.0), n - 1.0)
    i, j = min(int(a), n - 2), min(int(b), n - 2)
    a, b = a - i, b - j
    upper = (1 - a) * silhouette[j, i] + a * silhouette[j, i + 1]
    lower = (1 - a) * silhouette[j + 1, i] + a * silhouette[j + 1, i + 1]
    return (1 - b) * upper + b * lower >= 0.5


@inline_kernel
def _share(i, center, extent, corner, cell):
    """Return how far along a side of a box the middle of the i-th cell lies, from 0 to 1."""
    return (corner + (i + 0.5) * cell - center) / extent + 0.5


@inline_kernel
def _span(center, extent, corner, cell, n):
    """Return the first and the one after the last of n cells whose middle lies within a box, along one side."""
    first = math.ceil((center - extent / 2 - corner) / cell - 0.5)
    last = math.floor((center + extent / 2 - corner) / cell - 0.5)
    return max(0, int(first)), min(n, int(last) + 1)


@inline_kernel
def _worth(x, y, k, stride, corner, cell, bodies, cells, layers, color):
    """Return how many pixels more the cells explain with body k at (x, y), of the share 1 / stride² looked at."""
    silhouettes, extents, _ = bodies
    seen, empty, marks = cells
    covers, sums = layers
    top, bottom = _span(y, extents[k, 1], corner[1], cell, seen.shape[0])
    left, right = _span(x, extents[k, 0], corner[0], cell, seen.shape[1])
    gain = 0.0
    for r in range(top, bottom, stride):
        v = _share(r, y, extents[k, 1], corner[1], cell)
        for c in range(left, right, stride):
            u = _share(c, x, extents[k, 0], corner[0], cell)
            if not _is_within(u, v, silhouettes[k]):
                continue
            n = covers[r, c]
            if n == 0:
                gain += seen[r, c] * (1 + color * math.log(marks[k, r, c])) - empty[r, c]
            elif color > 0:
                gain += seen[r, c] * color * math.log((sums[r, c] + marks[k, r, c]) * n / ((n + 1) * sums[r, c]))
    return gain * stride * stride


@inline_kernel
def _put(x, y, k, sign, corner, cell, bodies, cells, layers):
    """Add body k at (x, y) to the layers, or take it away."""
    silhouettes, extents, _ = bodies
    covers, sums = layers
    top, bottom = _span(y, extents[k, 1], corner[1], cell, covers.shape[0])
    left, right = _span(x, extents[k, 0], corner[0], cell, covers.shape[1])
    for r in range(top, bottom):
        v = _share(r, y, extents[k, 1], corner[1], cell)
        for c in range(left, right):
            u = _share(c, x, extents[k, 0], corner[0], cell)
            if _is_within(u, v, silhouettes[k]):
                covers[r, c] += sign
                sums[r, c] += sign * cells[2][k, r, c]


@inline_kernel
def _search(k, is_far, expected, at, room, corner, cell, bodies, cells, layers, numbers):
    """Return the best place of body k: everywhere on the grid at first, then nearby in ever smaller steps.

    Where it is expected counts in the choice among all places, not in the last steps: a track that is told of where it
    was expected would never learn that it changed its speed.
    """
    evidence, sigma, freedom, color, _ = numbers
    size = math.sqrt(bodies[1][k, 0] * bodies[1][k, 1])
    per_pixel = evidence / bodies[2][k]
    step = max(cell, size / 4)
    n_columns = int((room[2] - room[0]) / step) + 1 if is_far else 0
    n_rows = int((room[3] - room[1]) / step) + 1
    best, x, y = -1e300, at[0], at[1]
    for i in range(-2, n_columns * n_rows):
        a = at[0] if i == -2 else expected[0] if i == -1 else room[0] + (i % n_columns) * step
        b = at[1] if i == -2 else expected[1] if i == -1 else room[1] + (i // n_columns) * step
        off2 = ((a - expected[0]) ** 2 + (b - expected[1]) ** 2) / (sigma * size) ** 2
        value = -(freedom + 1) / 2 * math.log(1 + off2 / freedom)
        if value + evidence > best:
            value += per_pixel * _worth(a, b, k, 2, corner, cell, bodies, cells, layers, color)
            if value > best:
                best, x, y = value, a, b
    step = step / 2 if is_far else cell
    best = _worth(x, y, k, 1, corner, cell, bodies, cells, layers, color)
    while step > 0.3 * cell:
        a, b = x, y
        for i in range(4):
            c, d = a + ((-1, 1, 0, 0)[i]) * step, b + ((0, 0, -1, 1)[i]) * step
            value = _worth(c, d, k, 1, corner, cell, bodies, cells, layers, color)
            if value > best + 1e-6:
                best, x, y = value, c, d
        if x == a and y == b:
            step /= 2
    return x, y


@kernel
def settle(cells, room, corner, cell, centers, bodies, numbers, counts, own):
    """Move each body in turn to where it explains most, until all stay; return the intersection over union [0-1].

    room (4,): x0, y0, x1, y1 of where they may be · centers (K, 2): where they are expected, and result [pixels]
    numbers: see `placement` · counts, own (K,): results, in pixels, zeros before
    """
    layers = cells[0] * 0.0, cells[0] * 0.0
    expected = centers.copy()
    order = np.argsort(-bodies[2])
    for k in range(len(centers)):
        _put(centers[k, 0], centers[k, 1], k, 1.0, corner, cell, bodies, cells, layers)
    for i in range(numbers[4]):
        moved = False
        for k in order:  # the largest first: what it explains, the others need not
            x0, y0 = centers[k, 0], centers[k, 1]
            _put(x0, y0, k, -1.0, corner, cell, bodies, cells, layers)
            x, y = _search(k, i < 2, expected[k], centers[k], room, corner, cell, bodies, cells, layers, numbers)
            _put(x, y, k, 1.0, corner, cell, bodies, cells, layers)
            centers[k, 0], centers[k, 1] = x, y
            moved |= abs(x - x0) + abs(y - y0) > 0.3 * cell
        if not moved:
            break
    return _summed_up(centers, corner, cell, bodies, cells, layers, counts, own)


@inline_kernel
def _summed_up(centers, corner, cell, bodies, cells, layers, counts, own):
    """Count what each body has, and return the intersection over union of bodies and blobs."""
    silhouettes, extents, _ = bodies
    covers = layers[0]
    both, either = 0.0, 0.0
    for r in range(covers.shape[0]):
        for c in range(covers.shape[1]):
            is_covered = covers[r, c] > 0.5
            both += cells[0][r, c] if is_covered else 0.0
            either += cells[0][r, c] + (cells[1][r, c] if is_covered else 0.0)
            for k in range(len(centers)):
                u = _share(c, centers[k, 0], extents[k, 0], corner[0], cell)
                v = _share(r, centers[k, 1], extents[k, 1], corner[1], cell)
                if is_covered and _is_within(u, v, silhouettes[k]):
                    counts[k] += cells[0][r, c] / covers[r, c]
                    own[k] += cells[0][r, c] if covers[r, c] < 1.5 else 0.0
    return both / max(either, 1.0)
