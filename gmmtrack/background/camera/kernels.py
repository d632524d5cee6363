"""What the camera did to a frame, compiled: its exposure and its displacement, from samples of the background.

frame, background (T * C * LANES,): the same N samples of both, in tiles as those of the mixture, channel by channel
    [levels] · gains, offsets (C,): of a light, in which the background is gain * frame + offset [levels]
sums (n_sums(C),) float32: working memory · `channels`: a tuple of C values, which are not used
"""

import numpy as np

from gmmtrack.compilation import kernel, lean_inline_kernel, lean_kernel
from gmmtrack.lanes import LANES, any_lane, lanes, load, spread, store, where

_BINS_AN_OCTAVE = 24
_N_OCTAVES = 3  # of gain, up and down
N_RATIOS = 2 * _N_OCTAVES * _BINS_AN_OCTAVE + 1
_DARKEST, _BRIGHTEST = np.float32(5), np.float32(250)  # [levels] a pixel beyond says nothing of the gain
_FARTHEST = np.float32(40)  # [levels] a residual counts for, at most
_FEWEST = 30  # samples that a line is fitted to
_N_FITS, _N_SPREADS = 4, 3.0  # rounds of fitting, and mean distances from a line within which samples are taken next
_SETTLED = 0.2  # [levels] a light that changes by less, from one round to the next, is found
_MOST_GAIN = 8.0  # of a light, or its inverse
_BINS_A_LEVEL, _N_BINS = 8, 256
_ZERO, _ONE = np.float32(0), np.float32(1)


def n_sums(n_channels):
    """Return how many numbers `sums` must hold."""
    return (2 + 5 * n_channels) * LANES


@lean_kernel
def sample(channels, image, rows, columns, y, x, level, samples):
    """Write the pixels of an image (H, W, C) at places (N,), moved by y and x and into the image.

    level: of one count of the image [levels]
    """
    for i in range(len(rows)):
        row = min(max(rows[i] + y, 0), image.shape[0] - 1)
        column = min(max(columns[i] + x, 0), image.shape[1] - 1)
        for c in range(len(channels)):
            samples[(i // LANES * len(channels) + c) * LANES + i % LANES] = np.float32(image[row, column, c]) * level


@lean_kernel
def explained(channels, frame, background, gains, offsets, farthest, sums, is_explained):
    """Write which samples (N,) uint8 lie within `farthest` [levels] of a light; return how many."""
    n = lanes(_ZERO)
    for t in range(_n_tiles(channels, frame)):
        residual = _residual(channels, frame, background, gains, offsets, t)
        is_near = where(residual < farthest, _ONE, _ZERO)
        n = n + is_near
        store(is_explained, t * LANES, is_near)
    return int(_total(n, sums))


@lean_kernel
def median_residual(channels, frame, background, gains, offsets, sums):
    """Return the median distance of all channels of all samples from the background [levels], at most 32, to an eighth.

    It lies between two eighths, below which there are less and more than half of them.
    """
    half, low, high = frame.size / 2, 0, _N_BINS - 1
    while low < high:
        middle = (low + high) // 2
        if half > _count_below(channels, frame, background, gains, offsets, middle + 1, sums):
            low = middle + 1
        else:
            high = middle
    n_below = _count_below(channels, frame, background, gains, offsets, low, sums)
    n_there = _count_below(channels, frame, background, gains, offsets, low + 1, sums) - n_below
    return (low + min((half - n_below) / max(n_there, 1.0), 1.0)) / _BINS_A_LEVEL


@lean_inline_kernel
def _count_below(channels, frame, background, gains, offsets, limit, sums):
    """Return how many of all channels of all samples are nearer to the background than a limit [bins]."""
    n, limit = lanes(_ZERO), np.float32(limit / _BINS_A_LEVEL)
    for t in range(_n_tiles(channels, frame)):
        for c in range(len(channels)):
            n = n + where(_distance(channels, frame, background, gains, offsets, t, c) < limit, _ONE, _ZERO)
    return _total(n, sums)


@lean_kernel
def is_telling(channels, frame, background, least, sums):
    """Return whether samples show a light: some are neither dark nor blinding, and they spread by `least` [levels]."""
    n_tiles, n_channels = _n_tiles(channels, frame), len(channels)
    any_seen = False
    sums[:] = _ZERO
    for t in range(n_tiles):
        any_seen |= any_lane(_ratio(channels, frame, background, t) > _ZERO)
        for c in range(n_channels):
            b = load(background, (t * n_channels + c) * LANES)
            _add(sums, 2 * c, b)
            _add(sums, 2 * c + 1, b * b)
    spreads = False
    for c in range(n_channels):
        mean, square = _sum_of(sums, 2 * c) / (n_tiles * LANES), _sum_of(sums, 2 * c + 1) / (n_tiles * LANES)
        spreads |= square - mean * mean >= least * least
    return any_seen and spreads


@lean_kernel
def commonest_ratio(channels, frame, background, sums, counts):
    """Return the mode of background / frame over the samples, summed over the channels, or 0 if all are too dark.

    counts (N_RATIOS,) int64: working memory, all 0
    """
    middle = _N_OCTAVES * _BINS_AN_OCTAVE
    for t in range(_n_tiles(channels, frame)):
        store(sums, 0, _ratio(channels, frame, background, t))
        for i in range(LANES):
            if sums[i] > _ZERO:
                place = middle + int(np.rint(np.log2(sums[i]) * _BINS_AN_OCTAVE))
                if 0 <= place <= 2 * middle:
                    counts[place] += 1
    best, most = middle, 0
    for place in range(1, 2 * middle):
        here = counts[place - 1] + 2 * counts[place] + counts[place + 1]
        if here > most:
            best, most = place, here
    return np.float32(2 ** ((best - middle) / _BINS_AN_OCTAVE)) if most > 0 else _ZERO


@lean_kernel
def fit_light(channels, frame, background, gains, offsets, finest, coarsest, ridge, sums):
    """Fit lines to samples about the lines given, time and again; gains, offsets (C,): changed in place.

    finest, coarsest [levels]: what residual still counts as explained, between which it is chosen from the residuals
    themselves · ridge [levels²]: spread of the samples below which the offsets stay near 0
    """
    tolerance = coarsest
    for _ in range(_N_FITS):
        _sum_up(channels, frame, background, gains, offsets, tolerance, sums)
        spread, change = _fit_lines(channels, gains, offsets, tolerance, ridge, sums)
        tolerance = min(max(np.float32(_N_SPREADS * spread), finest), coarsest)
        if change < _SETTLED:
            break
    for c in range(len(channels)):
        if not 1 / _MOST_GAIN <= gains[c] <= _MOST_GAIN:  # another scene, of which the mean is left
            for k in range(len(channels)):
                gains[k], offsets[k] = _ONE, _ZERO
            break


@lean_inline_kernel
def _sum_up(channels, frame, background, gains, offsets, tolerance, sums):
    """Sum up the samples within the tolerance of a light.

    sums: result, how many they are and their residuals; then, of each channel, n, x, b, b b and x b of those that are
    not blinding
    """
    n_channels = len(channels)
    sums[:] = _ZERO
    for t in range(_n_tiles(channels, frame)):
        residual = _residual(channels, frame, background, gains, offsets, t)
        is_near = residual < tolerance
        _add(sums, 0, where(is_near, _ONE, _ZERO))
        _add(sums, 1, where(is_near, residual, _ZERO))
        for c in range(n_channels):
            i, k = (t * n_channels + c) * LANES, 2 + 5 * c
            x, b = load(frame, i), load(background, i)
            is_told = is_near & (x < _BRIGHTEST)
            x, b = where(is_told, x, _ZERO), where(is_told, b, _ZERO)
            _add(sums, k, where(is_told, _ONE, _ZERO))
            _add(sums, k + 1, x)
            _add(sums, k + 2, b)
            _add(sums, k + 3, b * b)
            _add(sums, k + 4, x * b)


@lean_inline_kernel
def _fit_lines(channels, gains, offsets, tolerance, ridge, sums):
    """Fit a line a channel to what was summed up.

    It is the frame that is noisy, so its levels are fitted to those of the background: the other way round, the gain
    would come out too small, and the background, which learns what it is given, lose its contrast.
    Return the mean distance of the samples from the lines before, and the most that a bright level changes [levels].
    """
    count, change = _sum_of(sums, 0), 0.0
    if count < _FEWEST:
        return tolerance / _N_SPREADS, change
    for c in range(len(channels)):
        k = 2 + 5 * c
        m = max(_sum_of(sums, k), 1.0)
        x, b = _sum_of(sums, k + 1) / m, _sum_of(sums, k + 2) / m
        variance, covariance = _sum_of(sums, k + 3) / m - b * b, _sum_of(sums, k + 4) / m - x * b
        ratio = b / x if min(x, b) > _DARKEST else 1.0
        gain = (variance + ridge * ratio * ratio) / max(covariance + ridge * ratio, 1e-6)
        offset = b - gain * x
        change = max(change, abs(gain - gains[c]) * _BRIGHTEST + abs(offset - offsets[c]))
        gains[c], offsets[c] = gain, offset
    return _sum_of(sums, 1) / count, change


@lean_inline_kernel
def _n_tiles(channels, samples):
    return len(samples) // (len(channels) * LANES)


@lean_inline_kernel
def _add(sums, k, values):
    """Add lanes to the k-th of some sums."""
    store(sums, k * LANES, load(sums, k * LANES) + values)


@lean_inline_kernel
def _sum_of(sums, k):
    """Return the sum of the lanes of the k-th of some sums."""
    total = 0.0
    for i in range(k * LANES, (k + 1) * LANES):
        total += sums[i]
    return total


@lean_inline_kernel
def _total(values, sums):
    """Return the sum of lanes."""
    store(sums, 0, values)
    return _sum_of(sums, 0)


@lean_inline_kernel
def _distance(channels, frame, background, gains, offsets, t, c):
    """Return how far one channel of a tile of samples is from the background, in some light."""
    i = (t * len(channels) + c) * LANES
    difference = load(background, i) - (load(frame, i) * gains[c] + offsets[c])
    return where(difference < _ZERO, _ZERO - difference, difference)


@lean_inline_kernel
def _residual(channels, frame, background, gains, offsets, t):
    """Return how far a tile of samples is from the background, each in the channel where it is farthest."""
    farthest = lanes(_ZERO)
    for c in range(len(channels)):
        distance = _distance(channels, frame, background, gains, offsets, t, c)
        farthest = where(distance > farthest, distance, farthest)
    return farthest


@lean_inline_kernel
def _ratio(channels, frame, background, t):
    """Return background / frame of a tile over all channels, 0 where it is too dark or too bright to tell."""
    n_channels = len(channels)
    x, b, brightest = lanes(_ZERO), lanes(_ZERO), lanes(_ZERO)
    for c in range(n_channels):
        level = load(frame, (t * n_channels + c) * LANES)
        x = x + level
        b = b + load(background, (t * n_channels + c) * LANES)
        brightest = where(level > brightest, level, brightest)
    darkest = _DARKEST * np.float32(n_channels)
    is_seen = (x > darkest) & (b > darkest) & (brightest < _BRIGHTEST)
    return where(is_seen, b / where(is_seen, x, _ONE), _ZERO)


@kernel
def scan(grey, places, values, reach, step):
    """Return the displacement [pixels] in -reach..reach, in steps, that fits best: (y, x).

    grey (H, W) float32 [levels] · places (N, 2) float32 y, x [pixels] · values (N,) float32: of the background there
    """
    best_y, best_x, least = np.float32(0), np.float32(0), np.float32(np.inf)
    for dy in range(-reach, reach + 1, step):
        for dx in range(-reach, reach + 1, step):
            total = np.float32(0)
            for i in range(len(values)):
                y = min(max(int(places[i, 0]) + dy, 0), grey.shape[0] - 1)
                x = min(max(int(places[i, 1]) + dx, 0), grey.shape[1] - 1)
                total += min(abs(grey[y, x] - values[i]), _FARTHEST)
            if total < least:
                best_y, best_x, least = np.float32(dy), np.float32(dx), total
    return best_y, best_x


@lean_kernel
def refine(channels, image, places, values, slopes, gain, offset, start_y, start_x, n_steps, seen, sums):
    """Return the displacement [pixels] near `start` that fits best, its cost, and that of `start`: (y, x, cost, cost).

    Gauss-Newton steps on what the gradients of the background say (Lucas and Kanade 1981), without outliers.
    image (H, W, C) · places, values: as for `scan`, of the mean of the channels, N of whole tiles, for others are left
    out · slopes (2 * N,): their gradients, down and to the right · gain, offset: bring the image to the exposure of the
    background · cost: mean residual, each at most 40 [levels]
    seen (4 * N + 2 * LANES,), sums (6 * LANES,) float32: working memory
    """
    n, gain = max(len(values) // LANES * LANES, 1), gain / np.float32(len(channels))
    dy, dx = start_y, start_x
    best_y, best_x, least, first = dy, dx, _FARTHEST * n, np.float32(-1)
    for _ in range(n_steps):
        y, x = np.int32(np.floor(dy)), np.int32(np.floor(dx))
        _look(channels, image, places, y, x, seen)
        _weigh(seen, values, slopes, gain, offset, dy - np.float32(y), dx - np.float32(x), sums)
        cost = np.float32(_sum_of(sums, 0))
        if first < 0:
            first = cost
        if cost < least:
            best_y, best_x, least = dy, dx, cost
        yy, yx, xx = _sum_of(sums, 1) + 1e-3, _sum_of(sums, 2), _sum_of(sums, 3) + 1e-3
        by, bx = _sum_of(sums, 4), _sum_of(sums, 5)
        determinant = yy * xx - yx * yx
        step_y = np.float32((xx * by - yx * bx) / determinant)
        step_x = np.float32((yy * bx - yx * by) / determinant)
        dy -= min(max(step_y, np.float32(-1.5)), np.float32(1.5))
        dx -= min(max(step_x, np.float32(-1.5)), np.float32(1.5))
        if abs(step_y) + abs(step_x) < 0.02:
            break
    return best_y, best_x, least / n, first / n


@lean_inline_kernel
def _look(channels, image, places, y, x, seen):
    """Write the levels of the four pixels about each place, moved by y and x: tile by tile, above first, left first."""
    height, width = image.shape[0], image.shape[1]
    for i in range(len(places) // LANES * LANES):
        row, column = np.int32(places[i, 0]) + y, np.int32(places[i, 1]) + x
        y0, y1 = min(max(row, 0), height - 1), min(max(row + 1, 0), height - 1)
        x0, x1 = min(max(column, 0), width - 1), min(max(column + 1, 0), width - 1)
        k = i // LANES * 4 * LANES + i % LANES
        seen[k] = _level(channels, image, y0, x0)
        seen[k + LANES] = _level(channels, image, y0, x1)
        seen[k + 2 * LANES] = _level(channels, image, y1, x0)
        seen[k + 3 * LANES] = _level(channels, image, y1, x1)


@lean_inline_kernel
def _level(channels, image, y, x):
    """Return the sum of the channels of a pixel."""
    level = _ZERO
    for c in range(len(channels)):
        level += np.float32(image[y, x, c])
    return level


@lean_inline_kernel
def _weigh(seen, values, slopes, gain, offset, down, across, sums):
    """Sum up how far the places are from their values between four pixels each.

    sums: result, of the residuals, of what slopes y y, y x and x x hold, and of what y and x say of the residuals
    """
    sums[:] = _ZERO
    last = len(seen) - 2 * LANES
    for t in range(len(values) // LANES):
        k = t * 4 * LANES
        left, right = load(seen, k), load(seen, k + LANES)
        above = left + (right - left) * across
        left, right = load(seen, k + 2 * LANES), load(seen, k + 3 * LANES)
        below = left + (right - left) * across
        residual = (above + (below - above) * down) * gain + offset - load(values, t * LANES)
        distance = where(residual < _ZERO, _ZERO - residual, residual)
        is_near = distance < _FARTHEST
        spread((0, 0), slopes, t * 2 * LANES, seen[last:])
        gy, gx = where(is_near, load(seen, last), _ZERO), where(is_near, load(seen, last + LANES), _ZERO)
        _add(sums, 0, where(is_near, distance, _FARTHEST))
        _add(sums, 1, gy * gy)
        _add(sums, 2, gy * gx)
        _add(sums, 3, gx * gx)
        _add(sums, 4, gy * residual)
        _add(sums, 5, gx * residual)


@lean_kernel
def grey(channels, image, gain, offset, levels):
    """Write the mean of the channels of an image (H, W, C) in the light of the background; levels (H, W)."""
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            levels[y, x] = _level(channels, image, y, x) / np.float32(len(channels)) * gain + offset


@lean_kernel
def move(channels, image, width, y, x, half, moved):
    """Write an image (H * W * C,) whose pixel p is that at p + (y, x) [pixels], between pixels; the border is repeated.

    channels: a tuple of C values, which are not used · half: added, for integers are cut off
    """
    size, n = len(channels), width * len(channels)
    height = len(image) // n
    whole_y, whole_x = int(np.floor(y)), int(np.floor(x))
    down, across = y - np.float32(whole_y), x - np.float32(whole_x)
    shares = (_ONE - down) * (_ONE - across), (_ONE - down) * across, down * (_ONE - across), down * across
    step = whole_x * size
    first = min(max(-step, 0), n)
    last = first + max(min(n - step - size, n) - first, 0) // LANES * LANES
    for row in range(height):
        above, below = n * min(max(row + whole_y, 0), height - 1), n * min(max(row + whole_y + 1, 0), height - 1)
        for i in range(first, last, LANES):
            left, right = i + step, i + step + size
            level = shares[0] * load(image, above + left) + shares[1] * load(image, above + right)
            level = level + shares[2] * load(image, below + left) + shares[3] * load(image, below + right)
            store(moved, row * n + i, level + half)
        for place in range(n - (last - first)):  # what is left, border and all, one by one
            i = place if place < first else place - first + last
            left = min(max(i // size + whole_x, 0), width - 1) * size + i % size
            right = min(max(i // size + whole_x + 1, 0), width - 1) * size + i % size
            level = shares[0] * image[above + left] + shares[1] * image[above + right]
            level = level + shares[2] * image[below + left] + shares[3] * image[below + right]
            moved[row * n + i] = level + half
