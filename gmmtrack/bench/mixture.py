"""Gaussian mixtures: one iteration of EM and whole fits, against scikit-learn's."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gmmtrack.bench.comparison import Comparison, column
from gmmtrack.bench.machine import this_machine
from gmmtrack.bench.timing import interleave
from gmmtrack.errors import ArgumentError

_OWN, _PEER = "gmmtrack", "scikit-learn"


class MixtureCase(NamedTuple):
    """What is fitted: N points in D dimensions, K components, covariances of one of scikit-learn's types."""

    n_points: int
    n_components: int
    n_dims: int = 2
    covariance_type: str = "full"


_CASES = (
    MixtureCase(2_000, 5),
    MixtureCase(20_000, 10),
    MixtureCase(100_000, 20),
    *(MixtureCase(20_000, 10, 2, kind) for kind in ("tied", "diag", "spherical")),
    *(MixtureCase(5_000, 5, n_dims, kind) for n_dims in (13, 39) for kind in ("full", "tied", "diag", "spherical")),
)


@dataclass(frozen=True, slots=True)
class MixtureRow:
    """One case: least milliseconds of one iteration of EM and of a whole fit, and how many times scikit-learn's.

    An iteration is a share of a fit of `n_iterations`; the whole fit made `fit_iterations` until it settled.
    """

    n_points: int = column("points")
    n_components: int = column("components")
    n_dims: int = column("D")
    covariance_type: str = column("type")
    method: str = column("method")
    n_iterations: int = column("iterations")
    ms: float = column("ms an iteration", 3)
    ratio: float | None = column("sklearn / this", 1)
    fit_iterations: int = column("until settled")
    fit_ms: float = column("ms a fit", 2)
    fit_ratio: float | None = column("sklearn / this", 1)


def bench_mixture(cases: Sequence[MixtureCase] = _CASES, *, n_runs: int = 5) -> Comparison:
    """Return how long one iteration of EM and one fit take, and scikit-learn's if installed.

    An iteration is a fit of a fixed number of them, divided by that number: what comes once a fit (checks, copies, the
    first pass over memory) is spread over them, for both libraries. The whole fit goes from the same start until it
    settles. Both methods take turns, and the least time of all turns counts: what else the machine does only adds.

    n_runs: >= 1, turns, after one that warms up; small cases get up to 25 times as many
    """
    if n_runs < 1:
        raise ArgumentError(f"n_runs must be >= 1, got {n_runs!r}")
    if not cases:
        raise ArgumentError("cases must hold >= 1 case, got none")
    rows = tuple(row for case in cases for row in _compare(case, n_runs))
    note = f"an iteration: a fit of so many, divided by their number; a fit: until settled; least of >= {n_runs} turns"
    return Comparison(title="EM", rows=rows, note=note, machine=this_machine())


def _compare(case: MixtureCase, n_runs: int) -> list[MixtureRow]:
    points, start = _problem(case)
    size = case.n_points * case.n_components * case.n_dims
    lengths = {"fixed": (min(100, max(10, 8_000_000 // size)), 0.0), "whole": (200, 1e-3)}
    n_turns = n_runs * min(25, max(1, 500_000 // size))
    n_done: dict[str, int] = {}
    fits: dict[str, Callable[[int], object]] = {
        f"{method} {name}": _fit(kind, length, points, start, n_done, f"{method} {name}")
        for method, kind in _estimators().items()
        for name, length in lengths.items()
    }
    times = interleave(fits, range(n_turns + 1))
    least = {name: min(values[1:]) * 1e3 for name, values in times.items()}
    ms = {method: least[f"{method} fixed"] / max(n_done[f"{method} fixed"], 1) for method in _estimators()}
    whole = {method: least[f"{method} whole"] for method in ms}
    return [
        MixtureRow(
            *case, name, n_done[f"{name} fixed"], t, _ratio(ms, t), n_done[f"{name} whole"], whole[name],
            _ratio(whole, whole[name]),
        )
        for name, t in ms.items()
    ]  # fmt: skip


def _ratio(ms: dict[str, float], own: float) -> float | None:
    return ms[_PEER] / own if _PEER in ms and own > 0 else None


def _estimators() -> dict[str, Any]:
    from gmmtrack.mixture import GaussianMixture

    found: dict[str, Any] = {_OWN: GaussianMixture}
    if importlib.util.find_spec("sklearn") is not None:
        found[_PEER] = importlib.import_module("sklearn.mixture").GaussianMixture
    return found


def _fit(
    kind: Any, length: tuple[int, float], points: NDArray[np.float64], start: dict[str, Any], n_done: dict[str, int],
    name: str,
) -> Callable[[int], None]:  # fmt: skip
    """Return a fit of so many iterations at most, to such a tolerance, that notes under `name` how many it made."""

    def fit(_: int) -> None:
        mixture = kind(n_components=len(start["means_init"]), max_iter=length[0], tol=length[1], **start)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it did not converge is the intention
            mixture.fit(points)
        n_done[name] = int(mixture.n_iter_)

    return fit


def _problem(case: MixtureCase) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """Return points (N, D) of a mixture whose components overlap, and a start away from its solution."""
    n_points, n_components, n_dims, covariance_type = case
    rng = np.random.default_rng(n_components)
    means = rng.uniform(0, 10 * np.sqrt(n_components), (n_components, n_dims))
    shapes = rng.normal(0, 2, (n_components, n_dims, n_dims))
    labels = rng.integers(0, n_components, n_points)
    points = np.empty((n_points, n_dims))
    for k in range(n_components):
        own = labels == k
        points[own] = means[k] + rng.normal(size=(own.sum(), n_dims)) @ shapes[k].T
    precisions = {
        "full": np.tile(np.eye(n_dims) / 9, (n_components, 1, 1)),
        "tied": np.eye(n_dims) / 9,
        "diag": np.full((n_components, n_dims), 1 / 9),
        "spherical": np.full(n_components, 1 / 9),
    }
    start = {
        "covariance_type": covariance_type,
        "weights_init": np.full(n_components, 1 / n_components),
        "means_init": means + rng.normal(0, 2, means.shape),
        "precisions_init": precisions[covariance_type],
    }
    return points, start
