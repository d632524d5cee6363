"""ImageFiles: the images of a folder or glob, one frame each."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import SourceError
from gmmtrack.frames.bgr import to_bgr
from gmmtrack.frames.frame import Frame
from gmmtrack.frames.quiet import quiet_opencv
from gmmtrack.frames.sampling import even_positions
from gmmtrack.frames.source import FrameSource

DEFAULT_RATE = 25.0  # [Hz] where nothing says when images were taken

_PNG, _PNG_END = b"\x89PNG", b"\0\0\0\0IEND\xaeB`\x82"
_FORMATS = "avif bmp dib gif jp2 jpe jpeg jpg pbm pgm png pnm ppm ras sr tif tiff webp"
IMAGE_SUFFIXES = frozenset(f".{name}" for name in _FORMATS.split())


class ImageFiles(FrameSource):
    """Image files, one frame each, in the order given.

    Grey images become BGR; 16-bit images are scaled by 255 / 65535, always, so that brightness does not pump. Images
    that do not decode are skipped, counted in `n_bad`, and leave a gap in index and time.

    Parameters
    ----------
    paths : sequence of str or Path
    name : str
    frame_rate : float, optional
        [Hz] Image i is at i / frame_rate; 25 Hz if not given.

    Raises
    ------
    SourceError
        On iteration, if an image is not as large as the one before, or none decodes.
    """

    repeats = True

    def __init__(self, paths: Sequence[str | os.PathLike[str]], name: str, *, frame_rate: float | None = None) -> None:
        self._paths = [Path(path) for path in paths]
        self._rate = frame_rate or DEFAULT_RATE
        super().__init__(name, n_frames=len(self._paths), frame_rate=self._rate)
        first = next((image for image in map(read_image, self._paths) if image is not None), None)
        if first is None:
            raise SourceError(f"{name} has no image that decodes")
        self.size = first.shape[1], first.shape[0]

    def _read(self) -> Iterator[Frame]:
        bad: list[str] = []
        for index, path in enumerate(self._paths):
            image = self._image(path)
            if image is None:
                bad.append(path.name)
                self.n_bad = len(bad)
            else:
                yield Frame(image, index, index / self._rate)
        if bad:
            more = ", ..." if len(bad) > 3 else ""
            n_files = len(self._paths)
            self.problem = f"{self.name}: {len(bad)} of {n_files} images did not decode: {', '.join(bad[:3])}{more}"

    def _image(self, path: Path) -> NDArray[np.uint8] | None:
        image = read_image(path)
        if image is not None and (image.shape[1], image.shape[0]) != self.size:
            assert self.size is not None
            width, height = self.size
            size = f"{image.shape[1]}x{image.shape[0]}"
            raise SourceError(f"{path} must be {width}x{height} pixels as the images before it, got {size}")
        return image

    def again(self) -> ImageFiles:
        return ImageFiles(self._paths, self.name, frame_rate=self._rate)

    def _sample(self, n: int) -> Iterator[Frame]:
        for index in even_positions(len(self._paths), n):
            image = self._image(self._paths[index])
            if image is not None:
                yield Frame(image, index, index / self._rate)


def image_folder(folder: Path, *, frame_rate: float | None = None) -> ImageFiles:
    """Return the images directly in a folder, in natural order; SourceError if there are none."""
    try:
        paths = [path for path in folder.iterdir() if is_image(path) and not path.name.startswith(".")]
    except OSError as error:
        raise SourceError(f"{folder} cannot be read: {(error.strerror or '').lower()}") from None
    if not paths:
        raise SourceError(f"no images in {folder}")
    return ImageFiles(natural_order(paths), str(folder), frame_rate=frame_rate)


def image_glob(pattern: str, *, frame_rate: float | None = None) -> ImageFiles:
    """Return the images that a glob matches (** for any depth), in natural order; SourceError if there are none."""
    paths = [path for path in map(Path, glob.glob(pattern, recursive=True)) if is_image(path)]
    if not paths:
        raise SourceError(f"no images match {pattern}")
    return ImageFiles(natural_order(paths), pattern, frame_rate=frame_rate)


def is_image(path: Path) -> bool:
    """Tell whether a path is a file that is named as an image."""
    return path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()


def natural_order(paths: Iterable[Path]) -> list[Path]:
    """Return paths sorted with numbers by value: in2 before in10."""
    return sorted(paths, key=lambda path: (_name_parts(path), str(path)))


def _name_parts(path: Path) -> list[tuple[int, int, str]]:
    parts = re.split(r"([0-9]+)", str(path).lower())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def _is_cut_off(encoded: NDArray[np.uint8]) -> bool:
    """Return whether this is the beginning of a PNG image, of which libpng would complain on the terminal itself."""
    return encoded[: len(_PNG)].tobytes() == _PNG and encoded.tobytes().rfind(_PNG_END) < 0


def read_image(path: Path) -> NDArray[np.uint8] | None:
    """Return an image file as (H, W, 3) uint8 BGR, or None where it does not decode."""
    try:
        encoded = np.fromfile(path, dtype=np.uint8)
    except OSError:
        return None
    if not encoded.size or _is_cut_off(encoded):
        return None
    with quiet_opencv():
        try:
            image = cv2.imdecode(encoded, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
        except cv2.error:
            return None
    if image is not None and image.dtype == np.uint16:
        image = cv2.convertScaleAbs(image, alpha=255 / 65535)
    return to_bgr(image) if image is not None and image.dtype == np.uint8 else None
