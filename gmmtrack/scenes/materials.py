"""What surfaces look like: one painter a material, from coordinates to colour."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gmmtrack.scenes.noise import Noise, Plane, layered

Colour = tuple[float, float, float]
Painter = Callable[[Plane, Plane, np.random.Generator], NDArray[np.float32]]


def tint(level: Plane, colour: Colour) -> NDArray[np.float32]:
    """Return `level` (H, W), 1 = as bright as `colour`, times `colour` (BGR, 0-255): (H, W, 3)."""
    return np.asarray(level[..., None] * np.asarray(colour, np.float32), np.float32)


def asphalt(u: Plane, v: Plane, rng: np.random.Generator) -> NDArray[np.float32]:
    """Grey and grainy, with stains and cracks."""
    stains = layered(rng, u, v, 180, 4)
    grain = layered(rng, u, v, 5, 2)
    crack = np.exp(-np.abs(layered(rng, u, v, 110, 4)) * 45)
    return tint(1 + 0.07 * stains + 0.06 * grain - 0.22 * crack, (112, 110, 108))


def pavement(u: Plane, v: Plane, rng: np.random.Generator) -> NDArray[np.float32]:
    """Slabs with joints, each of its own grey, worn in places."""
    slab = 54.0
    row = np.floor(v / slab)
    across = u / (slab * 1.5) + 0.5 * (row % 2)
    own = Noise(rng)(np.floor(across) * 7.31, row * 5.17)
    edge = np.minimum(_to_edge(across) * slab * 1.5, _to_edge(v / slab) * slab)
    joint = np.exp(-((edge / 1.8) ** 2))
    wear = layered(rng, u, v, 90, 5)
    return tint(1 + 0.06 * own + 0.07 * wear + 0.04 * layered(rng, u, v, 4, 1) - 0.25 * joint, (142, 148, 152))


def grass(u: Plane, v: Plane, rng: np.random.Generator) -> NDArray[np.float32]:
    """Green, tufted, drier in patches."""
    patches = layered(rng, u, v, 220, 4)
    blades = layered(rng, u, v * 0.6, 9, 3)
    dry = np.clip(0.5 + 0.4 * layered(rng, u, v, 140, 3), 0, 1)
    level = 1 + 0.12 * patches + 0.2 * blades
    return tint(level * (1 - dry), (34, 96, 62)) + tint(level * dry, (46, 112, 92))


def brick(u: Plane, v: Plane, rng: np.random.Generator) -> NDArray[np.float32]:
    """Courses of bricks in mortar."""
    course = np.floor(v / 7.0)
    across = u / 20.0 + 0.5 * (course % 2)
    own = Noise(rng)(np.floor(across) * 3.7, course * 9.1)
    edge = np.minimum(_to_edge(across) * 20.0, _to_edge(v / 7.0) * 7.0)
    mortar = np.exp(-((edge / 0.9) ** 2))
    level = 1 + 0.16 * own + 0.1 * layered(rng, u, v, 120, 5)
    return tint(level * (1 - 0.6 * mortar), (74, 98, 138)) + tint(0.6 * mortar, (150, 156, 160))


def concrete(u: Plane, v: Plane, rng: np.random.Generator) -> NDArray[np.float32]:
    """Smooth and pale, streaked by weather."""
    streaks = layered(rng, u, v * 0.15, 26, 3)
    return tint(1 + 0.06 * streaks + 0.06 * layered(rng, u, v, 130, 5), (158, 162, 164))


def leaves(u: Plane, v: Plane, rng: np.random.Generator) -> NDArray[np.float32]:
    """Foliage: bright leaves over dark gaps."""
    clumps = layered(rng, u, v, 60, 3)
    detail = layered(rng, u, v, 8, 3)
    level = np.clip(0.62 + 0.28 * clumps + 0.5 * detail, 0.1, 1.9)
    warm = np.clip(0.4 + 0.5 * Noise(rng)(u / 11, v / 11), 0, 1)
    return tint(level * (1 - warm), (42, 92, 52)) + tint(level * warm, (48, 112, 88))


def gravel(u: Plane, v: Plane, rng: np.random.Generator) -> NDArray[np.float32]:
    """Pebbles of many greys and browns."""
    pebbles = layered(rng, u, v, 9, 3)
    warm = np.clip(0.5 + 0.5 * Noise(rng)(u / 13, v / 13), 0, 1)
    level = 1 + 0.16 * pebbles + 0.1 * layered(rng, u, v, 160, 3)
    return tint(level * warm, (126, 150, 164)) + tint(level * (1 - warm), (148, 152, 150))


def water(u: Plane, v: Plane, rng: np.random.Generator) -> NDArray[np.float32]:
    """Dark blue-green, with long swells."""
    swell = layered(rng, u * 0.35, v, 34, 4)
    return tint(1 + 0.22 * swell + 0.12 * layered(rng, u, v, 200, 3), (120, 102, 72))


def snowfield(u: Plane, v: Plane, rng: np.random.Generator) -> NDArray[np.float32]:
    """White, with faint drifts."""
    return tint(1 + 0.05 * layered(rng, u, v, 150, 5), (214, 208, 204))


def tank(u: Plane, v: Plane, rng: np.random.Generator) -> NDArray[np.float32]:
    """The pale floor of a lit tank, seen through water."""
    level = 1 + 0.05 * layered(rng, u, v, 240, 4) + 0.025 * layered(rng, u, v, 12, 2)
    return tint(level, (176, 172, 150))


def carpet(u: Plane, v: Plane, rng: np.random.Generator) -> NDArray[np.float32]:
    """Woven, with a fine regular weave."""
    weave = np.sin(u * 1.3) * np.sin(v * 1.3)
    return tint(1 + 0.08 * weave + 0.09 * layered(rng, u, v, 40, 4), (96, 104, 128))


def sky(u: Plane, v: Plane, rng: np.random.Generator) -> NDArray[np.float32]:
    """Bright haze with clouds."""
    clouds = np.clip(0.5 + 0.5 * layered(rng, u * 0.5, v, 160, 5), 0, 1)
    return tint(1 - clouds, (214, 190, 168)) + tint(clouds, (226, 224, 222))


def materials() -> dict[str, tuple[Painter, bool]]:
    """Return every material by name: its painter, and whether it lies on the ground (or stands upright)."""
    flat = (asphalt, pavement, grass, gravel, water, snowfield, tank, carpet)
    upright = (brick, concrete, leaves, sky)
    lying: dict[str, tuple[Painter, bool]] = {painter.__name__: (painter, True) for painter in flat}
    return lying | {painter.__name__: (painter, False) for painter in upright}


def _to_edge(position: Plane) -> Plane:
    """Return how far `position` is from the next whole number, 0 to 0.5."""
    return np.abs(position - np.round(position))
