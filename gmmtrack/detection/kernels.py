"""Pixels of blobs, compiled: moments, overlaps with ellipses, reduction to weighted cells."""

from gmmtrack.compilation import kernel


@kernel
def measure(labels, sums, boxes):
    """Sum up the pixels of each region.

    labels (H, W) int32, 0 for none · sums (R, 6) int64: n, x, y, xx, xy, yy of region r [pixels], zeros before
    boxes (R, 4) int64: x0, y0, x1, y1 of region r [pixels], end exclusive
    """
    height, width = labels.shape
    for r in range(len(boxes)):
        boxes[r] = (width, height, 0, 0)
    for y in range(height):
        for x in range(width):
            r = labels[y, x]
            if r > 0:
                sums[r, 0] += 1
                sums[r, 1] += x
                sums[r, 2] += y
                sums[r, 3] += x * x
                sums[r, 4] += x * y
                sums[r, 5] += y * y
                boxes[r, 0] = min(boxes[r, 0], x)
                boxes[r, 1] = min(boxes[r, 1], y)
                boxes[r, 2] = max(boxes[r, 2], x + 1)
                boxes[r, 3] = max(boxes[r, 3], y + 1)


@kernel
def renumber(labels, numbers):
    """Give each region its new number, 0 to drop it.

    labels (H, W) int32, changed in place; numbers (R,) int32
    """
    for y in range(labels.shape[0]):
        for x in range(labels.shape[1]):
            if labels[y, x] > 0:
                labels[y, x] = numbers[labels[y, x]]


@kernel
def overlap(labels, means, precisions, boxes, radius2, shared, areas):
    """Count how many pixels of each ellipse lie on each blob.

    labels (H, W) int32 · means (T, 2), precisions (T, 2, 2), boxes (T, 4) int64 x0, y0, x1, y1 around the ellipses,
    within the frame · radius2: squared radius of the ellipses [standard deviations²]
    shared (T, B) and areas (T,): results, in pixels; areas count only what lies within the frame
    """
    for t in range(len(means)):
        a = precisions[t, 0, 0]
        b = precisions[t, 0, 1]
        c = precisions[t, 1, 1]
        for y in range(boxes[t, 1], boxes[t, 3]):
            dy = y + 0.5 - means[t, 1]
            for x in range(boxes[t, 0], boxes[t, 2]):
                dx = x + 0.5 - means[t, 0]
                if a * dx * dx + 2 * b * dx * dy + c * dy * dy <= radius2:
                    areas[t] += 1
                    label = labels[y, x]
                    if label > 0:
                        shared[t, label - 1] += 1


@kernel
def reduce_to_cells(labels, chosen, box, cell, points, weights):
    """Write the centroid and pixel count of each cell that holds pixels of the chosen blobs; return how many.

    labels (H, W) int32 · chosen (B,) bool · box (4,) x0, y0, x1, y1 · cell: side [pixels]
    points (N, 2) [pixels], weights (N,): results, N at least the number of cells
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
            if count > 0:
                points[n, 0] = sx / count + 0.5
                points[n, 1] = sy / count + 0.5
                weights[n] = count
                n += 1
    return n


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
            inside = False
            for k in range(len(means)):
                dx = x + 0.5 - means[k, 0]
                dy = y + 0.5 - means[k, 1]
                q = precisions[k, 0, 0] * dx * dx + 2 * precisions[k, 0, 1] * dx * dy + precisions[k, 1, 1] * dy * dy
                inside |= q <= radius2
            if not inside:
                out[y - box[1], x - box[0]] = 1
                n += 1
    return n


@kernel
def count_colors(image, mask, labels, boxes, palettes):
    """Count the colours of the foreground pixels of each blob, in 5 steps a channel, finer where it is dark.

    image (H, W, 3) uint8 · mask (H, W) uint8, 255 foreground · labels (H, W) int32
    boxes (B, 4) int64 x0, y0, x1, y1 · palettes (B, 125): results, zeros before
    """
    for b in range(len(boxes)):
        for y in range(boxes[b, 1], boxes[b, 3]):
            for x in range(boxes[b, 0], boxes[b, 2]):
                if labels[y, x] == b + 1 and mask[y, x] == 255:
                    color = 0
                    for c in range(3):
                        level = image[y, x, c]
                        color = 5 * color + (level >= 32) + (level >= 64) + (level >= 112) + (level >= 176)
                    palettes[b, color] += 1
