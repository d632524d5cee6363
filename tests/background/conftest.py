"""The plain twin of the kernels, and made-up clips."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
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
    path = Path(__file__).resolve().parents[1] / "reference" / "background.py"
    spec = importlib.util.spec_from_file_location("reference_background", path)
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
