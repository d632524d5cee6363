"""Parts: bodies of which only windows and wheels, or shoes, differ from a shadow."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.masks.kernels import FOREGROUND, SHADOW
from gmmtrack.background.masks.runs import Runs

_SMALLEST = 0.02  # share of a shadow, and of the body beside it: smaller parts are its grain
_MOST = 0.5  # share of a shadow: of more, it is no more than the rim of what is in it
_DETOUR = 1.15  # times the way from part to body, on which what lies between them is passed
_STEP = 1.5  # [pixels] by which it may be longer in any case: they are whole


def fill_between_parts(mask: NDArray[np.uint8], shadows: Runs, share: float) -> None:
    """Make foreground of shadow that lies between the parts of a body.

    Nothing that casts a shadow is surrounded by it. Foreground with more than `share` of its border on shadow is a part
    of something that has the shadow's colour: a window or a wheel of a grey car, a shoe below grey trousers. The body
    is the one other object, larger than any part, that borders on such a shadow; without one it is the largest part;
    with several nothing is done.
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
    fits = (shares > _SMALLEST) & (shares <= _MOST)
    part, shade = part[fits], shade[fits]
    if not len(part):
        return
    is_chosen = np.zeros(shadows.n + 1, np.bool_)
    is_chosen[shade] = True
    chosen, beside = shadows.neighbours(is_chosen, objects).T
    for shadow in np.flatnonzero(is_chosen).tolist():
        touching = beside[chosen == shadow]
        if objects.sizes[touching[is_within[touching]]].sum() <= _MOST * shadows.sizes[shadow]:
            body, parts = _assembled(part[shade == shadow], touching[~is_within[touching]], objects.sizes)
            _fill(mask, shadows, shadow, objects, body, parts)


def _assembled(parts: NDArray[np.int64], others: NDArray[np.int64], sizes: NDArray[np.int64]) -> tuple[int, list[int]]:
    """Return the body that parts belong to, one of the others or themselves, and its other parts, none if in doubt."""
    largest = parts[np.argmax(sizes[parts])]
    bodies = others[sizes[others] > sizes[largest]]
    body = int(bodies[0] if len(bodies) else largest)
    is_of_body = (parts != body) & (sizes[parts] > _SMALLEST * sizes[body]) & (len(bodies) <= 1)
    return body, parts[is_of_body].tolist()


def _fill(mask: NDArray[np.uint8], shadows: Runs, shadow: int, objects: Runs, body: int, parts: list[int]) -> None:
    """Make foreground of the shadow through which a way from a part to its body is hardly longer than the shortest."""
    if not parts:
        return
    around = _grown(shadows.boxes[shadow], 1, mask.shape)
    is_shadow, numbers, view = shadows.within(around) == shadow, objects.within(around), mask[around]
    to_body = _distances(numbers != body)
    for part in parts:
        longest = _DETOUR * float(to_body[numbers == part].min()) + _STEP
        box = objects.boxes[part] - np.tile([around[1].start, around[0].start], 2)
        near = _grown(box, math.ceil(longest), view.shape)
        ways = to_body[near] + _distances(numbers[near] != part)
        view[near][is_shadow[near] & (ways <= longest)] = FOREGROUND


def _distances(is_elsewhere: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return how far each pixel (H, W) is from the nearest that is not elsewhere [pixels]."""
    found = cv2.distanceTransform(is_elsewhere.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    squares: NDArray[np.float32] = np.rint(np.square(found))  # whole numbers, but for roundings of the processor's own
    return np.sqrt(squares)


def _grown(box: NDArray[np.int64], margin: int, size: tuple[int, ...]) -> tuple[slice, slice]:
    """Return the rows and columns of a box x0, y0, x1, y1 with a margin [pixels], within an image of a size (H, W)."""
    x0, y0, x1, y1 = box.tolist()
    rows = slice(max(y0 - margin, 0), min(y1 + margin, size[0]))
    return rows, slice(max(x0 - margin, 0), min(x1 + margin, size[1]))
