"""Pixels of blobs, compiled: moments, overlaps with ellipses, reduction to weighted cells."""

import math

from gmmtrack.compilation import inline_kernel, kernel


@kernel
def unite(boxes):
    """Replace boxes that overlap by the box around them, until none do; return how many are left, the first ones.

    boxes (N, 4) int64: x0, y0, x1, y1 [pixels], end exclusive; changed in place
    """
    n, i = len(boxes), 0
    while i < n:
        j = _first_overlap(boxes, i, n)
        if j == n:
            i += 1
            continue
        for k in range(2):
            boxes[i, k], boxes[i, k + 2] = min(boxes[i, k], boxes[j, k]), max(boxes[i, k + 2], boxes[j, k + 2])
        n -= 1
        for k in range(4):  # a row at once would take the compiler ten times as long
            boxes[j, k] = boxes[n, k]
        i = 0  # it may reach those before by now
    return n


@inline_kernel
def _first_overlap(boxes, i, n):
    """Return the first of n boxes behind box i that overlaps it, or n."""
    for j in range(i + 1, n):
        a, b = boxes[i], boxes[j]
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
            return j
    return n


@kernel
def overlap(labels, means, precisions, boxes, radius2, shared, areas):
    """Count how many pixels of each ellipse lie on each blob.

    labels (H, W) int32 · means (T, 2), precisions (T, 2, 2), boxes (T, 4) int64 x0, y0, x1, y1 around the ellipses,
    within the frame · radius2: squared radius of the ellipses [standard deviations²]
    shared (T, B) and areas (T,): results, in pixels; areas count only what lies within the frame
    """
    for t in range(len(means)):
        for y in range(boxes[t, 1], boxes[t, 3]):
            for x in range(boxes[t, 0], boxes[t, 2]):
                if _distance2(x + 0.5, y + 0.5, means, precisions, t) <= radius2:
                    areas[t] += 1
                    label = labels[y, x]
                    if label > 0:
                        shared[t, label - 1] += 1


@inline_kernel
def _distance2(x, y, means, precisions, k):
    """Return the squared Mahalanobis distance of a point from ellipse k."""
    dx, dy = x - means[k, 0], y - means[k, 1]
    return precisions[k, 0, 0] * dx * dx + 2 * precisions[k, 0, 1] * dx * dy + precisions[k, 1, 1] * dy * dy


@inline_kernel
def _is_inside(x, y, means, precisions, radius2):
    """Return whether the middle of a pixel lies in any ellipse."""
    inside = False
    for k in range(len(means)):
        inside |= _distance2(x + 0.5, y + 0.5, means, precisions, k) <= radius2
    return inside


@kernel
def reduce_to_cells(labels, chosen, box, cell, colors, table, points, weights, marks):
    """Write what each cell that holds pixels of the chosen blobs amounts to; return how many there are.

    labels (H, W) int32 · chosen (B,) bool · box (4,) x0, y0, x1, y1 · cell: side [pixels]
    colors (H, W) uint8, table (T, 125): what each says of T tracks; of none, colours are not looked at
    points (N, 2): centroids [pixels], weights (N,): counts of pixels, marks (T, N): means of what their colours say
    N: at least the number of cells; zeros before
    """
    n = 0
    for top in range(box[1], box[3], cell):
        for left in range(box[0], box[2], cell):
            count = 0
            sx = 0
            sy = 0
            for y in range(top, min(top + cell, box[3])):
                for x in range(left, min(left + cell, box[2])):
                    label = labels[y, x]
                    if label > 0 and chosen[label - 1]:
                        count += 1
                        sx += x
                        sy += y
                        if len(table) > 0:
                            for t in range(len(table)):
                                marks[t, n] += table[t, colors[y, x]]
            if count > 0:
                points[n, 0] = sx / count + 0.5
                points[n, 1] = sy / count + 0.5
                weights[n] = count
                for t in range(len(table)):
                    marks[t, n] /= count
                n += 1
    return n


@kernel
def count_own(points, weights, means, precisions, radius2, own):
    """Add up, for each ellipse, the weights of the points that lie in no other one.

    points (N, 2) [pixels], weights (N,) · means (K, 2), precisions (K, 2, 2)
    radius2: squared radius of the ellipses [standard deviations²] · own (K,): result, zeros before
    """
    for i in range(len(points)):
        owner, n_around = 0, 0
        for k in range(len(means)):
            if _distance2(points[i, 0], points[i, 1], means, precisions, k) <= radius2:
                owner = k
                n_around += 1
        if n_around == 1:
            own[owner] += weights[i]


@kernel
def agreement(labels, chosen, box, means, precisions, radius2):
    """Return the intersection over union [pixels] of the chosen blobs with ellipses: how well these explain them.

    labels (H, W) int32 · chosen (B,) bool · box (4,) x0, y0, x1, y1 around both, within the frame
    means (K, 2), precisions (K, 2, 2) · radius2: squared radius of the ellipses [standard deviations²]
    """
    both, either = 0, 0
    for y in range(box[1], box[3]):
        for x in range(box[0], box[2]):
            label = labels[y, x]
            is_blob = label > 0 and chosen[label - 1]
            inside = _is_inside(x, y, means, precisions, radius2)
            both += is_blob and inside
            either += is_blob or inside
    return both / max(either, 1)


@kernel
def mark_unexplained(labels, chosen, box, means, precisions, radius2, out):
    """Set to 1 the pixels of the chosen blobs that lie outside every ellipse; return how many.

    labels (H, W) int32 · chosen (B,) bool · box (4,) x0, y0, x1, y1 · means (K, 2), precisions (K, 2, 2)
    out (y1 - y0, x1 - x0) uint8, zeros
    """
    n = 0
    for y in range(box[1], box[3]):
        for x in range(box[0], box[2]):
            label = labels[y, x]
            if label == 0 or not chosen[label - 1]:
                continue
            if not _is_inside(x, y, means, precisions, radius2):
                out[y - box[1], x - box[0]] = 1
                n += 1
    return n


@kernel
def moments_of(sums, counts, means, covariances):
    """Write how many pixels blobs have, their mean and covariance: counts (B,), means (B, 2), covariances (B, 2, 2).

    sums (B, 6) int64: n, x, y, xx, xy, yy of their pixels, each of which is a square of uniform weight
    """
    for b in range(len(sums)):
        n = sums[b, 0]
        counts[b] = n
        for i in range(2):
            means[b, i] = sums[b, 1 + i] / n + 0.5
            for j in range(2):
                # a whole number, and so exact, before the division
                variance = n * sums[b, 3 + i + j] - sums[b, 1 + i] * sums[b, 1 + j]
                covariances[b, i, j] = variance / (counts[b] * counts[b]) + (1 / 12 if i == j else 0.0)


@kernel
def quantise(image, labels, boxes, colors):
    """Write which of 125 colours each pixel of a blob has, in 5 steps a channel, finer where it is dark.

    image (H, W, 3) uint8 · labels (H, W) int32, 0 for no blob · boxes (B, 4) int64 x0, y0, x1, y1 of the blobs
    colors (H, W) uint8: result; other pixels are left as they are
    """
    for b in range(len(boxes)):
        for y in range(boxes[b, 1], boxes[b, 3]):
            for x in range(boxes[b, 0], boxes[b, 2]):
                if labels[y, x] == b + 1:
                    color = 0
                    for c in range(3):
                        level = image[y, x, c]
                        color = 5 * color + (level >= 32) + (level >= 64) + (level >= 112) + (level >= 176)
                    colors[y, x] = color


@kernel
def count_colors(colors, mask, labels, boxes, counts, enough, palettes):
    """Count the colours of the foreground pixels of each blob.

    colors (H, W) uint8 [0-124], of blobs · mask (H, W) uint8, 255 foreground · labels (H, W) int32
    boxes (B, 4) int64 x0, y0, x1, y1 · counts (B,) pixels of the blobs
    enough: of a blob of k² times as many pixels, one in k² is looked at, and stands for all
    palettes (B, 125): results, zeros before
    """
    for b in range(len(boxes)):
        step = max(1, int(math.sqrt(counts[b] / enough)))
        for y in range(boxes[b, 1], boxes[b, 3], step):
            for x in range(boxes[b, 0], boxes[b, 2], step):
                if labels[y, x] == b + 1 and mask[y, x] == 255:
                    palettes[b, colors[y, x]] += step * step


@kernel
def group(claims, of_track, of_blob):
    """Write which group each track and blob belongs to, bound together by claims; return how many groups there are.

    claims (T, B) bool · of_track (T,), of_blob (B,) int64: results; groups with tracks come first
    """
    n_tracks, n_blobs = claims.shape
    for t in range(n_tracks):
        of_track[t] = t  # at first, the first track of its group
    for b in range(n_blobs):
        of_blob[b] = -1
        for t in range(n_tracks):
            if claims[t, b] and of_blob[b] < 0:
                of_blob[b] = t
            elif claims[t, b]:
                one, other = of_track[of_blob[b]], of_track[t]
                for u in range(n_tracks):
                    if of_track[u] == max(one, other):
                        of_track[u] = min(one, other)
    n = 0
    for t in range(n_tracks):
        is_first = of_track[t] == t
        of_track[t] = n if is_first else of_track[of_track[t]]
        n += is_first
    for b in range(n_blobs):
        is_alone = of_blob[b] < 0
        of_blob[b] = n if is_alone else of_track[of_blob[b]]
        n += is_alone
    return n
