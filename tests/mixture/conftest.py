"""The plain twins, loaded from their file, and mixtures drawn at random."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest


@pytest.fixture(scope="session")
def twin() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "reference" / "mixture.py"
    spec = importlib.util.spec_from_file_location("reference_mixture", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def draw():
    """Return a function that draws points, point weights and the components to start from."""

    def drawn(seed, n_points, n_components, n_dims, spread=5.0):
        random = np.random.default_rng(seed)
        means = random.normal(size=(n_components, n_dims)) * spread
        points = random.normal(size=(n_points, n_dims)) + means[random.integers(0, n_components, n_points)]
        mixers = random.normal(size=(n_components, n_dims, n_dims))
        covariances = mixers @ mixers.transpose(0, 2, 1) + np.eye(n_dims)
        shares = random.dirichlet(np.full(n_components, 5.0))
        return points, random.uniform(0.0, 3.0, n_points), shares, means + random.normal(size=means.shape), covariances

    return drawn
