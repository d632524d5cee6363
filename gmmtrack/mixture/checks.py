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


def check_points(X: ArrayLike, n_dims: int | None = None, *, missing: bool = False) -> Floats:
    """Return X as (N, D) float64, finite but for NaN where that may be `missing`; D must be `n_dims` where known."""
    if hasattr(X, "toarray"):
        raise ArgumentError("X must be dense, got a sparse array; sparse input is not supported, pass X.toarray()")
    points = np.asarray(X)
    if points.ndim != 2:
        raise ArgumentError(
            f"X must be (N, D) numbers, got {points.shape} {points.dtype}. Reshape your data with "
            "X.reshape(-1, 1) for one column or X.reshape(1, -1) for one row"
        )
    if points.dtype.kind == "O":
        points = points.astype(np.float64)  # raises what Python's float does
    if points.dtype.kind not in "fiub":
        hint = ". Complex data not supported" if points.dtype.kind == "c" else ""
        raise ArgumentError(f"X must be (N, D) numbers, got {points.shape} {points.dtype}{hint}")
    if points.shape[1] == 0:
        raise ArgumentError(
            f"X must have >= 1 column, got 0 feature(s) (shape={points.shape}) while a minimum of 1 is required."
        )
    if n_dims is not None and points.shape[1] != n_dims:
        raise ArgumentError(
            f"X must have {n_dims} columns, got {points.shape[1]}: X has {points.shape[1]} features, but "
            f"GaussianMixture is expecting {n_dims} features as input"
        )
    points = np.ascontiguousarray(points, dtype=np.float64)
    _check_finite(points, missing)
    return points


def _check_finite(points: Floats, missing: bool) -> None:
    if _is_finite(points):
        return
    bad = np.isinf(points) if missing else ~np.isfinite(points)
    if bad.any():
        what = "infinity" if missing else "NaN or infinity"
        remedy = "" if missing or np.isinf(points).any() else '; missing="ignore" takes NaN for a value that is missing'
        raise ArgumentError(
            f"X must be finite, got {what} in {int(bad.any(axis=1).sum())} of {len(points)} rows{remedy}"
        )


def _is_finite(values: NDArray[Any]) -> bool:
    """Return whether all are; their sum tells at a fraction of the cost, unless it overflows."""
    return math.isfinite(values.sum()) or bool(np.isfinite(values).all())


def check_weights(sample_weight: ArrayLike | None, n_points: int) -> Floats:
    """Return sample weights (N,) >= 0 with a positive sum; ones by default."""
    if sample_weight is None:
        return np.ones(n_points)
    weights = np.ascontiguousarray(sample_weight, dtype=np.float64)
    if weights.shape != (n_points,):
        raise ArgumentError(f"sample_weight must be ({n_points},), as X has rows, got {weights.shape}")
    total = float(weights.sum())
    if not (math.isfinite(total) and total > 0.0 and weights.min() >= 0.0):
        raise ArgumentError(
            "sample_weight must be >= 0 and finite, and not all zero, got "
            f"{float(weights.min())} .. {float(weights.max())}"
        )
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
    if model.missing not in ("error", "ignore"):
        raise ArgumentError(f"missing must be one of error, ignore, got {model.missing!r}")
    if not 0.0 <= model.noise < 1.0:
        raise ArgumentError(f"noise must be a share in [0, 1), got {model.noise!r}")
    if not 0.0 <= model.forgetting < 1.0:
        raise ArgumentError(f"forgetting must be a share in [0, 1), got {model.forgetting!r}")
    strange = [name for name in model.frozen if name not in HELD]
    if strange:
        raise ArgumentError(f"frozen must be names out of {', '.join(HELD)}, got {strange[0]!r}")


def check_initial(model: Any, n_dims: int) -> None:
    """Raise ArgumentError, in scikit-learn's words, where a parameter to start from does not suit K and D."""
    n_components, kind = model.n_components, model.covariance_type
    wanted = {
        "weights": (model.weights_init, (n_components,)),
        "means": (model.means_init, (n_components, n_dims)),
        f"{kind} precision": (model.precisions_init, shape_of(kind, n_components, n_dims)),
    }
    for name, (given, shape) in wanted.items():
        if given is None:
            continue
        if np.shape(given) != shape:
            raise ArgumentError(f"The parameter '{name}' should have the shape of {shape}, but got {np.shape(given)}")
        if not _is_finite(np.asarray(given)):
            raise ArgumentError(f"The parameter '{name}' should be finite, but got NaN or infinity")
    if model.weights_init is not None:
        _check_shares(np.asarray(model.weights_init, dtype=np.float64))
    if model.precisions_init is not None:
        _check_precisions(np.asarray(model.precisions_init, dtype=np.float64), kind)


def _check_shares(weights: Floats) -> None:
    low, high, total = weights.min(), weights.max(), weights.sum()
    if low < 0.0 or high > 1.0:  # scikit-learn names the two the wrong way round, and its tests ask for that
        raise ArgumentError(
            f"The parameter 'weights' should be in the range [0, 1], but got max value {low:.5f}, min value {high:.5f}"
        )
    if abs(1.0 - total) > 1e-6:
        raise ArgumentError(f"The parameter 'weights' should be normalized, but got sum(weights) = {total:.5f}")


def _check_precisions(precisions: Floats, kind: str) -> None:
    if kind in ("diag", "spherical"):
        if not precisions.min() > 0.0:
            raise ArgumentError(f"'{kind} precision' should be positive")
        return
    gaps = np.abs(precisions - np.swapaxes(precisions, -1, -2))
    symmetric = (gaps <= 1e-8 + 1e-5 * np.abs(precisions)).all()  # as np.allclose, which takes longer than the rest
    if not (symmetric and np.linalg.eigvalsh(precisions).min() > 0.0):
        raise ArgumentError(f"'{kind} precision' should be symmetric, positive-definite")


def as_random_state(seed: Any) -> np.random.RandomState:
    """Return the random numbers that scikit-learn's random_state stands for; a Generator lends its bits."""
    if isinstance(seed, np.random.RandomState):
        return seed
    if isinstance(seed, np.random.Generator):
        return np.random.RandomState(seed.bit_generator)
    if seed is None:
        return np.random.mtrand._rand  # NumPy's own, which np.random.seed seeds
    if isinstance(seed, (int, np.integer)):
        return np.random.RandomState(seed)
    raise ArgumentError(f"random_state must be None, a whole number, a RandomState or a Generator, got {seed!r}")
