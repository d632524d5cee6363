"""Background models in files: a .npz of the settings (JSON), the clock and the mixtures."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.archive import Parts, read_archive, write_archive
from gmmtrack.background.camera import Camera
from gmmtrack.background.settings import BackgroundSettings
from gmmtrack.background.shadows.darkness import Darkness
from gmmtrack.background.state import MIXTURES, RANGES, PixelMixtures, restored
from gmmtrack.background.unrest.unrest import Unrest

_FORMAT = 8
_CAMERA, _UNREST, _DARKNESS = "camera_", "unrest_", "darkness_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that a model needs to go on exactly.

    n_frames: how many it has learned · time: of the last frame [s] · dtype: of the frames · count: of one level
    changed: whether the last frame showed another scene
    """

    settings: BackgroundSettings
    n_frames: int
    time: float | None
    dtype: str
    count: float
    mixtures: PixelMixtures | None
    camera: Camera | None
    unrest: Unrest | None
    darkness: Darkness
    changed: bool


def write(path: str | Path, snapshot: Snapshot) -> None:
    """Write a snapshot; the file that was there is replaced only once the new one is whole."""
    write_archive(path, parts_of(snapshot), _FORMAT)


def read(path: str | Path) -> Snapshot:
    """Read what `write` wrote."""
    return read_archive(path, "a background model", _FORMAT, snapshot_of)


def parts_of(snapshot: Snapshot) -> Parts:
    """Return a snapshot as named arrays."""
    parts: dict[str, NDArray[Any]] = {
        "settings": np.array(json.dumps(asdict(snapshot.settings))),
        "n_frames": np.array(snapshot.n_frames),
        "time": np.array(np.nan if snapshot.time is None else snapshot.time),
    }
    parts |= {name: np.array(getattr(snapshot, name)) for name in ("dtype", "count", "changed")}
    mixtures = snapshot.mixtures
    if mixtures is not None:
        parts["shape"] = np.array(mixtures.shape)
        parts |= {name: getattr(mixtures, name) for name in MIXTURES + RANGES}
    if snapshot.camera is not None:
        parts |= {_CAMERA + name: array for name, array in snapshot.camera.arrays().items()}
    if snapshot.unrest is not None:
        parts |= {_UNREST + name: array for name, array in snapshot.unrest.arrays().items()}
    return parts | {_DARKNESS + name: array for name, array in snapshot.darkness.arrays().items()}


def snapshot_of(parts: Parts) -> Snapshot:
    """Return the snapshot that named arrays hold; an ArgumentError where they do not fit one another."""
    settings = BackgroundSettings(**json.loads(str(parts["settings"])))
    mixtures = camera = unrest = None
    darkness = Darkness()
    darkness.restore({name.removeprefix(_DARKNESS): array for name, array in parts.items()})
    if "shape" in parts:
        height, width, n_channels = (int(n) for n in parts["shape"])
        mixtures = restored((height, width, n_channels), parts)
        camera = Camera(mixtures.shape, exposure=settings.exposure, shake=settings.shake)
        camera.restore({name.removeprefix(_CAMERA): array for name, array in parts.items()})
        if settings.follows_unrest:
            unrest = Unrest(mixtures.shape[:2])
            unrest.restore({name.removeprefix(_UNREST): array for name, array in parts.items()})
    return Snapshot(
        settings=settings,
        n_frames=int(parts["n_frames"]),
        time=None if np.isnan(parts["time"]) else float(parts["time"]),
        dtype=np.dtype(str(parts["dtype"])).name,
        count=float(parts["count"]),
        mixtures=mixtures,
        camera=camera,
        unrest=unrest,
        darkness=darkness,
        changed=bool(parts["changed"]),
    )
