"""The plain twins, loaded from their file; masks with ellipses, and the tracks that are expected on them."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from gmmtrack import Predictions


@pytest.fixture(scope="session")
def twin() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "reference" / "detection.py"
    spec = importlib.util.spec_from_file_location("reference_detection", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def turned():
    """Return a function that gives the spread (2, 2) of a solid ellipse with half axes a, b [pixels], turned."""

    def spread(a, b, angle=0.0):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return turn @ np.diag([a**2, b**2]) @ turn.T / 4

    return spread


@pytest.fixture(scope="session")
def drawn():
    """Return a function that draws solid ellipses into a mask."""

    def draw(size, means, shapes):
        y, x = np.mgrid[: size[0], : size[1]]
        mask = np.zeros(size, np.uint8)
        for mean, shape in zip(means, shapes, strict=True):
            deltas = np.stack([x, y], axis=2) + 0.5 - mean
            mask[np.einsum("hwi,ij,hwj->hw", deltas, np.linalg.inv(shape), deltas) <= 4] = 255
        return mask

    return draw


@pytest.fixture(scope="session")
def expected():
    """Return a function that gives the predictions of steady tracks with given means and spreads."""

    def predictions(means, shapes, **changes):
        means, shapes = np.array(means, float).reshape(-1, 2), np.array(shapes, float).reshape(-1, 2, 2)
        n = len(means)
        half = 2 * np.sqrt(np.diagonal(shapes, axis1=1, axis2=2))
        fields = {
            "ids": np.arange(1, n + 1),
            "xyxy": np.concatenate([means - half, means + half], axis=1),
            "means": means,
            "shapes": shapes,
            "areas": 4 * np.pi * np.sqrt(np.linalg.det(shapes)),
            "steady": np.ones(n, bool),
            "moved": np.ones(n, bool),
            "turn": np.zeros(n, bool),
            "alone": np.ones(n, bool),
            "divided": np.zeros(n),
            "extents": 2 * half,
            "palettes": np.zeros((n, 125)),
            "silhouettes": np.zeros((n, 16, 16), np.float32),
            "likenesses": np.zeros(n),
            "places": means,
        }
        return Predictions(**fields | changes)

    return predictions
