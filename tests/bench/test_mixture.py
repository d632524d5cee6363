"""EM against scikit-learn's."""

import numpy as np
import pytest

from gmmtrack.bench import MixtureCase, bench_mixture, mixture
from gmmtrack.errors import ArgumentError


def double(clock, seconds, most=10_000):
    """A mixture whose fit costs 1 s and `seconds` an iteration, and that converges after `most`, 10 if that will do."""

    class Mixture:
        def __init__(self, n_components, max_iter, tol, covariance_type, weights_init, means_init, precisions_init):
            assert (len(weights_init), means_init.shape) == (n_components, (n_components, 2))
            assert np.linalg.eigvalsh(precisions_init).min() > 0
            assert covariance_type == "full"
            self.n_iter_ = min(max_iter, most if tol == 0 else 10)

        def fit(self, points):
            assert points.shape[1] == 2
            clock.spend(1.0 + self.n_iter_ * seconds)

    return Mixture


def test_what_comes_once_a_fit_is_spread_over_its_iterations(monkeypatch, clock):
    kinds = {"gmmtrack": double(clock, 0.001), "scikit-learn": double(clock, 0.02)}
    monkeypatch.setattr(mixture, "_estimators", lambda: kinds)
    ours, theirs = bench_mixture(cases=[MixtureCase(50, 3)], n_runs=2).rows
    assert (ours.n_points, ours.n_components, ours.method) == (50, 3, "gmmtrack")
    assert (ours.n_iterations, theirs.n_iterations) == (100, 100)
    assert (ours.ms, ours.ratio) == (pytest.approx(11.0), pytest.approx(30 / 11))
    assert (theirs.ms, theirs.ratio) == (pytest.approx(30.0), 1.0)
    assert (ours.fit_iterations, theirs.fit_iterations) == (10, 10)
    assert (ours.fit_ms, theirs.fit_ms, ours.fit_ratio) == pytest.approx((1010.0, 1200.0, 1200 / 1010))


def test_iterations_that_were_not_made_are_not_counted(monkeypatch, clock):
    monkeypatch.setattr(mixture, "_estimators", lambda: {"gmmtrack": double(clock, 0.001, most=5)})
    (ours,) = bench_mixture(cases=[MixtureCase(50, 3)], n_runs=1).rows
    assert (ours.n_iterations, ours.ms, ours.ratio) == (5, pytest.approx(201.0), None)


def test_a_run_that_something_held_up_does_not_count(monkeypatch, clock):
    held_up = iter([0.0, 0.0, 9.0, 9.0, 0.0, 0.0])
    kind = double(clock, 0.001)

    class Disturbed(kind):
        def fit(self, points):
            clock.spend(next(held_up, 0.0))
            super().fit(points)

    monkeypatch.setattr(mixture, "_estimators", lambda: {"gmmtrack": Disturbed})
    (ours,) = bench_mixture(cases=[MixtureCase(50, 3)], n_runs=2).rows
    assert (ours.ms, ours.fit_ms) == pytest.approx((11.0, 1010.0))


def test_the_real_mixtures_make_every_iteration():
    rows = bench_mixture(cases=[MixtureCase(30_000, 3, 13, "diag")], n_runs=1).rows
    assert rows[0].method == "gmmtrack"
    assert {row.n_iterations for row in rows} == {10}


def test_no_runs_are_refused():
    with pytest.raises(ArgumentError) as caught:
        bench_mixture(n_runs=0)
    assert str(caught.value) == "n_runs must be >= 1, got 0"
