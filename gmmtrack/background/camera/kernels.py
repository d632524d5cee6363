"""What the camera did to a frame, compiled: its exposure and its displacement, from samples of the background."""

import numpy as np

from gmmtrack.compilation import kernel

_BINS_AN_OCTAVE = 24
_N_OCTAVES = 3  # of gain, up and down
_DARKEST, _BRIGHTEST = np.float32(5), np.float32(250)  # [levels] a pixel beyond says nothing of the gain
_FARTHEST = np.float32(40)  # [levels] a residual counts for, at most
_N_FITS = 4
_MOST_GAIN = np.float32(2**_N_OCTAVES)
_N_STEPS = 8


@kernel
def fit_exposure(frame, background, gains, offsets, ridge, finest, coarsest, lead):
    """Find gains and offsets that bring samples of a frame to those of the background; return the share explained.

    Of a scene without contrast nothing is said. The light of the last frame is followed. Another one takes its place
    only if, of the samples that one of the two explains and the other does not, it has `lead` times as many: the shade
    of a cloud is not a darker exposure.
    frame, background (N, C) [levels] · gains, offsets (C,): of the last frame, changed in place
    ridge [levels²]: spread of the samples below which the offsets stay near 0 · finest, coarsest [levels]: what
    residual still counts as explained, between which it is chosen from the residuals themselves
    """
    n = frame.shape[0]
    ratio = commonest_ratio(frame, background)
    if ratio <= 0 or _is_flat(background, finest):
        gains[:], offsets[:] = 1, 0
        return np.float32(1)
    others, other_offsets = np.full_like(gains, ratio), np.zeros_like(offsets)
    _fit(frame, background, gains, offsets, ridge, finest, coarsest)
    _fit(frame, background, others, other_offsets, ridge, finest, coarsest)
    n_both, n_here, n_there = 0, 0, 0
    for i in range(n):
        here = _residual(frame, background, gains, offsets, i) < coarsest
        there = _residual(frame, background, others, other_offsets, i) < coarsest
        n_both += np.int32(here & there)
        n_here += np.int32(here & ~there)
        n_there += np.int32(there & ~here)
    if n_there > lead * n_here:
        gains[:], offsets[:] = others, other_offsets
        return np.float32((n_both + n_there) / n)
    return np.float32((n_both + n_here) / n)


@kernel
def _is_flat(background, least):
    """Return whether samples spread by less than `least` [levels] in every channel: such a scene shows no light."""
    widest = np.float32(0)
    for c in range(background.shape[1]):
        widest = max(widest, np.float32(background[:, c].std()))
    return widest < least


@kernel
def _fit(frame, background, gains, offsets, ridge, finest, coarsest):
    """Fit lines to the samples about the lines given, time and again."""
    tolerance = coarsest
    for _ in range(_N_FITS):
        tolerance = _fit_lines(frame, background, gains, offsets, tolerance, ridge)
        tolerance = min(max(tolerance, finest), coarsest)
    if gains.min() < 1 / _MOST_GAIN or gains.max() > _MOST_GAIN:  # another scene, of which the mean is left
        gains[:], offsets[:] = 1, 0


@kernel
def commonest_ratio(frame, background):
    """Return the mode of background / frame over the samples, summed over the channels, or 0 if all are too dark."""
    n, n_channels = frame.shape
    middle = _N_OCTAVES * _BINS_AN_OCTAVE
    counts = np.zeros(2 * middle + 1, np.int64)
    for i in range(n):
        x, b = np.float32(0), np.float32(0)
        brightest = np.float32(0)
        for c in range(n_channels):
            x += frame[i, c]
            b += background[i, c]
            brightest = max(brightest, frame[i, c])
        if min(x, b) > _DARKEST * n_channels and brightest < _BRIGHTEST:
            place = middle + int(np.rint(np.log2(b / x) * _BINS_AN_OCTAVE))
            if 0 <= place <= 2 * middle:
                counts[place] += 1
    best, most = middle, 0
    for place in range(1, 2 * middle):
        here = counts[place - 1] + 2 * counts[place] + counts[place + 1]
        if here > most:
            best, most = place, here
    return np.float32(2 ** ((best - middle) / _BINS_AN_OCTAVE)) if most > 0 else np.float32(0)


@kernel
def _fit_lines(frame, background, gains, offsets, tolerance, ridge):
    """Fit a line a channel to the samples within the tolerance; return three times their spread about it.

    It is the frame that is noisy, so its levels are fitted to those of the background: the other way round, the gain
    would come out too small, and the background, which learns what it is given, lose its contrast.
    """
    n, n_channels = frame.shape
    sums = np.zeros((n_channels, 5), np.float64)
    count, spread = 0, 0.0
    for i in range(n):
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
    if count < 30:
        return tolerance
    for c in range(n_channels):
        m = max(sums[c, 0], 1.0)
        x, b = sums[c, 1] / m, sums[c, 2] / m
        variance, covariance = sums[c, 3] / m - b * b, sums[c, 4] / m - x * b
        ratio = b / x if min(x, b) > _DARKEST else 1.0
        gains[c] = (variance + ridge * ratio * ratio) / max(covariance + ridge * ratio, 1e-6)
        offsets[c] = b - gains[c] * x
    return np.float32(3.0 * spread / count)


@kernel
def _residual(frame, background, gains, offsets, i):
    """Return how far sample i is from its line, in the channel where it is farthest."""
    farthest = np.float32(0)
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
def refine(image, places, values, slopes, gain, offset, start_y, start_x):
    """Return the displacement [pixels] near `start` that fits best, its cost, and that of `start`: (y, x, cost, cost).

    Gauss-Newton steps on what the gradients of the background say (Lucas and Kanade 1981), without outliers.
    image (H, W, C) · places, values: as for `scan`, of the mean of the channels · slopes (N, 2): their gradients
    gain, offset: bring the image to the exposure of the background · cost: mean residual, each at most 40 [levels]
    """
    dy, dx = start_y, start_x
    best_y, best_x, least, first = dy, dx, _FARTHEST * len(values), np.float32(-1)
    for _ in range(_N_STEPS):
        cost, yy, yx, xx, by, bx = np.float32(0), 1e-3, 0.0, 1e-3, 0.0, 0.0
        for i in range(len(values)):
            level = _level_at(image, places[i, 0] + dy, places[i, 1] + dx) * gain + offset
            residual = level - values[i]
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


@kernel
def _level_at(image, y, x):
    """Return the mean of the channels between four pixels; beyond the border, that of the border."""
    height, width, n_channels = image.shape
    y = min(max(y, np.float32(0)), np.float32(height - 1))
    x = min(max(x, np.float32(0)), np.float32(width - 1))
    y0, x0 = min(int(y), height - 2), min(int(x), width - 2)
    fy, fx = y - np.float32(y0), x - np.float32(x0)
    total = np.float32(0)
    for c in range(n_channels):
        above = np.float32(image[y0, x0, c]) * (np.float32(1) - fx) + np.float32(image[y0, x0 + 1, c]) * fx
        below = np.float32(image[y0 + 1, x0, c]) * (np.float32(1) - fx) + np.float32(image[y0 + 1, x0 + 1, c]) * fx
        total += above * (np.float32(1) - fy) + below * fy
    return total / np.float32(n_channels)
