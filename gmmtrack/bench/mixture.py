"""Gaussian mixtures: one iteration of EM, against scikit-learn's."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmmtrack.bench.comparison import Comparison, column
from gmmtrack.bench.machine import this_machine
from gmmtrack.bench.timing import interleave, medians
from gmmtrack.errors import ArgumentError

_SIZES = ((2_000, 5), (20_000, 10), (100_000, 20))
_OWN, _PEER = "gmmtrack", "scikit-learn"
_N_MORE = 10  # iterations by which the longer of two fits exceeds the shorter


@dataclass(frozen=True, slots=True)
class MixtureRow:
    """One size: median milliseconds of one iteration of EM, and how many times as fast as scikit-learn it is."""

    n_points: int = column("points")
    n_components: int = column("components")
    method: str = column("method")
    ms: float = column("ms an iteration", 3)
    ratio: float | None = column("scikit-learn / this", 1)


def bench_mixture(sizes: Sequence[tuple[int, int]] = _SIZES, *, n_runs: int = 5) -> Comparison:
    """Return how long one iteration of EM takes on 2-D points with full covariances, and scikit-learn's if installed.

    It is the difference between two fits from the same start, one of 1 and one of 11 iterations, so that checks,
    start and the last look at the likelihood, which come once a fit, cancel.

    sizes: points and components · n_runs: >= 1, fits of each kind, in turns, after one that warms up
    """
    if n_runs < 1:
        raise ArgumentError(f"n_runs must be >= 1, got {n_runs!r}")
    if not sizes:
        raise ArgumentError("sizes must hold >= 1 pair of points and components, got none")
    rows = tuple(row for n_points, n_components in sizes for row in _compare(n_points, n_components, n_runs))
    note = f"the difference of fits of {1 + _N_MORE} and 1 iterations from one start, in turns; the median"
    return Comparison(title="One iteration of EM", rows=rows, note=note, machine=this_machine())


def _compare(n_points: int, n_components: int, n_runs: int) -> list[MixtureRow]:
    points, start = _problem(n_points, n_components)
    n_done: dict[str, int] = {}
    fits: dict[str, Callable[[int], object]] = {}
    for method, kind in _estimators().items():
        for n_iterations in (1, 1 + _N_MORE):
            fits[f"{method} {n_iterations}"] = _fit(
                kind, n_iterations, points, start, n_done, f"{method} {n_iterations}"
            )
    times = medians(interleave(fits, range(n_runs + 1)), n_warm=1)
    ms = {}
    for method in _estimators():
        short, long = f"{method} 1", f"{method} {1 + _N_MORE}"
        ms[method] = (times[long] - times[short]) / max(n_done[long] - n_done[short], 1) * 1e3
    peer = ms.get(_PEER)
    return [MixtureRow(n_points, n_components, name, t, peer / t if peer and t > 0 else None) for name, t in ms.items()]


def _estimators() -> dict[str, Any]:
    from gmmtrack.mixture import GaussianMixture

    found: dict[str, Any] = {_OWN: GaussianMixture}
    if importlib.util.find_spec("sklearn") is not None:
        found[_PEER] = importlib.import_module("sklearn.mixture").GaussianMixture
    return found


def _fit(
    kind: Any, n_iterations: int, points: NDArray[np.float64], start: dict[str, Any], n_done: dict[str, int], name: str
) -> Callable[[int], None]:
    """Return a fit of so many iterations that notes under `name` how many it made."""

    def fit(_: int) -> None:
        # so small a tolerance that only a likelihood that does not move at all ends it early
        mixture = kind(n_components=len(start["means_init"]), max_iter=n_iterations, tol=1e-300, **start)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it did not converge is the intention
            mixture.fit(points)
        n_done[name] = int(mixture.n_iter_)

    return fit


def _problem(n_points: int, n_components: int) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """Return points (N, 2) of a mixture whose components overlap, and a start away from its solution."""
    rng = np.random.default_rng(n_components)
    means = rng.uniform(0, 10 * np.sqrt(n_components), (n_components, 2))
    shapes = rng.normal(0, 2, (n_components, 2, 2))
    labels = rng.integers(0, n_components, n_points)
    points = means[labels] + np.einsum("nij,nj->ni", shapes[labels], rng.normal(size=(n_points, 2)))
    start = {
        "weights_init": np.full(n_components, 1 / n_components),
        "means_init": means + rng.normal(0, 2, means.shape),
        "precisions_init": np.tile(np.eye(2) / 9, (n_components, 1, 1)),
    }
    return points, start
