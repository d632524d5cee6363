"""Clips to measure on: those given, those that come with gmmtrack, or those rendered when named."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gmmtrack.bench.rendered import RENDERED, rendered_images
from gmmtrack.errors import ArgumentError
from gmmtrack.frames.open import open_source

Clip = str | os.PathLike[str]

_MOST_BYTES = 512 << 20  # of frames held in memory


def clips(given: Clip | Sequence[Clip] | None) -> list[Path]:
    """Return the clips given, or the bundled ones; raise ArgumentError where there is none or one is not there."""
    if isinstance(given, (str, os.PathLike)):
        given = [given]
    found = [Path(clip) for clip in given] if given else bundled_clips()
    if not found:
        raise ArgumentError("sources must name a video or a folder of images, got none, and no clips are bundled")
    for clip in found:
        if not clip.exists() and clip.name not in RENDERED:
            raise ArgumentError(f"sources must be videos or folders of images, got {clip}, which is not there")
    return found


def bundled_clips() -> list[Path]:
    """Return the videos that come with gmmtrack: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "videos", package.parent / "videos"):
        found = sorted(folder.glob("*.mp4"))
        if found:
            return found
    return []


def clip_name(clip: Path) -> str:
    """Return what a clip is called in a table: folders of images go by their parent too, for many are named alike."""
    return f"{clip.resolve().parent.name}/{clip.resolve().name}" if clip.is_dir() else clip.name


def load_images(clip: Path, n_frames: int) -> list[NDArray[np.uint8]]:
    """Return the first `n_frames` images (H, W, 3) uint8 of a clip, or as many as fit into 512 MiB."""
    images: list[NDArray[np.uint8]] = []
    for image in _images(clip):
        images.append(np.ascontiguousarray(image))
        if len(images) >= n_frames or (len(images) + 1) * image.nbytes > _MOST_BYTES:
            break
    if len(images) < 2:
        raise ArgumentError(f"sources must hold >= 2 frames, got {len(images)} in {clip}")
    return images


def _images(clip: Path) -> Iterator[NDArray[np.uint8]]:
    if clip.name in RENDERED and not clip.exists():
        yield from rendered_images(clip.name)
        return
    with open_source(clip) as frames:
        for frame in frames:
            yield frame.image
