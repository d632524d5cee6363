"""Ready-made scenes by name."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gmmtrack.errors import ArgumentError
from gmmtrack.scenes import named_disturbed, named_plain
from gmmtrack.scenes.scene import Scene

Build = Callable[[tuple[int, int], int], Scene]

SCENES: dict[str, Build] = {**named_plain.SCENES, **named_disturbed.SCENES}


def scene(name: str, *, size: tuple[int, int] = (640, 360), seed: int = 0, **changes: Any) -> Scene:
    """Return the ready-made scene `name` (see `SCENES`) for frames of `size` (W, H) [pixels].

    changes: fields of `Scene` to replace, e.g. `duration=None` or `camera=Camera(read_noise=8)`
    """
    if name not in SCENES:
        raise ArgumentError(f"name must be one of {', '.join(SCENES)}, got {name!r}")
    built = SCENES[name](size, seed)
    unknown = sorted(set(changes) - set(Scene.__dataclass_fields__))
    if unknown:
        raise ArgumentError(f"changes must be fields of Scene, got {', '.join(unknown)}")
    return replace(built, **changes)
