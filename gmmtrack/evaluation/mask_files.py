"""Masks that were written to files, found by the number in their names."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError
from gmmtrack.evaluation.cdnet import read_image

_SUFFIXES = (".png", ".bmp", ".tif", ".tiff")  # JPEG is not among them: it blurs the values


class MaskFiles:
    """The masks in a folder; the last number in a name is its frame's, from 1, or from 0 where one is numbered 0."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise ArgumentError(f"masks must be a folder, got {self.folder}")
        numbered = sorted(_numbered(self.folder))
        if not numbered:
            raise ArgumentError(f"masks must be a folder of PNG files with numbers in their names, got {self.folder}")
        shift = 1 if numbered[0][0] == 0 else 0
        self._paths: dict[int, Path] = {}
        for number, path in numbered:
            earlier = self._paths.setdefault(number + shift, path)
            if earlier != path:
                raise ArgumentError(f"masks must have one file a frame, got {earlier} and {path.name}")

    def read(self, number: int) -> NDArray[np.uint8]:
        """Return the mask (H, W) uint8 of frame `number`, from 1."""
        if number not in self._paths:
            raise ArgumentError(f"masks must hold every scored frame, got none for frame {number} in {self.folder}")
        return read_image(self._paths[number], cv2.IMREAD_GRAYSCALE)


def _numbered(folder: Path) -> list[tuple[int, Path]]:
    found = []
    for path in folder.iterdir():
        digits = re.findall(r"\d+", path.stem)
        if digits and path.suffix.lower() in _SUFFIXES:
            found.append((int(digits[-1]), path))
    return found
