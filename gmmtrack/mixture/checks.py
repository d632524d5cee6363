"""What `GaussianMixture` is given, checked."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.errors import ArgumentError
from gmmtrack.mixture.covariance_types import KINDS, shape_of

Floats = NDArray[np.float64]

INITS = ("kmeans", "k-means++", "random", "random_from_data")
HELD = ("weights", "means", "covariances")


def check_points(X: ArrayLike, n_dims: int | None = None) -> Floats:
    """Return X as (N, D) float64, finite; D must be `n_dims` where that is known."""
    points = np.asarray(X)
    if points.ndim != 2 or points.dtype.kind not in "fiub":
        raise ArgumentError(f"X must be (N, D) numbers, got {points.shape} {points.dtype}")
    if points.shape[1] == 0:
        raise ArgumentError(f"X must have >= 1 column, got {points.shape}")
    if n_dims is not None and points.shape[1] != n_dims:
        raise ArgumentError(f"X must have {n_dims} columns, as the mixture was fitted to, got {points.shape[1]}")
    points = np.ascontiguousarray(points, dtype=np.float64)
    if not math.isfinite(points.sum()) and not np.isfinite(points).all():
        n_bad = int((~np.isfinite(points)).any(axis=1).sum())
        raise ArgumentError(f"X must be finite, got NaN or infinity in {n_bad} of {len(points)} rows")
    return points


def check_weights(sample_weight: ArrayLike | None, n_points: int) -> Floats:
    """Return sample weights (N,) >= 0 with a positive sum; ones by default."""
    if sample_weight is None:
        return np.ones(n_points)
    weights = np.ascontiguousarray(sample_weight, dtype=np.float64)
    if weights.shape != (n_points,):
        raise ArgumentError(f"sample_weight must be ({n_points},), as X has rows, got {weights.shape}")
    total = float(weights.sum())
    if not (math.isfinite(total) and total > 0.0 and weights.min() >= 0.0):
        raise ArgumentError(f"sample_weight must be >= 0 and finite with a positive sum, got a sum of {total}")
    return weights


def check_parameters(model: Any) -> None:
    """Raise ArgumentError where a parameter of the constructor is out of its bounds."""
    for name, least in (("n_components", 1), ("max_iter", 0), ("n_init", 1)):
        value = getattr(model, name)
        if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
            raise ArgumentError(f"{name} must be a whole number >= {least}, got {value!r}")
    for name in ("tol", "reg_covar"):
        value = getattr(model, name)
        if not (isinstance(value, (int, float, np.number)) and 0.0 <= value < math.inf):
            raise ArgumentError(f"{name} must be a number >= 0, got {value!r}")
    for name, choices in (("covariance_type", tuple(KINDS)), ("init_params", INITS)):
        if getattr(model, name) not in choices:
            raise ArgumentError(f"{name} must be one of {', '.join(choices)}, got {getattr(model, name)!r}")
    if not 0.0 <= model.noise < 1.0:
        raise ArgumentError(f"noise must be a share in [0, 1), got {model.noise!r}")
    strange = [name for name in model.frozen if name not in HELD]
    if strange:
        raise ArgumentError(f"frozen must be names out of {', '.join(HELD)}, got {strange[0]!r}")


def check_initial(model: Any, n_dims: int) -> None:
    """Raise ArgumentError where weights_init, means_init or precisions_init do not suit K and D."""
    n_components = model.n_components
    shapes = {
        "weights_init": (n_components,),
        "means_init": (n_components, n_dims),
        "precisions_init": shape_of(model.covariance_type, n_components, n_dims),
    }
    for name, shape in shapes.items():
        given = getattr(model, name)
        if given is not None and np.shape(given) != shape:
            raise ArgumentError(f"{name} must be {shape}, got {np.shape(given)}")
        if given is not None and not np.isfinite(given).all():
            raise ArgumentError(f"{name} must be finite, got NaN or infinity")
    weights = model.weights_init
    if weights is not None and (np.min(weights) < 0.0 or abs(1.0 - np.sum(weights)) > 1e-6):
        raise ArgumentError(f"weights_init must be >= 0 and sum to 1, got a sum of {np.sum(weights)}")


def as_random_state(seed: Any) -> np.random.RandomState:
    """Return the random numbers that scikit-learn's random_state stands for; a Generator lends its bits."""
    if isinstance(seed, np.random.RandomState):
        return seed
    if isinstance(seed, np.random.Generator):
        return np.random.RandomState(seed.bit_generator)
    if seed is None or isinstance(seed, (int, np.integer)):
        return np.random.RandomState(seed)
    raise ArgumentError(f"random_state must be None, a whole number, a RandomState or a Generator, got {seed!r}")
