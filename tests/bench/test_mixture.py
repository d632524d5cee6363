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
            assert (tol > 0, covariance_type) == (True, "full")
            self.n_iter_ = min(max_iter, most if tol < 1e-9 else 10)

        def fit(self, points):
            assert points.shape[1] == 2
            clock.spend(1.0 + self.n_iter_ * seconds)

    return Mixture


def test_what_comes_once_a_fit_cancels(monkeypatch, clock):
    kinds = {"gmmtrack": double(clock, 0.001), "scikit-learn": double(clock, 0.02)}
    monkeypatch.setattr(mixture, "_estimators", lambda: kinds)
    ours, theirs = bench_mixture(cases=[MixtureCase(50, 3)], n_runs=2).rows
    assert (ours.n_points, ours.n_components, ours.method) == (50, 3, "gmmtrack")
    assert (ours.ms, ours.ratio) == (pytest.approx(1.0), pytest.approx(20.0))
    assert (theirs.ms, theirs.ratio) == (pytest.approx(20.0), 1.0)
    assert (ours.fit_ms, theirs.fit_ms, ours.fit_ratio) == pytest.approx((1010.0, 1200.0, 1200 / 1010))


def test_iterations_that_were_not_made_are_not_counted(monkeypatch, clock):
    monkeypatch.setattr(mixture, "_estimators", lambda: {"gmmtrack": double(clock, 0.001, most=6)})
    (ours,) = bench_mixture(cases=[MixtureCase(50, 3)], n_runs=1).rows
    assert (ours.ms, ours.ratio) == (pytest.approx(1.0), None)


def test_the_real_mixtures_make_every_iteration(monkeypatch):
    done = {}
    fit = mixture._fit
    monkeypatch.setattr(mixture, "_fit", lambda *given: done.update(n=given[4]) or fit(*given))
    rows = bench_mixture(cases=[MixtureCase(50_000, 3)], n_runs=1).rows
    assert rows[0].method == "gmmtrack"
    made = {name: n for name, n in done["n"].items() if not name.endswith("whole")}
    assert {n for name, n in made.items() if name.endswith("short")} == {1}
    assert {n for name, n in made.items() if name.endswith("long")} == {11}


def test_no_runs_are_refused():
    with pytest.raises(ArgumentError) as caught:
        bench_mixture(n_runs=0)
    assert str(caught.value) == "n_runs must be >= 1, got 0"
