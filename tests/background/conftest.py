"""The plain twin of the kernels, and made-up clips."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

Clip = list[NDArray[np.uint8]]


@pytest.fixture(scope="session")
def twin() -> ModuleType:
    """The module tests/reference/background.py."""
    return _reference("background")


@pytest.fixture(scope="session")
def camera_twin() -> ModuleType:
    """The module tests/reference/camera.py."""
    return _reference("camera")


def _reference(name: str) -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "reference" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"reference_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def _clip(n: int = 60, *, size: tuple[int, int] = (48, 70), channels: int = 3, seed: int = 0, noise: float = 4) -> Clip:
    """Return a noisy textured wall, half of it flickering; from frame 20 on a square and its shadow cross it."""
    rng = np.random.default_rng(seed)
    height, width = size
    wall = cv2.GaussianBlur(rng.uniform(60, 200, (height, width, channels)), (0, 0), 2).reshape(height, width, channels)
    images = []
    for index in range(n):
        level = wall.copy()
        level[:, : width // 2] += 30 * (rng.random((height, width // 2, 1)) < 0.2)
        if index >= 20:
            left = index % max(1, width - 12)
            level[8:18, left : left + 10] = 250
            level[18:26, left : left + 10] *= 0.7
        level += rng.normal(0, noise, level.shape)
        images.append(np.clip(level, 0, 255).astype(np.uint8))
    return images if channels > 1 else [image[:, :, 0] for image in images]


@pytest.fixture(scope="session")
def clip() -> Callable[..., Clip]:
    """A function that makes a clip: a bright square and its shadow cross a noisy wall that flickers in part."""
    return _clip


MARGIN = 40  # pixels of the street around what is seen


@cache
def _scenery(size: tuple[int, int], channels: int, seed: int, sigma: float) -> NDArray[np.float64]:
    """Return a textured street, MARGIN wider on every side than what is seen; std 27 levels."""
    rng = np.random.default_rng(seed)
    rough = rng.normal(0, 1, (size[0] + 2 * MARGIN, size[1] + 2 * MARGIN, channels))
    soft = cv2.GaussianBlur(rough, (0, 0), sigma).reshape(rough.shape)
    return 110 + 27 * (soft - soft.mean()) / soft.std()


def _street(
    index: int = 0,
    *,
    size: tuple[int, int] = (120, 160),
    channels: int = 3,
    seed: int = 0,
    sigma: float = 2.5,
    shift: tuple[float, float] = (0.0, 0.0),
    light: NDArray[np.float64] | float = 1.0,
    offset: float = 0.0,
    box: tuple[int, int, int, int] | None = None,
    noise: float = 2.0,
) -> NDArray[np.uint8]:
    """Return a noisy frame of a street: what lies at p without a shift is seen at p + shift (y, x)."""
    height, width = size
    to_frame = np.array([[1, 0, MARGIN - shift[1]], [0, 1, MARGIN - shift[0]]], np.float64)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    level = cv2.warpAffine(_scenery(size, channels, seed, sigma), to_frame, (width, height), flags=flags)
    level = level.reshape(height, width, channels)
    if box is not None:
        y0, x0, y1, x1 = box
        level[y0:y1, x0:x1] = 225 - 60 * (np.indices((y1 - y0, x1 - x0)).sum(axis=0) // 6 % 2)[..., None]
    level = level * light + offset + np.random.default_rng(index).normal(0, noise, level.shape)
    image = np.clip(np.rint(level), 0, 255).astype(np.uint8)
    return image if channels > 1 else image[:, :, 0]


@pytest.fixture(scope="session")
def street() -> Callable[..., NDArray[np.uint8]]:
    """A function that makes a frame of a textured street, of which camera, light and objects are told."""
    return _street


@pytest.fixture(scope="session")
def real_clips(data: Path) -> Callable[[str, int], Iterator[NDArray[np.uint8]]]:
    """A function that reads the first images of a real clip by its name."""

    def images(name: str, n: int) -> Iterator[NDArray[np.uint8]]:
        if name == "vtest":
            capture = cv2.VideoCapture(str(data / "vtest" / "vtest.avi"))
            for _ in range(n):
                yield np.asarray(capture.read()[1], np.uint8)
            return
        for path in sorted((data / name / "input").glob("*.jpg"))[:n]:
            yield np.asarray(cv2.imread(str(path)), np.uint8)

    return images
