"""Parts: bodies of which only windows and wheels, or shoes, differ from a shadow."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.masks.kernels import FOREGROUND, SHADOW
from gmmtrack.background.masks.runs import Runs

_SMALLEST = 0.02  # share of a shadow, and of the body beside it: smaller parts are its grain
_MOST = 0.5  # share of a shadow: of more, it is no more than the rim of what is in it
_DETOUR = 1.15  # times the way from part to body, on which what lies between them is passed
_STEP = 1.5  # [pixels] by which a way over a grid seems longer


def fill_between_parts(mask: NDArray[np.uint8], shadows: Runs, share: float) -> None:
    """Make foreground of shadow that lies between the parts of a body.

    Nothing that casts a shadow is surrounded by it. Foreground with more than `share` of its border on shadow is a part
    of something that has the shadow's colour: a window or a wheel of a grey car, a shoe below grey trousers. Where such
    a shadow borders on one other object and no more, that is the body; else the largest part is.
    mask (H, W), changed in place · shadows: its regions
    """
    objects = Runs.of(mask, FOREGROUND, corners=True)
    borders = objects.borders(mask, FOREGROUND, SHADOW)
    is_within = borders[:, 1] > share * borders[:, 0]
    is_part = is_within & (objects.sizes >= borders[:, 0])  # what is thin or frayed is grain
    if not is_part.any():
        return
    part, shade = objects.neighbours(is_part, shadows).T
    shares = objects.sizes[part] / shadows.sizes[shade]
    is_chosen = np.zeros(shadows.n + 1, np.bool_)
    is_chosen[shade[(shares > _SMALLEST) & (shares <= _MOST)]] = True
    shade, beside = shadows.neighbours(is_chosen, objects).T
    for number in np.flatnonzero(is_chosen).tolist():
        touching = beside[shade == number]
        body, parts = _assembled(touching, is_within, is_part, objects.sizes, shadows.sizes[number])
        if len(parts):
            _fill(mask, shadows, number, objects, body, parts.tolist())


def _assembled(
    touching: NDArray[np.int64],
    is_within: NDArray[np.bool_],
    is_part: NDArray[np.bool_],
    sizes: NDArray[np.int64],
    area: int,
) -> tuple[int, NDArray[np.int64]]:
    """Return the body among the objects that touch a shadow of an area, and its other parts, none if it is in doubt."""
    parts = touching[is_part[touching] & (sizes[touching] > _SMALLEST * area)]
    none = 0, parts[:0]
    if not len(parts) or sizes[touching[is_within[touching]]].sum() > _MOST * area:
        return none
    largest = parts[np.argmax(sizes[parts])]
    bodies = touching[~is_within[touching] & (sizes[touching] > sizes[largest])]
    if len(bodies) > 1:
        return none
    body = int(bodies[0] if len(bodies) else largest)
    return body, parts[(parts != body) & (sizes[parts] > _SMALLEST * sizes[body])]


def _fill(mask: NDArray[np.uint8], shadows: Runs, shade: int, objects: Runs, body: int, parts: list[int]) -> None:
    """Make foreground of the shade through which a way from a part to its body is hardly longer than the shortest."""
    x0, y0, x1, y1 = shadows.boxes[shade].tolist()
    window = max(x0 - 1, 0), max(y0 - 1, 0), min(x1 + 1, mask.shape[1]), min(y1 + 1, mask.shape[0])
    view = mask[window[1] : window[3], window[0] : window[2]]
    is_shade = shadows.drawn(shade, window).view(np.bool_)
    to_body = _distances(objects.drawn(body, window))
    for part in parts:
        there = objects.drawn(part, window)
        gap = float(to_body[there.view(np.bool_)].min())
        view[is_shade & (to_body + _distances(there) <= _DETOUR * gap + _STEP)] = FOREGROUND


def _distances(there: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return how far each pixel is from those that are 1 (H, W) [pixels]."""
    return np.asarray(cv2.distanceTransform(1 - there, cv2.DIST_L2, 5), np.float32)
