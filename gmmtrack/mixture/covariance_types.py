"""Covariances as scikit-learn shapes them for each covariance type, from and to one full matrix a component."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError

Floats = NDArray[np.float64]

KINDS = {"full": 0, "tied": 1, "diag": 2, "spherical": 3}  # the numbers of `estimation`


def shape_of(covariance_type: str, n_components: int, n_dims: int) -> tuple[int, ...]:
    """Return the shape of covariances_ and precisions_ of that type."""
    return {
        "full": (n_components, n_dims, n_dims),
        "tied": (n_dims, n_dims),
        "diag": (n_components, n_dims),
        "spherical": (n_components,),
    }[covariance_type]


def compact(full: Floats, covariance_type: str) -> Floats:
    """Return (K, D, D) matrices in the shape of their type."""
    if covariance_type == "full":
        return np.array(full)
    if covariance_type == "tied":
        return np.array(full[0])
    diagonals = np.array(np.diagonal(full, axis1=1, axis2=2), dtype=np.float64)
    return diagonals if covariance_type == "diag" else diagonals[:, 0].copy()


def expand(compacted: Floats, covariance_type: str, n_components: int, n_dims: int) -> Floats:
    """Return matrices of a type as (K, D, D)."""
    if covariance_type == "full":
        return np.array(compacted, dtype=np.float64)
    if covariance_type == "tied":
        return np.tile(np.asarray(compacted, dtype=np.float64), (n_components, 1, 1))
    diagonals = compacted if covariance_type == "diag" else np.repeat(np.asarray(compacted)[:, None], n_dims, axis=1)
    return np.asarray(diagonals)[:, :, None] * np.eye(n_dims)


def factors_of(matrices: Floats, name: str) -> Floats:
    """Return the lower Cholesky factors (K, D, D) of matrices; `name` is what an error calls them."""
    try:
        lower = np.asarray(np.linalg.cholesky(matrices), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise ArgumentError(f"{name} must be positive definite, got {np.asarray(matrices).tolist()}") from None
    return lower


def precision_factors(covariances: Floats) -> Floats:
    """Return (K, D, D) upper triangular U with U U' = covariance^-1."""
    upper = np.linalg.inv(factors_of(covariances, "covariances")).transpose(0, 2, 1)
    factors: Floats = np.multiply(upper, np.tri(covariances.shape[1]).T, order="C")
    return factors


def n_covariance_parameters(covariance_type: str, n_components: int, n_dims: int) -> int:
    """Return how many numbers the covariances are free to choose."""
    triangle = n_dims * (n_dims + 1) // 2
    return {
        "full": n_components * triangle,
        "tied": triangle,
        "diag": n_components * n_dims,
        "spherical": n_components,
    }[covariance_type]
