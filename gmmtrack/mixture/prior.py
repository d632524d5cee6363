"""Conjugate priors: what is believed of the components before any point is seen, as a vector for kernels.

Of each component: its weight by a Dirichlet distribution of concentration a, its covariance S by an inverse Wishart of
scatter B and v degrees of freedom, its mean by a Gaussian of mean m and covariance S / b. Their logarithm is, but for
a constant (Fraley and Raftery 2007, section 2),
    sum_k (a - 1) ln w_k - s / 2 ln |S_k| - tr(B S_k^-1) / 2 - b / 2 (m_k - m)' S_k^-1 (m_k - m),
with s = v + D + 1 for the prior of the covariance, and 1 more for that of the mean. The highest posterior is then what
the M-step gives after b points at m with scatter B have been added to every component, scatter divided by n + s.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.compilation import inner_kernel
from gmmtrack.errors import ArgumentError
from gmmtrack.mixture.densities import Floats
from gmmtrack.mixture.layout import unpack
from gmmtrack.mixture.shapes import precision_factor

WEIGHT, MEAN, SHAPE, START = 0, 1, 2, 3  # in the vector: a - 1, b, s; from START on m (D,) and B (D, D)


@inner_kernel
def add_prior(prior: Floats, means: Floats, counts: Floats, firsts: Floats, seconds: Floats) -> None:
    """Add to moments about `means` (K, D) those of the points that the prior stands for."""
    if prior[MEAN] == 0.0 and prior[SHAPE] == 0.0:
        return
    n_dims = means.shape[1]
    for k in range(len(counts)):
        counts[k] += prior[MEAN]
        for d in range(n_dims):
            gap = prior[MEAN] * (prior[START + d] - means[k, d])
            firsts[k, d] += gap
            for e in range(n_dims):
                seconds[k, d, e] += gap * (prior[START + e] - means[k, e]) + prior[START + n_dims * (1 + d) + e]


@inner_kernel
def log_prior(parameters: Floats, n_components: int, n_dims: int, prior: Floats) -> float:
    """Return the natural logarithm of the prior at `parameters`, but for a constant."""
    weights, means, covariances = unpack(parameters, n_components, n_dims)
    total = 0.0
    if prior[WEIGHT] > 0.0:
        for weight in weights:
            total += prior[WEIGHT] * math.log(max(weight, 1e-300))
    if prior[SHAPE] == 0.0:
        return total
    factor = np.empty((n_dims, n_dims))
    for k in range(n_components):
        log_determinant = precision_factor(covariances[k], factor)[1]
        total += prior[SHAPE] * log_determinant
        for d in range(n_dims):
            for e in range(n_dims):
                product = 0.0
                for f in range(n_dims):
                    product += factor[d, f] * factor[e, f]
                gaps = (means[k, d] - prior[START + d]) * (means[k, e] - prior[START + e])
                total -= 0.5 * product * (prior[START + n_dims * (1 + d) + e] + prior[MEAN] * gaps)
    return total


def prior_of(model: Any, centre: Floats) -> NDArray[np.float64]:
    """Return the vector of a mixture's priors about `centre` (D,); zeros where it has none."""
    n_dims = len(centre)
    vector = np.zeros(START + n_dims * (1 + n_dims))
    vector[WEIGHT] = _at_least("weight_concentration_prior", model.weight_concentration_prior, 1.0, 1.0) - 1.0
    if model.mean_prior is not None:
        vector[MEAN] = _at_least("mean_precision_prior", model.mean_precision_prior, 0.0, 1.0)
        vector[SHAPE] += 1.0 if vector[MEAN] > 0.0 else 0.0
        vector[START : START + n_dims] = _shaped("mean_prior", model.mean_prior, (n_dims,)) - centre
    elif model.mean_precision_prior is not None:
        raise ArgumentError("mean_prior must be given with mean_precision_prior, got None")
    if model.covariance_prior is not None:
        freedom = _at_least("degrees_of_freedom_prior", model.degrees_of_freedom_prior, 0.0, n_dims + 2.0)
        vector[SHAPE] += freedom + n_dims + 1.0
        vector[START + n_dims :] = _scatter(model.covariance_prior, n_dims).ravel()
    elif model.degrees_of_freedom_prior is not None:
        raise ArgumentError("covariance_prior must be given with degrees_of_freedom_prior, got None")
    return vector


def _at_least(name: str, value: Any, least: float, default: float) -> float:
    if value is None:
        return default
    if not (isinstance(value, (int, float, np.number)) and least <= value < math.inf):
        raise ArgumentError(f"{name} must be a number >= {least:g}, got {value!r}")
    return float(value)


def _shaped(name: str, value: Any, shape: tuple[int, ...]) -> Floats:
    array = np.asarray(value, dtype=np.float64)
    if array.shape != shape or not np.isfinite(array).all():
        raise ArgumentError(f"{name} must be {shape} finite numbers, got {array.shape}")
    return array


def _scatter(value: Any, n_dims: int) -> Floats:
    """Return the scatter of the prior as (D, D), given as that, as its diagonal or as one variance."""
    array = np.asarray(value, dtype=np.float64)
    array = array * np.eye(n_dims) if array.ndim < 2 else array
    array = _shaped("covariance_prior", array, (n_dims, n_dims))
    if not (np.allclose(array, array.T) and np.linalg.eigvalsh(array).min() > 0.0):
        raise ArgumentError(f"covariance_prior must be symmetric and positive definite, got {array.tolist()}")
    return array
