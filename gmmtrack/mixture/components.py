"""fit_components: EM over weighted points from given components, and what it found."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.errors import ArgumentError
from gmmtrack.mixture.clustering import FREE, FROZEN, TURNING, cluster
from gmmtrack.mixture.densities import NEVER, Floats
from gmmtrack.mixture.kernels import LN_2, prepare, respond
from gmmtrack.mixture.layout import parts

_POWERS = {"gaussian": 1, "flat": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class EMResult:
    """What EM found, one row a component.

    weights: (K,) shares; with `clutter_weight` they sum to 1 · means: (K, D) · covariances: (K, D, D)
    counts: (K,) sums of responsibilities, in the unit of the point weights · clutter_count: the rest
    point_means, point_covariances: (K, D), (K, D, D) moments of the points assigned to each; of a component without
    points, its own mean and covariance · labels: (N,) int64 most responsible component, -1 clutter, if asked for
    log_likelihood: of the parameters returned, natural, summed over the point weights · trace: (n_iter + 1,) of it
    converged: whether the last step moved every mean by less than the tolerance
    """

    weights: Floats
    clutter_weight: float
    means: Floats
    covariances: Floats
    counts: Floats
    clutter_count: float
    point_means: Floats
    point_covariances: Floats
    labels: NDArray[np.int64] | None
    log_likelihood: float
    trace: Floats
    n_iter: int
    converged: bool


def fit_components(
    points: ArrayLike,
    point_weights: ArrayLike | None,
    weights: ArrayLike,
    means: ArrayLike,
    covariances: ArrayLike,
    *,
    frozen_shapes: bool | ArrayLike = False,
    turning: bool | ArrayLike = False,
    frozen_weights: bool = False,
    density: str = "gaussian",
    clutter: float = 0.0,
    clutter_area: float | None = None,
    max_iter: int = 10,
    tolerance: float = 0.05,
    smallest_variance: float = 1.0 / 12.0,
    n_position: int = 2,
    marks: ArrayLike | None = None,
    labels: bool = False,
) -> EMResult:
    """Return the mixture that EM finds over weighted points from given components, and the points each one got.

    Parameters
    ----------
    points : (N, D) positions [pixels]; dimensions after `n_position` (colours, say) take part but do not end the loop
    point_weights : (N,) >= 0, how many pixels each point stands for; None for one each
    weights : (K,) >= 0 shares, in any scale
    means, covariances : (K, D), (K, D, D) the components to start from [pixels, pixels²]
    frozen_shapes : hold all covariances, or those of (K,) bools
    turning : of these, all or those of (K,) bools may turn: their eigenvalues are held, their axes are found
    frozen_weights : hold the shares, and with them that of clutter
    density : "gaussian", or "flat" for bodies that fill an ellipse evenly (see `densities` for the equation)
    clutter : highest share [0-1) of a uniform component, which starts with that share; 0 for none
    clutter_area : area [pixels²] over which clutter is spread; None for the bounding box of the points
    max_iter, tolerance : end after so many iterations, or when in one no mean moved farther [pixels] and the share of
        clutter changed by less than 0.01
    smallest_variance : lower bound [pixels²] of the eigenvalues of covariances that are not frozen
    marks : (K, N) log likelihood of what else is known of each point, such as its colour, under each component, against
        that under clutter: a point then has the density of its position times that of its mark
    labels : also label the points

    Raises
    ------
    ArgumentError
        An argument of the wrong shape or out of its bounds, or a covariance that is not positive definite.

    Notes
    -----
    The log likelihood never falls from one iteration to the next; `clustering` says what is maximised.
    """
    _check_options(density, clutter, max_iter, smallest_variance)
    planes, point_weights = _points(points, point_weights)
    parameters, n_components = _components(weights, means, covariances, len(planes), 1.0 - clutter)
    held = np.empty(n_components, np.int8)
    held[:] = np.where(frozen_shapes, np.where(turning, TURNING, FROZEN), FREE)
    power, area = _POWERS[density], _area(planes, clutter, clutter_area)
    assigned, trace = np.empty_like(parameters), np.empty(max_iter + 1 if planes.size else 1)
    seen = _marks(marks, n_components, planes.shape[1])
    bad, n_iter, settled = cluster(
        planes, point_weights, parameters, held, frozen_weights, power, clutter, math.log2(area) if area else -NEVER,
        seen, smallest_variance, tolerance, min(n_position, len(planes)), assigned, trace,
    )  # fmt: skip
    found, got = (parts(vector, n_components, len(planes)) for vector in (parameters, assigned))
    if bad >= 0:
        raise ArgumentError(f"covariances must be positive definite, got {found[2][bad].tolist()} in row {bad}")
    uniform = max(0.0, 1.0 - float(found[0].sum())) if clutter > 0.0 else 0.0
    rest = max(0.0, float(point_weights.sum() - got[0].sum())) if clutter > 0.0 else 0.0
    chosen = _labels(planes, *found, power, uniform / area if area else 0.0, seen) if labels else None
    return EMResult(
        weights=found[0], clutter_weight=uniform, means=found[1], covariances=found[2],
        counts=got[0], clutter_count=rest, point_means=got[1], point_covariances=got[2], labels=chosen,
        log_likelihood=float(trace[n_iter]), trace=trace[: n_iter + 1], n_iter=n_iter, converged=settled,
    )  # fmt: skip


def _check_options(density: str, clutter: float, max_iter: int, smallest_variance: float) -> None:
    if density not in _POWERS:
        raise ArgumentError(f"density must be one of {', '.join(_POWERS)}, got {density!r}")
    if not 0.0 <= clutter < 1.0:
        raise ArgumentError(f"clutter must be a share in [0, 1), got {clutter!r}")
    if max_iter < 0:
        raise ArgumentError(f"max_iter must be >= 0, got {max_iter!r}")
    if not smallest_variance > 0.0:
        raise ArgumentError(f"smallest_variance must be > 0 pixels², got {smallest_variance!r}")


def _points(points: ArrayLike, point_weights: ArrayLike | None) -> tuple[Floats, Floats]:
    given = np.asarray(points)
    if given.ndim != 2 or given.shape[1] == 0:
        raise ArgumentError(f"points must be (N, D) numbers, got {given.shape} {given.dtype}")
    planes = np.ascontiguousarray(given.T, dtype=np.float64)
    if not math.isfinite(planes.sum()):
        raise ArgumentError("points must be finite, got NaN, infinity or numbers whose sum overflows")
    if point_weights is None:
        return planes, np.ones(len(given))
    counts = np.ascontiguousarray(point_weights, dtype=np.float64)
    if counts.shape != (len(given),):
        raise ArgumentError(f"point_weights must be ({len(given)},), as there are points, got {counts.shape}")
    if counts.size and not (counts.min() >= 0.0 and math.isfinite(counts.sum())):
        raise ArgumentError(
            f"point_weights must be >= 0 and finite, got {float(counts.min())} .. {float(counts.max())}"
        )
    return planes, counts


def _components(
    weights: ArrayLike, means: ArrayLike, covariances: ArrayLike, n_dims: int, total: float
) -> tuple[Floats, int]:
    """Return the components as one new vector that EM may change, the weights scaled to sum to `total`; and K."""
    shares, centres, shapes = np.asarray(weights), np.asarray(means), np.asarray(covariances)
    n_components = len(centres) if centres.ndim else 0
    if n_components == 0 or centres.shape != (n_components, n_dims):
        raise ArgumentError(f"means must be (K, {n_dims}) with K >= 1, like points, got {centres.shape}")
    if shapes.shape != (n_components, n_dims, n_dims):
        raise ArgumentError(f"covariances must be ({n_components}, {n_dims}, {n_dims}), got {shapes.shape}")
    if shares.shape != (n_components,):
        raise ArgumentError(f"weights must be ({n_components},), got {shares.shape}")
    vector = np.concatenate((shares, centres.ravel(), shapes.ravel()), dtype=np.float64)
    if not math.isfinite(vector.sum()):
        raise ArgumentError("weights, means and covariances must be finite, got NaN or infinity")
    sum_of_shares = vector[:n_components].sum()
    if not (vector[:n_components].min() >= 0.0 and sum_of_shares > 0.0):
        raise ArgumentError(f"weights must be >= 0 with a positive sum, got {shares.tolist()}")
    vector[:n_components] *= total / sum_of_shares
    return vector, n_components


def _marks(given: ArrayLike | None, n_components: int, n_points: int) -> Floats:
    """Return marks in powers of 2, (0, 0) for none."""
    if given is None:
        return np.empty((0, 0))
    marks = np.ascontiguousarray(given, dtype=np.float64) / LN_2
    if marks.shape != (n_components, n_points):
        raise ArgumentError(f"marks must be ({n_components}, {n_points}), (K, N), got {marks.shape}")
    if not math.isfinite(marks.sum()):
        raise ArgumentError("marks must be finite, got NaN or infinity")
    return marks


def _area(planes: Floats, clutter: float, given: float | None) -> float:
    """Return the area over which clutter is spread, 0 for no clutter; that of the box around the points by default."""
    if clutter == 0.0:
        return 0.0
    if given is not None:
        if not given > 0.0:
            raise ArgumentError(f"clutter_area must be > 0 pixels², got {given!r}")
        return given
    return float(np.prod(planes.max(axis=1) - planes.min(axis=1) + 1.0)) if planes.size else 1.0


def _labels(
    planes: Floats, shares: Floats, means: Floats, covariances: Floats, power: int, uniform: float, marks: Floats
) -> NDArray[np.int64]:
    heights, factors = np.empty(len(shares)), np.empty_like(covariances)
    prepare(shares, covariances, power, False, heights, factors)
    clutter = math.log2(uniform) if uniform > 0.0 else NEVER
    labels = np.empty(planes.shape[1], np.int64)
    respond(
        planes, 0, planes.shape[1], heights, means, factors, power, False, clutter, marks, np.empty(0),
        np.empty((0, 0)), labels,
    )  # fmt: skip
    return labels
