"""A folder laid out as a sequence of CDnet 2014: images, true masks, and what of them is scored.

input/in000001.jpg  groundtruth/gt000001.png  ROI.bmp  temporalROI.txt
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError

# what a true mask's values mean; 85 (outside the region) and 170 (unknown, at the rim of objects) are left out
_FOREGROUND = 255
_BACKGROUND = (0, 50)  # 50 is a hard shadow


@dataclass(frozen=True, slots=True)
class CdnetSequence:
    """A sequence of CDnet 2014.

    images: paths, in order · first, last: the scored frames, from 1, both included
    region: (H, W) bool, what ROI.bmp admits, or None where there is no such file
    """

    folder: Path
    images: tuple[Path, ...]
    first: int
    last: int
    region: NDArray[np.bool_] | None

    def frames(self) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Yield every frame's number, from 1, and its image (H, W, 3) uint8, BGR."""
        for number, path in enumerate(self.images, 1):
            yield number, read_image(path, cv2.IMREAD_COLOR)

    def truth(self, number: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
        """Return where frame `number` is foreground and where background, each (H, W), or None if it is not scored."""
        path = self.folder / "groundtruth" / f"gt{number:06d}.png"
        if not self.first <= number <= self.last or not path.is_file():
            return None
        values = read_image(path, cv2.IMREAD_GRAYSCALE)
        # a region of another size is no help: the whole image counts, as without one
        inside = self.region
        if inside is None or inside.shape != values.shape:
            inside = np.ones(values.shape, dtype=np.bool_)
        return (values == _FOREGROUND) & inside, np.isin(values, _BACKGROUND) & inside


def open_cdnet(folder: str | Path) -> CdnetSequence:
    """Return the sequence in `folder`; raise ArgumentError naming what of its layout is missing or malformed."""
    folder = Path(folder)
    images = tuple(sorted((folder / "input").glob("*.jpg")))
    if not images:
        raise ArgumentError(f"folder must hold a CDnet sequence, got no JPEG images in {folder / 'input'}")
    if not (folder / "groundtruth").is_dir():
        raise ArgumentError(f"folder must hold a CDnet sequence, got no folder {folder / 'groundtruth'}")
    first, last = _scored_range(folder / "temporalROI.txt")
    roi = folder / "ROI.bmp"
    region = read_image(roi, cv2.IMREAD_GRAYSCALE) > 0 if roi.is_file() else None
    return CdnetSequence(folder, images, first, last, region)


def read_image(path: Path, flag: int) -> NDArray[np.uint8]:
    """Return the image at `path`; raise ArgumentError where it cannot be read."""
    # decoded from memory: cv2.imread writes a warning of its own, and on Windows fails on names beyond ASCII
    data = np.fromfile(path, dtype=np.uint8) if path.is_file() else np.zeros(0, dtype=np.uint8)
    image = cv2.imdecode(data, flag) if data.size else None
    if image is None:
        raise ArgumentError(
            f"{path} must be an image, got {'no such file' if not path.is_file() else 'unreadable data'}"
        )
    return np.asarray(image, dtype=np.uint8)


def _scored_range(path: Path) -> tuple[int, int]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        raise ArgumentError(f"folder must hold a CDnet sequence, got no file {path}") from None
    words = text.split()
    if len(words) != 2 or not all(word.isdecimal() for word in words):
        raise ArgumentError(f"{path}, line 1 must hold the first and last scored frame, got {text.strip()!r}")
    first, last = int(words[0]), int(words[1])
    if not 1 <= first <= last:
        raise ArgumentError(f"{path}, line 1 must hold 1 <= first <= last, got {first} {last}")
    return first, last
