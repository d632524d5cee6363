"""Places where the ready-made scenes happen, each for any size of frame."""

from gmmtrack.scenes.background import Background, Marking, Points, Region
from gmmtrack.scenes.materials import Colour
from gmmtrack.scenes.view import Perspective

_GLASS: Colour = (70, 62, 54)
_WHITE: Colour = (206, 210, 212)


def box(x0: float, y0: float, x1: float, y1: float) -> Points:
    """Return a rectangle's corners."""
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def across(size: tuple[int, int]) -> Perspective:
    """Return the view of a camera some metres up that looks across a street."""
    return Perspective(horizon=-0.1 * size[1], reference=0.8 * size[1])


def plaza() -> Background:
    """Return a paved square before a brick house, with a lawn and a path."""
    windows = tuple(Marking(box(x, 0.03, x + 0.075, 0.12), _GLASS) for x in (0.06, 0.2, 0.34, 0.62, 0.76, 0.9))
    door = Marking(box(0.49, 0.05, 0.55, 0.2), (52, 66, 96))
    kerb = Marking(((0.0, 0.345), (1.0, 0.285), (1.0, 0.297), (0.0, 0.36)), (170, 174, 176))
    return Background(
        (
            Region("pavement"),
            Region("grass", ((-0.1, 0.15), (1.1, 0.15), (1.1, 0.28), (-0.1, 0.355))),
            Region("gravel", ((0.47, 0.15), (0.57, 0.15), (0.66, 0.335), (0.5, 0.345))),
            Region("brick", box(-0.1, -0.1, 1.1, 0.2)),
            Region("grass", ((-0.1, 0.86), (0.2, 0.92), (0.34, 1.1), (-0.1, 1.1))),
        ),
        (*windows, door, kerb),
    )


def street() -> Background:
    """Return a street seen from across: house, pavement, road with lane marks, near pavement."""
    windows = tuple(Marking(box(x, 0.015, x + 0.06, 0.13), _GLASS) for x in (0.04, 0.14, 0.3, 0.4, 0.62, 0.72, 0.88))
    shop = Marking(box(0.5, 0.04, 0.58, 0.22), (120, 104, 70))
    dashes = tuple(Marking(((x, 0.565), (x + 0.055, 0.565), (x + 0.052, 0.578), (x - 0.004, 0.578)), _WHITE, 0.12)
                   for x in (0.02, 0.16, 0.3, 0.44, 0.58, 0.72, 0.86))  # fmt: skip
    kerbs = tuple(Marking(box(-0.1, y, 1.1, y + 0.014), (176, 178, 178)) for y in (0.41, 0.745))
    return Background(
        (
            Region("pavement"),
            Region("asphalt", box(-0.1, 0.415, 1.1, 0.75)),
            Region("brick", box(-0.1, -0.1, 0.46, 0.22)),
            Region("concrete", box(0.46, -0.1, 0.6, 0.22), 0.9),
            Region("brick", box(0.6, -0.1, 1.1, 0.22), 1.15),
        ),
        (*windows, shop, *dashes, *kerbs),
    )


def highway() -> Background:
    """Return a road that leads away from the camera, between verges."""
    dashes = []
    for lane in (0.28, 0.44, 0.6, 0.76):
        solid = lane in (0.28, 0.76)
        for near in (1.05, 0.74, 0.53, 0.385, 0.29, 0.225, 0.18):
            far = near * (0.68 if solid else 0.82)
            dashes.append(_lane_mark(lane, near, far))
    return Background(
        (
            Region("grass"),
            Region("asphalt", ((0.47, 0.06), (0.55, 0.06), (1.0, 1.1), (0.02, 1.1))),
            Region("gravel", ((0.55, 0.06), (0.565, 0.06), (1.13, 1.1), (1.0, 1.1))),
            Region("gravel", ((0.455, 0.06), (0.47, 0.06), (0.02, 1.1), (-0.1, 1.1))),
            Region("leaves", ((-0.1, -0.1), (1.1, -0.1), (1.1, 0.1), (0.6, 0.055), (0.42, 0.06), (-0.1, 0.13)), 0.9),
            Region("sky", ((-0.1, -0.1), (1.1, -0.1), (1.1, 0.02), (0.5, 0.035), (-0.1, 0.01))),
        ),
        tuple(dashes),
    )


def lane_x(lane: float, y: float) -> float:
    """Return where the line that meets the frame's foot at share `lane` lies at height `y` [shares of the frame]."""
    return 0.51 + (lane - 0.52) * 2 * (y + 0.02) / 1.02 * 0.98


def pond() -> Background:
    """Return a bank before water."""
    return Background(
        (
            Region("grass"),
            Region("gravel", ((-0.1, 0.6), (1.1, 0.54), (1.1, 0.76), (-0.1, 0.8))),
            Region("water", ((-0.1, 0.12), (1.1, 0.12), (1.1, 0.56), (-0.1, 0.62))),
            Region("leaves", ((-0.1, -0.1), (1.1, -0.1), (1.1, 0.14), (-0.1, 0.14)), 0.8),
        )
    )


def room() -> Background:
    """Return a room: carpet, wall, door and a picture."""
    return Background(
        (Region("carpet"), Region("concrete", box(-0.1, -0.1, 1.1, 0.3), 0.95)),
        (
            Marking(box(0.68, 0.02, 0.78, 0.3), (66, 88, 120)),
            Marking(box(0.2, 0.05, 0.36, 0.2), (120, 90, 60)),
            Marking(box(0.21, 0.065, 0.35, 0.185), (90, 150, 170)),
            Marking(box(-0.1, 0.29, 1.1, 0.31), (200, 204, 206)),
        ),
    )


def _lane_mark(lane: float, near: float, far: float) -> Marking:
    half = 0.006
    points = (
        (lane_x(lane - half, far), far), (lane_x(lane + half, far), far),
        (lane_x(lane + half, near), near), (lane_x(lane - half, near), near),
    )  # fmt: skip
    return Marking(points, _WHITE, 0.12)
