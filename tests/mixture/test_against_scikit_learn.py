"""The same start gives what scikit-learn gives."""

import numpy as np
import pytest

from gmmtrack.mixture import GaussianMixture

sklearn = pytest.importorskip("sklearn")
# without convergence after 20 iterations, scikit-learn warns
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::gmmtrack.errors.ConvergenceWarning"),
]

FITTED = ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_")


def case(n_dims, covariance_type, n_components=4, n_points=1500):
    random = np.random.default_rng(n_dims)
    centres = random.normal(size=(n_components, n_dims)) * 3
    points = random.normal(size=(n_points, n_dims)) @ random.normal(size=(n_dims, n_dims))
    points += centres[random.integers(0, n_components, n_points)]
    precisions = {
        "full": np.tile(np.eye(n_dims), (n_components, 1, 1)),
        "tied": np.eye(n_dims),
        "diag": np.ones((n_components, n_dims)),
        "spherical": np.ones(n_components),
    }[covariance_type]
    start = {
        "weights_init": random.dirichlet(np.full(n_components, 3.0)),
        "means_init": centres,
        "precisions_init": precisions,
        "covariance_type": covariance_type,
    }
    return points, n_components, start


@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag", "spherical"])
@pytest.mark.parametrize("n_dims", [1, 2, 5, 13])
def test_the_same_parameters_after_twenty_iterations(n_dims, covariance_type):
    from sklearn.mixture import GaussianMixture as Theirs

    points, n_components, start = case(n_dims, covariance_type)
    theirs = Theirs(n_components, tol=0, max_iter=20, **start).fit(points)
    ours = GaussianMixture(n_components, tol=0, max_iter=20, **start).fit(points)
    for name in FITTED:
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-6, atol=1e-8, err_msg=name)
    np.testing.assert_allclose(ours.lower_bounds_, theirs.lower_bounds_, rtol=1e-9)
    assert (ours.n_iter_, ours.converged_) == (theirs.n_iter_, theirs.converged_)
    np.testing.assert_allclose(ours.score_samples(points), theirs.score_samples(points), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(ours.predict_proba(points), theirs.predict_proba(points), atol=1e-7)
    assert (ours.predict(points) == theirs.predict(points)).all()
    for criterion in ("score", "aic", "bic"):
        np.testing.assert_allclose(getattr(ours, criterion)(points), getattr(theirs, criterion)(points), rtol=1e-9)


def test_it_ends_at_the_same_iteration():
    from sklearn.mixture import GaussianMixture as Theirs

    points, n_components, start = case(2, "full")
    theirs = Theirs(n_components, **start).fit(points)
    ours = GaussianMixture(n_components, **start).fit(points)
    assert (ours.n_iter_, ours.converged_) == (theirs.n_iter_, theirs.converged_)


def test_it_works_in_pipelines_and_searches():
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    points = case(2, "full")[0]
    search = GridSearchCV(GaussianMixture(random_state=0), {"n_components": [1, 4]}, cv=2).fit(points)
    assert search.best_params_ == {"n_components": 4}
    pipeline = make_pipeline(StandardScaler(), clone(GaussianMixture(2, random_state=0))).fit(points)
    assert pipeline.predict(points).shape == (len(points),)
