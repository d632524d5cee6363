"""Background models in files: a .npz of the settings (JSON), the clock and the mixtures."""

import json
import os
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.background.camera import Camera
from gmmtrack.background.settings import BackgroundSettings
from gmmtrack.background.state import MIXTURES, PixelMixtures, restored
from gmmtrack.background.unrest.unrest import Unrest
from gmmtrack.errors import ArgumentError, OutputError, SourceError

_FORMAT = 4
_CAMERA, _UNREST = "camera_", "unrest_"


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
    changed: bool


def write(path: str | Path, snapshot: Snapshot) -> None:
    """Write a snapshot; the file that was there is replaced only once the new one is whole."""
    parts: dict[str, NDArray[Any]] = {
        "format": np.array(_FORMAT),
        "settings": np.array(json.dumps(asdict(snapshot.settings))),
        "n_frames": np.array(snapshot.n_frames),
        "time": np.array(np.nan if snapshot.time is None else snapshot.time),
    }
    parts |= {name: np.array(getattr(snapshot, name)) for name in ("dtype", "count", "changed")}
    mixtures = snapshot.mixtures
    if mixtures is not None:
        parts["shape"] = np.array(mixtures.shape)
        parts |= {name: getattr(mixtures, name) for name in MIXTURES}
    if snapshot.camera is not None:
        parts |= {_CAMERA + name: array for name, array in snapshot.camera.arrays().items()}
    if snapshot.unrest is not None:
        parts |= {_UNREST + name: array for name, array in snapshot.unrest.arrays().items()}
    partial = Path(f"{path}.part")
    try:
        with open(partial, "wb") as file:
            np.savez(file, allow_pickle=False, **parts)
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from None


def read(path: str | Path) -> Snapshot:
    """Read what `write` wrote."""
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            if int(file["format"]) != _FORMAT:
                raise ArgumentError(f"{path} must be of format {_FORMAT}, got {int(file['format'])}")
            parts = {name: file[name] for name in file.files}
        return _snapshot(parts)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from None
    except (ArgumentError, KeyError, TypeError, ValueError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        reason = "" if not isinstance(error, ArgumentError) else f": {error}"
        raise ArgumentError(f"{path} must be a background model that save() wrote{reason}") from None


def _snapshot(parts: dict[str, NDArray[Any]]) -> Snapshot:
    settings = BackgroundSettings(**json.loads(str(parts["settings"])))
    mixtures = camera = unrest = None
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
        changed=bool(parts["changed"]),
    )
