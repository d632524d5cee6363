"""Plain twins of the kernels of detection: the same sums by NumPy's indices and masks."""

import numpy as np


def centers(shape):
    """Return (H, W, 2) centres of pixels."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    return np.stack([x, y], axis=2) + 0.5


def within(shape, mean, precision, radius2):
    """Return (H, W) bool: whose centres lie in an ellipse."""
    deltas = centers(shape) - mean
    return np.einsum("hwi,ij,hwj->hw", deltas, precision, deltas) <= radius2


def overlap(labels, n_blobs, means, precisions, radius2):
    """Return shared (T, B) and areas (T,) of ellipses and blobs [pixels]."""
    ellipses = [within(labels.shape, *ellipse, radius2) for ellipse in zip(means, precisions, strict=True)]
    shared = [[(inside & (labels == blob + 1)).sum() for blob in range(n_blobs)] for inside in ellipses]
    return np.array(shared).reshape(len(means), n_blobs), np.array([inside.sum() for inside in ellipses])


def reduce_to_cells(labels, chosen, box, cell):
    """Return points (N, 2) and weights (N,) of the cells that hold pixels of the chosen blobs, row by row."""
    mine = (labels > 0) & np.append(chosen, False)[labels - 1]
    points, weights = [], []
    for top in range(box[1], box[3], cell):
        for left in range(box[0], box[2], cell):
            rows, columns = slice(top, min(top + cell, box[3])), slice(left, min(left + cell, box[2]))
            inside = mine[rows, columns]
            if inside.any():
                points.append(centers(labels.shape)[rows, columns][inside].mean(axis=0))
                weights.append(inside.sum())
    return np.array(points).reshape(-1, 2), np.array(weights, float)


def quantised(image):
    """Return (H, W) which of 125 colours each pixel has: 5 steps a channel."""
    return np.digitize(image, [32, 64, 112, 176]) @ [25, 5, 1]


def mark_cells(colors, labels, chosen, box, cell, table):
    """Return (T, N) the mean of what a table (T, 125) says of the colours of the pixels of each cell, row by row."""
    mine = (labels > 0) & np.append(chosen, False)[labels - 1]
    marks = []
    for top in range(box[1], box[3], cell):
        for left in range(box[0], box[2], cell):
            rows, columns = slice(top, min(top + cell, box[3])), slice(left, min(left + cell, box[2]))
            inside = mine[rows, columns]
            if inside.any():
                marks.append(table[:, colors[rows, columns][inside]].mean(axis=1))
    return np.array(marks).reshape(-1, len(table)).T


def count_own(points, weights, means, precisions, radius2):
    """Return (K,) the weights of the points that lie in each ellipse and in no other."""
    deltas = points[:, None] - means
    inside = np.einsum("nki,kij,nkj->nk", deltas, precisions, deltas) <= radius2
    return (inside & (inside.sum(axis=1) == 1)[:, None]).T @ weights


def unexplained(labels, chosen, box, means, precisions, radius2):
    """Return (y1 - y0, x1 - x0) bool: the pixels of the chosen blobs that lie outside every ellipse."""
    left = (labels > 0) & np.append(chosen, False)[labels - 1]
    for mean, precision in zip(means, precisions, strict=True):
        left &= ~within(labels.shape, mean, precision, radius2)
    return left[box[1] : box[3], box[0] : box[2]]


def agreement(labels, chosen, means, precisions, radius2):
    """Return the intersection over union of the chosen blobs with all ellipses."""
    blobs, ellipses = (labels > 0) & np.append(chosen, False)[labels - 1], np.zeros(labels.shape, bool)
    for mean, precision in zip(means, precisions, strict=True):
        ellipses |= within(labels.shape, mean, precision, radius2)
    return (blobs & ellipses).sum() / max((blobs | ellipses).sum(), 1)


def count_colors(image, mask, labels, n_blobs):
    """Return (B, 125) how many foreground pixels of each blob have each colour."""
    colors = quantised(image)
    mine = [colors[(labels == blob + 1) & (mask == 255)] for blob in range(n_blobs)]
    return np.array([np.bincount(of_blob, minlength=125) for of_blob in mine]).reshape(n_blobs, 125)


def unite(boxes):
    """Return the boxes, as a set of tuples, with those that overlap united until none do."""
    left = [tuple(box) for box in boxes.tolist()]
    while pairs := [(a, b) for a in left for b in left if a is not b and overlaps(a, b)]:
        a, b = pairs[0]
        left = [box for box in left if box is not a and box is not b]
        left.append((min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])))
    return set(left)


def overlaps(a, b):
    """Return whether two boxes share a pixel."""
    return max(a[0], b[0]) < min(a[2], b[2]) and max(a[1], b[1]) < min(a[3], b[3])


def fill_grid(labels, chosen, box, cell, colors, table):
    """Return seen (R, C) and empty (R, C) pixels of each cell, and marks (K, R, C) of the colours of those seen."""
    mine = (labels > 0) & np.append(chosen, False)[labels - 1]
    tops, lefts = range(box[1], box[3], cell), range(box[0], box[2], cell)
    seen, empty = np.zeros((len(tops), len(lefts))), np.zeros((len(tops), len(lefts)))
    marks = np.ones((len(table), len(tops), len(lefts)))
    for r, top in enumerate(tops):
        for c, left in enumerate(lefts):
            part = slice(top, min(top + cell, box[3])), slice(left, min(left + cell, box[2]))
            inside = mine[part]
            seen[r, c], empty[r, c] = inside.sum(), (~inside).sum()
            if inside.any():
                marks[:, r, c] = np.exp(table[:, colors[part][inside]].mean(axis=1))
    return seen, empty, marks
