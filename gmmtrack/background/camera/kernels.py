"""What the camera did to a frame, compiled: its exposure and its displacement, from samples of the background."""

import numpy as np

from gmmtrack.compilation import inline_kernel, kernel, lean_inline_kernel, lean_kernel
from gmmtrack.lanes import LANES, load, store

_BINS_AN_OCTAVE = 24
_N_OCTAVES = 3  # of gain, up and down
N_RATIOS = 2 * _N_OCTAVES * _BINS_AN_OCTAVE + 1
_DARKEST, _BRIGHTEST = np.float32(5), np.float32(250)  # [levels] a pixel beyond says nothing of the gain
_FARTHEST = np.float32(40)  # [levels] a residual counts for, at most
_FEWEST = 30  # samples that a line is fitted to
_N_FITS, _N_SPREADS = 4, 3.0  # rounds of fitting, and mean distances from a line within which samples are taken next
_SETTLED = 0.2  # [levels] a light that changes by less, from one round to the next, is found
_MOST_GAIN = 8.0  # of a light, or its inverse
_BINS_A_LEVEL, N_BINS = 8, 256
_ZERO, _ONE = np.float32(0), np.float32(1)


@lean_kernel
def sample(image, rows, columns, y, x, level, samples):
    """Write the pixels of an image (H, W, C) at places (N,), moved by y and x and into the image, (N, C) [levels].

    level: of one count of the image [levels]
    """
    for i in range(len(rows)):
        row = min(max(rows[i] + y, 0), image.shape[0] - 1)
        column = min(max(columns[i] + x, 0), image.shape[1] - 1)
        for c in range(image.shape[2]):
            samples[i, c] = np.float32(image[row, column, c]) * level


@lean_kernel
def explained(frame, background, gains, offsets, farthest, is_explained):
    """Write which samples (N,) lie within `farthest` [levels] of a light; return how many."""
    n = 0
    for i in range(len(frame)):
        is_explained[i] = _residual(frame, background, gains, offsets, i) < farthest
        n += is_explained[i]
    return n


@lean_kernel
def median_residual(frame, background, gains, offsets, counts):
    """Return the median distance of samples (N, C) from their background [levels], at most 32, to an eighth.

    counts (N_BINS,) int64: working memory, all 0
    """
    for i in range(frame.shape[0]):
        for c in range(frame.shape[1]):
            residual = abs(background[i, c] - (gains[c] * frame[i, c] + offsets[c]))
            counts[min(int(residual * _BINS_A_LEVEL), N_BINS - 1)] += 1
    place, left = 0, frame.size / 2
    while left > counts[place]:
        left -= counts[place]
        place += 1
    return (place + left / max(counts[place], 1)) / _BINS_A_LEVEL


@lean_kernel
def is_telling(frame, background, least):
    """Return whether samples show a light: some are neither dark nor blinding, and they spread by `least` [levels]."""
    n = len(frame)
    any_seen = False
    for i in range(n):
        any_seen |= _ratio(frame, background, i) > _ZERO
    for c in range(background.shape[1]):
        total, squares = 0.0, 0.0
        for i in range(n):
            total += background[i, c]
            squares += background[i, c] * background[i, c]
        if any_seen and squares / n - (total / n) * (total / n) >= least * least:
            return True
    return False


@lean_inline_kernel
def _ratio(frame, background, i):
    """Return background / frame of a sample over all channels, 0 where it is too dark or too bright to tell."""
    n_channels = frame.shape[1]
    x, b, brightest = _ZERO, _ZERO, _ZERO
    for c in range(n_channels):
        x += frame[i, c]
        b += background[i, c]
        brightest = max(brightest, frame[i, c])
    return b / x if min(x, b) > _DARKEST * n_channels and brightest < _BRIGHTEST else _ZERO


@lean_kernel
def commonest_ratio(frame, background, counts):
    """Return the mode of background / frame over the samples, summed over the channels, or 0 if all are too dark.

    counts (N_RATIOS,) int64: working memory, all 0
    """
    middle = _N_OCTAVES * _BINS_AN_OCTAVE
    for i in range(len(frame)):
        ratio = _ratio(frame, background, i)
        if ratio > _ZERO:
            place = middle + int(np.rint(np.log2(ratio) * _BINS_AN_OCTAVE))
            if 0 <= place <= 2 * middle:
                counts[place] += 1
    best, most = middle, 0
    for place in range(1, 2 * middle):
        here = counts[place - 1] + 2 * counts[place] + counts[place + 1]
        if here > most:
            best, most = place, here
    return np.float32(2 ** ((best - middle) / _BINS_AN_OCTAVE)) if most > 0 else _ZERO


@lean_kernel
def fit_light(frame, background, gains, offsets, finest, coarsest, ridge, sums):
    """Fit lines to samples (N, C) about the lines given, time and again; gains, offsets (C,): changed in place.

    finest, coarsest [levels]: what residual still counts as explained, between which it is chosen from the residuals
    themselves · ridge [levels²]: spread of the samples below which the offsets stay near 0
    sums (C, 5) float64: working memory
    """
    tolerance = coarsest
    for _ in range(_N_FITS):
        spread, change = _fit_lines(frame, background, gains, offsets, tolerance, ridge, sums)
        tolerance = min(max(np.float32(_N_SPREADS * spread), finest), coarsest)
        if change < _SETTLED:
            break
    for c in range(len(gains)):
        if not 1 / _MOST_GAIN <= gains[c] <= _MOST_GAIN:  # another scene, of which the mean is left
            for k in range(len(gains)):
                gains[k], offsets[k] = _ONE, _ZERO
            break


@lean_kernel
def _fit_lines(frame, background, gains, offsets, tolerance, ridge, sums):
    """Fit a line a channel to the samples within the tolerance of the light given.

    It is the frame that is noisy, so its levels are fitted to those of the background: the other way round, the gain
    would come out too small, and the background, which learns what it is given, lose its contrast.
    Return the mean distance of the samples from the lines before, and the most that a bright level changes [levels].
    """
    n_channels = frame.shape[1]
    for c in range(n_channels):
        for k in range(5):
            sums[c, k] = 0.0
    count, spread = 0, 0.0
    for i in range(len(frame)):
        residual = _residual(frame, background, gains, offsets, i)
        if residual >= tolerance:
            continue
        count += 1
        spread += residual
        for c in range(n_channels):
            x, b = frame[i, c], background[i, c]
            if x < _BRIGHTEST:
                sums[c, 0] += 1
                sums[c, 1] += x
                sums[c, 2] += b
                sums[c, 3] += b * b
                sums[c, 4] += x * b
    change = 0.0
    if count < _FEWEST:
        return tolerance / _N_SPREADS, change
    for c in range(n_channels):
        m = max(sums[c, 0], 1.0)
        x, b = sums[c, 1] / m, sums[c, 2] / m
        variance, covariance = sums[c, 3] / m - b * b, sums[c, 4] / m - x * b
        ratio = b / x if min(x, b) > _DARKEST else 1.0
        gain = (variance + ridge * ratio * ratio) / max(covariance + ridge * ratio, 1e-6)
        offset = b - gain * x
        change = max(change, abs(gain - gains[c]) * _BRIGHTEST + abs(offset - offsets[c]))
        gains[c], offsets[c] = gain, offset
    return spread / count, change


@lean_inline_kernel
def _residual(frame, background, gains, offsets, i):
    """Return how far sample i is from its line, in the channel where it is farthest."""
    farthest = _ZERO
    for c in range(frame.shape[1]):
        farthest = max(farthest, abs(background[i, c] - (gains[c] * frame[i, c] + offsets[c])))
    return farthest


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


@kernel
def refine(image, places, values, slopes, gain, offset, start_y, start_x, n_steps):
    """Return the displacement [pixels] near `start` that fits best, its cost, and that of `start`: (y, x, cost, cost).

    Gauss-Newton steps on what the gradients of the background say (Lucas and Kanade 1981), without outliers.
    image (H, W, C) · places, values: as for `scan`, of the mean of the channels · slopes (N, 2): their gradients
    gain, offset: bring the image to the exposure of the background · cost: mean residual, each at most 40 [levels]
    """
    dy, dx = start_y, start_x
    best_y, best_x, least, first = dy, dx, _FARTHEST * len(values), np.float32(-1)
    for _ in range(n_steps):
        cost, yy, yx, xx, by, bx = np.float32(0), 1e-3, 0.0, 1e-3, 0.0, 0.0
        whole_y, whole_x = np.int32(np.floor(dy)), np.int32(np.floor(dx))
        for i in range(len(values)):
            y, x = np.int32(places[i, 0]) + whole_y, np.int32(places[i, 1]) + whole_x
            residual = (
                _level_at(image, y, x, dy - np.float32(whole_y), dx - np.float32(whole_x)) * gain + offset - values[i]
            )
            cost += min(abs(residual), _FARTHEST)
            if abs(residual) < _FARTHEST:
                gy, gx = slopes[i, 0], slopes[i, 1]
                yy += gy * gy
                yx += gy * gx
                xx += gx * gx
                by += gy * residual
                bx += gx * residual
        if first < 0:
            first = cost
        if cost < least:
            best_y, best_x, least = dy, dx, cost
        determinant = yy * xx - yx * yx
        step_y = np.float32((xx * by - yx * bx) / determinant)
        step_x = np.float32((yy * bx - yx * by) / determinant)
        dy -= min(max(step_y, np.float32(-1.5)), np.float32(1.5))
        dx -= min(max(step_x, np.float32(-1.5)), np.float32(1.5))
        if abs(step_y) + abs(step_x) < 0.02:
            break
    n = max(len(values), 1)
    return best_y, best_x, least / n, first / n


@inline_kernel
def _level_at(image, y, x, down, across):
    """Return the mean of the channels between pixel y, x and the next ones; beyond the border, that of the border."""
    height, width, n_channels = image.shape
    y0, y1 = min(max(y, 0), height - 1), min(max(y + 1, 0), height - 1)
    x0, x1 = min(max(x, 0), width - 1), min(max(x + 1, 0), width - 1)
    first, second, third, fourth = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
    for c in range(n_channels):
        first += image[y0, x0, c]
        second += image[y0, x1, c]
        third += image[y1, x0, c]
        fourth += image[y1, x1, c]
    above, below = first + (second - first) * across, third + (fourth - third) * across
    return (above + (below - above) * down) / np.float32(n_channels)


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
