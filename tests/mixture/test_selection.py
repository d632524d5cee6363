"""How many components, and mixtures made of mixtures."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from gmmtrack.errors import ArgumentError, SourceError
from gmmtrack.mixture import GaussianMixture, select_components
from gmmtrack.mixture.covariance_types import expand

CENTRES = np.array([[0, 0], [8, 0], [0, 8], [6, 6]])


@pytest.fixture(scope="module")
def points():
    random = np.random.default_rng(0)
    return np.concatenate([random.normal(size=(300, 2)) + centre for centre in CENTRES])


@pytest.mark.parametrize("criterion", ["bic", "icl", "mml"])
@pytest.mark.parametrize("covariance_type", ["full", "diag", "spherical"])
def test_the_planted_number_of_components_is_chosen(points, criterion, covariance_type):
    found = select_components(
        points, range(1, 10), criterion=criterion, covariance_type=covariance_type, random_state=0, n_init=3
    )
    assert found.best.n_components == 4
    assert found.scores.min() == found.scores[found.n_components.tolist().index(4)]
    gaps = np.linalg.norm(found.best.means_[:, None] - CENTRES, axis=2).min(axis=0)
    assert gaps.max() < 0.3
    assert found.best.predict(points).max() == 3


@pytest.mark.parametrize(("covariance_type", "n_free"), [("full", 5), ("diag", 4), ("spherical", 3)])
def test_the_message_is_as_long_as_the_equation_says(points, covariance_type, n_free):
    found = select_components(points, [2, 6], criterion="mml", covariance_type=covariance_type, random_state=0)
    n, k = len(points), found.best.n_components
    shares = np.log(n * found.best.weights_ / 12).sum()
    expected = n_free / 2 * shares + k / 2 * np.log(n / 12) + k * (n_free + 1) / 2 - found.best.score(points) * n
    np.testing.assert_allclose(found.scores.min(), expected)
    assert found.n_components[0] == 2


def test_what_cannot_be_tried_is_refused(points):
    for arguments, message in [
        ({"candidates": []}, "candidates must be whole numbers >= 1, got []"),
        ({"candidates": [0, 1]}, "candidates must be whole numbers >= 1, got [0, 1]"),
        ({"criterion": "x"}, "criterion must be one of bic, icl, aic, mml, got 'x'"),
        ({"criterion": "mml", "covariance_type": "tied"},
         "covariance_type must be full, diag or spherical for mml, got 'tied'"),
    ]:  # fmt: skip
        with pytest.raises(ArgumentError) as caught:
            select_components(points, **arguments)
        assert str(caught.value) == message


@pytest.fixture(params=["full", "tied", "diag", "spherical"])
def mixture(request):
    random = np.random.default_rng(0)
    return GaussianMixture(2, covariance_type=request.param, random_state=0).fit(
        np.concatenate([random.normal(size=(200, 3)), random.normal(size=(200, 3)) @ np.tri(3) + 3])
    )


def test_joint_is_marginal_times_conditional(mixture):
    at = np.array([0.5, 1.0, 2.0])
    known = np.where([True, False, True], at, np.nan)
    joint = mixture.score_samples(at[None])
    alone = mixture.marginal([0, 2]).score_samples(at[None, [0, 2]])
    given = mixture.condition(known).score_samples(at[None, [1]])
    np.testing.assert_allclose(joint, alone + given)
    np.testing.assert_array_equal(mixture.marginal((2, 0)).means_, mixture.means_[:, [2, 0]])


def test_nothing_known_leaves_the_mixture_as_it_is(mixture):
    np.testing.assert_allclose(mixture.condition([np.nan] * 3).means_, mixture.means_)


def test_slices_that_there_are_not_are_refused(mixture):
    for dims in ([], [3], [0, 0], [0.5]):
        with pytest.raises(ArgumentError, match=r"^dims must be different whole numbers from 0 to 2, got "):
            mixture.marginal(dims)
    with pytest.raises(ArgumentError, match=r"^values must be "):
        mixture.condition([1.0, 2.0, 3.0])
    with pytest.raises(ArgumentError, match=r"^ellipses need points in the plane, got 3 dimensions"):
        mixture.ellipses()


def test_ellipses_are_level_lines(mixture):
    plane = mixture.marginal([0, 1])
    covariances = expand(plane.covariances_, plane.covariance_type, 2, 2)
    for k, (x, y, a, b, angle) in enumerate(plane.ellipses(2.0)):
        t = np.linspace(0, 2 * np.pi, 7)
        c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        rim = np.stack([a * np.cos(t), b * np.sin(t)], axis=1) @ np.array([[c, s], [-s, c]]) + [x, y]
        density = multivariate_normal(plane.means_[k], covariances[k]).logpdf
        np.testing.assert_allclose(density(rim), density(plane.means_[k]) - 2.0)
        assert a >= b


def test_a_saved_mixture_goes_on_exactly(mixture, tmp_path):
    random = np.random.default_rng(1)
    batches = random.normal(size=(6, 50, 3))
    for batch in batches[:3]:
        mixture.partial_fit(batch)
    mixture.save(tmp_path / "mixture.npz")
    again = GaussianMixture.load(tmp_path / "mixture.npz")
    assert again.get_params() == mixture.get_params()
    for batch in batches[3:]:
        mixture.partial_fit(batch)
        again.partial_fit(batch)
    np.testing.assert_array_equal(again.means_, mixture.means_)
    np.testing.assert_array_equal(again.covariances_, mixture.covariances_)


def test_a_file_that_is_no_mixture_is_refused(tmp_path):
    path = tmp_path / "x.npz"
    for write in (lambda: path.write_bytes(b"no"), lambda: np.savez(path, a=1)):
        write()
        with pytest.raises(SourceError, match="it holds no mixture"):
            GaussianMixture.load(path)
    np.savez(path, version=99, means_=0)
    with pytest.raises(SourceError, match=r"it is of version 99, known is 2$"):
        GaussianMixture.load(path)
    with pytest.raises(SourceError, match="No such file"):
        GaussianMixture.load(tmp_path / "none.npz")
