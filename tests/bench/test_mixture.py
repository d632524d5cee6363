"""One iteration of EM against scikit-learn's."""

import numpy as np
import pytest

import gmmtrack.mixture
from gmmtrack.bench import bench_mixture, mixture
from gmmtrack.errors import ArgumentError


def double(clock, seconds, most=100):
    """A mixture whose fit costs 1 s and `seconds` an iteration, and that converges after `most`."""

    class Mixture:
        def __init__(self, n_components, max_iter, tol, weights_init, means_init, precisions_init):
            assert (len(weights_init), means_init.shape) == (n_components, (n_components, 2))
            assert np.linalg.eigvalsh(precisions_init).min() > 0
            assert tol > 0
            self.n_iter_ = min(max_iter, most)

        def fit(self, points):
            assert points.shape[1] == 2
            clock.spend(1.0 + self.n_iter_ * seconds)

    return Mixture


def test_what_comes_once_a_fit_cancels(monkeypatch, clock):
    kinds = {"gmmtrack": double(clock, 0.001), "scikit-learn": double(clock, 0.02)}
    monkeypatch.setattr(mixture, "_estimators", lambda: kinds)
    ours, theirs = bench_mixture(sizes=[(50, 3)], n_runs=2).rows
    assert (ours.n_points, ours.n_components, ours.method) == (50, 3, "gmmtrack")
    assert (ours.ms, ours.ratio) == (pytest.approx(1.0), pytest.approx(20.0))
    assert (theirs.ms, theirs.ratio) == (pytest.approx(20.0), 1.0)


def test_iterations_that_were_not_made_are_not_counted(monkeypatch, clock):
    monkeypatch.setattr(mixture, "_estimators", lambda: {"gmmtrack": double(clock, 0.001, most=6)})
    (ours,) = bench_mixture(sizes=[(50, 3)], n_runs=1).rows
    assert (ours.ms, ours.ratio) == (pytest.approx(1.0), None)


def test_the_real_mixtures_make_every_iteration(monkeypatch):
    if not hasattr(gmmtrack.mixture, "GaussianMixture"):
        pytest.skip("gmmtrack.mixture has no GaussianMixture yet")
    done = {}
    fit = mixture._fit
    monkeypatch.setattr(mixture, "_fit", lambda *given: done.update(n=given[4]) or fit(*given))
    rows = bench_mixture(sizes=[(500, 3)], n_runs=1).rows
    assert rows[0].method == "gmmtrack"
    assert {name: n for name, n in done["n"].items() if n != int(name.split()[-1])} == {}


def test_no_runs_are_refused():
    with pytest.raises(ArgumentError) as caught:
        bench_mixture(n_runs=0)
    assert str(caught.value) == "n_runs must be >= 1, got 0"
