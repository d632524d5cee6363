"""Regions of a mask, compiled: connected pixels of one value, as runs along its rows.

runs (N, 3) int32: y, then x of the first pixel and behind the last, row by row from the left · labels (N,) int32: which
region each run belongs to, 1 to M, in the order of their first runs
A mask is mostly empty, and gone through eight pixels at a time; what is done to its regions costs what they hold.
"""

import numpy as np

from gmmtrack.compilation import exact_kernel, lean_inline_kernel, lean_kernel

WORD = 8  # pixels that are compared at once
_MANY = 16  # words that are passed over at once
MOST_AGAINST = np.uint8(12)  # of 25
_TOP_BIT = np.uint8(7)
_ONES = np.uint64(0x0101010101010101)
_ZERO, _HALF = np.float32(0), np.float32(0.5)

BACKGROUND = np.uint8(0)
SHADOW = np.uint8(127)
FOREGROUND = np.uint8(255)


@lean_kernel
def vote(mask, counts, foreground):
    """Let the majority of the 5 x 5 pixels around each decide; the border is repeated.

    mask (H, W) uint8 · counts (W + 4,) uint8: working memory, all 0
    foreground (H, W) uint8: result, FOREGROUND or BACKGROUND
    """
    height, width = mask.shape
    within = counts[2 : width + 2]
    for y in range(-2, 2):
        _count(mask[min(max(y, 0), height - 1)], within)
    for y in range(height):
        _count(mask[min(y + 2, height - 1)], within)
        if y > 0:
            _discount(mask[max(y - 3, 0)], within)
        counts[:2], counts[width + 2 :] = within[0], within[width - 1]
        _decide(counts, counts[1:], within, counts[3:], counts[4:], foreground[y])


@lean_inline_kernel
def _count(row, counts):
    """Count the foreground of a row, column by column: of the three values of a mask, it alone has the top bit."""
    for x in range(len(counts)):
        counts[x] += row[x] >> _TOP_BIT


@lean_inline_kernel
def _discount(row, counts):
    """Count it no longer."""
    for x in range(len(counts)):
        counts[x] -= row[x] >> _TOP_BIT


@lean_inline_kernel
def _decide(a, b, c, d, e, foreground):
    """Write where five counts are more than MOST_AGAINST in all."""
    for x in range(len(foreground)):
        n = np.uint8(a[x] + b[x] + c[x] + d[x] + e[x])
        foreground[x] = FOREGROUND if n > MOST_AGAINST else BACKGROUND


@lean_kernel
def find_runs(pixels, words, width, value, runs):
    """Write the runs of pixels that have a value, as many as there is room for; return how many there are.

    pixels (H * W,) uint8: of a mask · words: the same as uint64, without what is left over
    """
    n = 0
    start = _next(pixels, words, 0, len(pixels), value, True)
    while start < len(pixels):
        y = start // width
        end = _next(pixels, words, start, (y + 1) * width, value, False)
        if n < len(runs):
            runs[n, 0], runs[n, 1], runs[n, 2] = y, start - y * width, end - y * width
        n += 1
        start = _next(pixels, words, end, len(pixels), value, True)
    return n


@lean_inline_kernel
def _next(pixels, words, p, last, value, wanted):
    """Return the first place from p on that has a value, or that has not; `last` if there is none before."""
    while p < last:
        pixel = pixels[p]
        if (pixel == value) == wanted:
            return p
        p += 1
        if p % WORD == 0:
            p = _pass_over(words, p, last, np.uint64(pixel) * _ONES)
    return last


@lean_inline_kernel
def _pass_over(words, p, last, alike):
    """Return the place up to which, from p on, a mask is made of words that are alike."""
    word, end = p // WORD, last // WORD
    while word + _MANY <= end:
        apart = np.uint64(0)
        for i in range(_MANY):  # no index that might be negative: then they are compared several at a time
            apart |= words[np.uint64(word) + np.uint64(i)] ^ alike
        if apart:
            break
        word += _MANY
    while word < end and words[word] == alike:
        word += 1
    return word * WORD


@lean_kernel
def find_gaps(runs, height, width, gaps):
    """Write the runs of what lies between runs, in the same order, (N + height, 3) int32; return how many there are."""
    n, i = 0, 0
    for y in range(height):
        x = 0
        while x < width:
            has_run = i < len(runs) and runs[i, 0] == y
            end = runs[i, 1] if has_run else width
            if end > x:
                gaps[n, 0], gaps[n, 1], gaps[n, 2] = y, x, end
                n += 1
            x = runs[i, 2] if has_run else width
            i += has_run
    return n


@lean_kernel
def label_runs(runs, reach, labels):
    """Write the label of each run (N,), and return M; reach: 1 if runs that touch at a corner are connected, else 0."""
    n = len(runs)
    for i in range(n):
        labels[i] = i  # at first, a run of the same region, the first one last
    above = 0
    for i in range(n):
        y, x0, x1 = runs[i, 0], runs[i, 1], runs[i, 2]
        while above < i and (runs[above, 0] < y - 1 or (runs[above, 0] == y - 1 and runs[above, 2] + reach <= x0)):
            above += 1
        j = above
        while j < i and runs[j, 0] == y - 1 and runs[j, 1] < x1 + reach:
            a, b = _first(labels, i), _first(labels, j)
            labels[max(a, b)] = min(a, b)
            j += 1
    n_regions = 0
    for i in range(n):
        if labels[i] == i:
            n_regions += 1
            labels[i] = n_regions
        else:
            labels[i] = labels[labels[i]]
    return n_regions


@lean_inline_kernel
def _first(labels, i):
    """Return the first run of the region of run i, as far as it is known; every second step to it is cut short."""
    while labels[i] != i:
        labels[i] = labels[labels[i]]
        i = labels[i]
    return i


@lean_kernel
def paint(pixels, width, runs, labels, chosen, value):
    """Set the pixels (H * W,) of the chosen regions to a value; chosen (M + 1,) bool."""
    for i in range(len(runs)):
        if chosen[labels[i]]:
            for x in range(runs[i, 1], runs[i, 2]):
                pixels[runs[i, 0] * width + x] = value


@lean_kernel
def keep(runs, labels, chosen, numbers, kept, kept_labels):
    """Copy the runs of the chosen regions, numbered anew in the same order; return how many runs and regions they are.

    chosen (M + 1,) bool · numbers (M + 1,) int32: working memory · kept, kept_labels: as runs and labels; results
    """
    n, n_regions = 0, 0
    for r in range(1, len(chosen)):
        n_regions += chosen[r]
        numbers[r] = n_regions
    for i in range(len(runs)):
        if chosen[labels[i]]:
            kept[n, 0], kept[n, 1], kept[n, 2] = runs[i, 0], runs[i, 1], runs[i, 2]
            kept_labels[n] = numbers[labels[i]]
            n += 1
    return n, n_regions


@lean_kernel
def draw(x0, y0, runs, labels, out):
    """Write the label of each run into a window (H, W) int32 of the image, whose first pixel is at x0, y0."""
    for i in range(len(runs)):
        y = runs[i, 0] - y0
        if 0 <= y < out.shape[0]:
            for x in range(max(runs[i, 1] - x0, 0), min(runs[i, 2] - x0, out.shape[1])):
                out[y, x] = labels[i]


@lean_kernel
def measure(runs, labels, sums, boxes):
    """Sum up the pixels of each region.

    runs (N, 3) int32: y, first x, x behind the last [pixels], row by row · labels (N,) int32: their regions, from 1 on
    sums (R, 6) int64: n, x, y, xx, xy, yy of region r [pixels], zeros before
    boxes (R, 4) int64: x0, y0, x1, y1 of region r [pixels], end exclusive; of none, zeros
    """
    for i in range(len(runs)):
        y, x0, x1, r = np.int64(runs[i, 0]), np.int64(runs[i, 1]), np.int64(runs[i, 2]), labels[i]
        n, x = x1 - x0, (x1 - x0) * (x0 + x1 - 1) // 2
        is_first = sums[r, 0] == 0
        boxes[r, 0] = x0 if is_first else min(boxes[r, 0], x0)
        boxes[r, 1] = y if is_first else boxes[r, 1]
        boxes[r, 2] = max(boxes[r, 2], x1)
        boxes[r, 3] = y + 1
        sums[r, 0] += n
        sums[r, 1] += x
        sums[r, 2] += n * y
        sums[r, 3] += _squares(x1) - _squares(x0)
        sums[r, 4] += x * y
        sums[r, 5] += n * y * y


@lean_inline_kernel
def _squares(n):
    """Return the sum of the squares of the whole numbers below n."""
    return (n - 1) * n * (2 * n - 1) // 6


@lean_kernel
def count_borders(pixels, width, runs, labels, own, other, borders):
    """Count what borders on each region of a value: all pixels of another one, and those of one other value.

    Above, below, left and right of it. borders (M + 1, 2) int64: result, all 0
    """
    height = len(pixels) // width
    for i in range(len(runs)):
        y, x0, x1 = runs[i, 0], runs[i, 1], runs[i, 2]
        n, n_other = 0, 0
        for step in (-1, x1 - x0):
            if 0 <= x0 + step < width:
                n += 1
                n_other += pixels[y * width + x0 + step] == other
        for row in (y - 1, y + 1):
            if 0 <= row < height:
                for p in range(row * width + x0, row * width + x1):
                    n += pixels[p] != own
                    n_other += pixels[p] == other
        borders[labels[i], 0] += n
        borders[labels[i], 1] += n_other


@lean_kernel
def find_neighbours(runs, labels, chosen, others, other_labels, found):
    """Write which of the chosen regions of a mask border on which ones of another, maybe many times; return how many.

    Above, below, left or right. chosen (M + 1,) bool
    found (3 * (N + N'), 2) int32: result; in a row, at most one less than all runs of both
    """
    n = 0
    for step in range(-1, 2):
        reach, first = int(step == 0), 0
        for i in range(len(runs)):
            if chosen[labels[i]]:
                y, x0, x1 = runs[i, 0] + step, runs[i, 1] - reach, runs[i, 2] + reach
                while first < len(others) and (
                    others[first, 0] < y or (others[first, 0] == y and others[first, 2] <= x0)
                ):
                    first += 1
                j = first
                while j < len(others) and others[j, 0] == y and others[j, 1] < x1:
                    found[n, 0], found[n, 1] = labels[i], other_labels[j]
                    n += 1
                    j += 1
    return n


@lean_kernel
def find_holes(gaps, gap_labels, gap_sums, gap_boxes, runs, labels, sums, size, largest, share, holes):
    """Write which gaps between runs are holes: off the border, and small; return whether any is.

    Small is at most `largest` pixels, or a share of the region around: that which ends where the first run begins.
    gap_sums, sums, gap_boxes: see `measure` · size: (H, W) · holes (M + 1,) bool: result, all False
    """
    n, i = 0, 0
    for g in range(len(gaps)):
        r, y, x = gap_labels[g], gaps[g, 0], gaps[g, 1]
        if r <= n:
            continue
        n = r  # for gaps are numbered in the order of their first runs
        x0, y0, x1, y1 = gap_boxes[r, 0], gap_boxes[r, 1], gap_boxes[r, 2], gap_boxes[r, 3]
        if min(x0, y0) > 0 and y1 < size[0] and x1 < size[1]:
            while runs[i, 0] < y or (runs[i, 0] == y and runs[i, 2] < x):
                i += 1
            holes[r] = gap_sums[r, 0] <= max(largest, share * sums[labels[i], 0])
    return np.any(holes)


@lean_kernel
def find_heirs(runs, labels, others, other_labels, found, last, shared, heirs):
    """Write for each region the one of another mask with which it shares most pixels, the later of equals, or 0.

    found (N + N', 3) int32: working memory, of each two runs that overlap, label, other label and pixels as a chain:
        the pair before, that of the same region, counted from 1 on
    last (M + 1,) int32: the same, its last pair; all 0 · shared (M' + 1,) int32: working memory, all 0
    heirs (M + 1,) int64: result, all 0
    """
    _overlaps(runs, labels, others, other_labels, found, last)
    for r in range(1, len(heirs)):
        pair = last[r]
        while pair:
            shared[found[pair - 1, 0]] += found[pair - 1, 1]
            pair = found[pair - 1, 2]
        most, pair = 0, last[r]
        while pair:
            other = found[pair - 1, 0]
            if shared[other] > most or (shared[other] == most and other > heirs[r]):
                most, heirs[r] = shared[other], other
            pair = found[pair - 1, 2]
        pair = last[r]
        while pair:
            shared[found[pair - 1, 0]] = 0
            pair = found[pair - 1, 2]


@lean_inline_kernel
def _overlaps(runs, labels, others, other_labels, found, last):
    """Write the pairs of runs of two masks that overlap: each ends where one of the two does."""
    n, j = 0, 0
    for i in range(len(runs)):
        y, x0, x1 = runs[i, 0], runs[i, 1], runs[i, 2]
        while j < len(others) and (others[j, 0] < y or (others[j, 0] == y and others[j, 2] <= x0)):
            j += 1
        k = j
        while k < len(others) and others[k, 0] == y and others[k, 1] < x1:
            found[n, 0], found[n, 1] = other_labels[k], min(x1, others[k, 2]) - max(x0, others[k, 1])
            found[n, 2] = last[labels[i]]
            n += 1
            last[labels[i]] = n
            k += 1


@exact_kernel  # for rests may be infinite
def follow(sums, boxes, parents, parent_starts, parent_rests, farthest, elapsed, starts, rests):
    """Write where each region started, or had last travelled, and since when it has not; see `Regions`.

    sums, boxes: see `measure` · parents (M + 1,): the regions of the last mask that they were, or 0
    farthest [pixels]: reach of what does not travel, at most · elapsed: since the last mask [s]
    starts (M + 1, 4), rests (M + 1,) float32: results · parent_starts, parent_rests: the same of the last mask
    """
    for r in range(len(rests)):
        parent, n = parents[r], max(sums[r, 0], 1)
        travels = False
        for k in range(2):  # x and y
            now, extent = np.float32(sums[r, 1 + k] / n), np.float32(boxes[r, 2 + k] - boxes[r, k])
            start, before = (parent_starts[parent, k], parent_starts[parent, 2 + k]) if parent else (now, extent)
            travels |= abs(now - start) > min((before + extent) * _HALF, farthest)
            starts[r, k], starts[r, 2 + k] = start, before
        if travels:
            for k in range(2):
                starts[r, k], starts[r, 2 + k] = sums[r, 1 + k] / n, boxes[r, 2 + k] - boxes[r, k]
        rests[r] = _ZERO if travels else parent_rests[parent] + elapsed


@lean_kernel
def lay(foreground, pixels):
    """Let a mask (P,) be foreground where `foreground` (P,) is 255, and nowhere else; its shadows stay."""
    for p in range(len(pixels)):
        pixels[p] = foreground[p] | (SHADOW if pixels[p] == SHADOW else np.uint8(0))  # 255 | 127 is 255
