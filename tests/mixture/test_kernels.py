"""The fused pass against its plain twin."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmtrack.mixture.densities import NEVER, log2_height, radius2
from gmmtrack.mixture.kernels import LN_2, accumulate, prepare, respond
from gmmtrack.mixture.shapes import raise_variances

seeds = st.integers(0, 2**32 - 1)


def sums_of(points, point_weights, shares, means, covariances, power, diagonal, clutter, marks=None):
    n_components, n_dims = means.shape
    heights, factors = np.empty(n_components), np.zeros_like(covariances)
    assert prepare(shares, covariances, power, diagonal, heights, factors) == -1
    n_sums = (1 if power == 1 else 3) * n_components
    sums, totals = np.zeros(n_sums * (1 + n_dims + n_dims**2)), np.zeros(2)
    planes = np.ascontiguousarray(points.T)
    log2_clutter = np.log2(clutter) if clutter else NEVER
    marks = np.empty((0, 0)) if marks is None else np.ascontiguousarray(marks / LN_2)
    parameters = heights, means, factors
    accumulate(planes, point_weights, 0, len(points), *parameters, power, diagonal, log2_clutter, marks, sums, totals)
    firsts = sums[n_sums : n_sums * (1 + n_dims)].reshape(n_sums, n_dims)
    return sums[:n_sums], firsts, sums[n_sums * (1 + n_dims) :].reshape(n_sums, n_dims, n_dims), totals


@settings(deadline=None)
@given(seeds, st.integers(1, 600), st.integers(1, 6), st.integers(1, 7), st.sampled_from([1, 4]), st.booleans())
def test_the_pass_equals_its_plain_twin(twin, draw, seed, n_points, n_components, n_dims, power, with_clutter):
    points, point_weights, shares, means, covariances = draw(seed, n_points, n_components, n_dims)
    clutter = 1e-3 if with_clutter else 0.0
    counts, firsts, seconds, totals = sums_of(points, point_weights, shares, means, covariances, power, False, clutter)
    responsibilities, density = twin.expect(points, shares, means, covariances, power, clutter)
    r = responsibilities * point_weights[:, None]
    deltas = points[:, None, :] - means
    scale = point_weights.sum()
    np.testing.assert_allclose(totals, [point_weights @ density / LN_2, scale], rtol=1e-9)
    np.testing.assert_allclose(counts[:n_components], r.sum(axis=0), rtol=1e-9, atol=1e-12 * scale)
    first, second = np.einsum("nk,nkd->kd", r, deltas), np.einsum("nk,nkd,nke->kde", r, deltas, deltas)
    np.testing.assert_allclose(firsts[:n_components], first, rtol=1e-8, atol=1e-10 * scale)
    np.testing.assert_allclose(seconds[:n_components], np.triu(second), rtol=1e-8, atol=1e-9 * scale)


@settings(deadline=None)
@given(seeds, st.integers(1, 600), st.integers(1, 6), st.sampled_from([1, 4]), st.booleans())
def test_marks_multiply_the_densities_of_their_points(twin, draw, seed, n_points, n_components, power, with_clutter):
    points, point_weights, shares, means, covariances = draw(seed, n_points, n_components, 2)
    clutter = 1e-3 if with_clutter else 0.0
    marks = np.random.default_rng(seed).uniform(-2, 2, (n_components, n_points))
    marked = sums_of(points, point_weights, shares, means, covariances, power, False, clutter, marks)
    plain, density = twin.expect(points, shares, means, covariances, power, clutter)
    joint = plain * np.exp(marks).T
    all_others = 1 - plain.sum(axis=1) if with_clutter else 0.0
    total = joint.sum(axis=1) + all_others
    expected = point_weights @ (joint / total[:, None])
    np.testing.assert_allclose(marked[0][:n_components], expected, rtol=1e-7, atol=1e-7 * point_weights.sum())
    likelihood = point_weights @ (density + np.log(total)) / LN_2
    np.testing.assert_allclose(marked[3][0], likelihood, rtol=1e-7, atol=1e-7)


@settings(deadline=None)
@given(seeds, st.integers(1, 600), st.integers(1, 5), st.integers(1, 7))
def test_the_diagonal_pass_equals_the_full_one(draw, seed, n_points, n_components, n_dims):
    points, point_weights, shares, means, covariances = draw(seed, n_points, n_components, n_dims)
    covariances = covariances * np.eye(n_dims)
    full = sums_of(points, point_weights, shares, means, covariances, 1, False, 0.0)
    diagonal = sums_of(points, point_weights, shares, means, covariances, 1, True, 0.0)
    for a, b in zip(full[:2], diagonal[:2], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(full[2] * np.eye(n_dims), diagonal[2], rtol=1e-9, atol=1e-9)


@settings(deadline=None)
@given(seeds, st.integers(1, 600), st.integers(1, 5), st.integers(1, 5))
def test_what_is_said_of_each_point_equals_the_twin(twin, draw, seed, n_points, n_components, n_dims):
    points, _, shares, means, covariances = draw(seed, n_points, n_components, n_dims)
    heights, factors = np.empty(n_components), np.empty_like(covariances)
    prepare(shares, covariances, 1, False, heights, factors)
    density, r, labels = np.empty(n_points), np.empty((n_points, n_components)), np.empty(n_points, np.int64)
    planes, none = np.ascontiguousarray(points.T), np.empty((0, 0))
    respond(planes, 0, n_points, heights, means, factors, 1, False, NEVER, none, density, r, labels)
    expected, expected_density = twin.expect(points, shares, means, covariances)
    np.testing.assert_allclose(density, expected_density, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(r, expected, rtol=1e-8, atol=1e-12)
    assert (labels == r.argmax(axis=1)).all()


@pytest.mark.parametrize("n_dims", [1, 2, 3])
@pytest.mark.parametrize("power", [1, 4])
def test_a_density_has_unit_mass_and_unit_covariance(n_dims, power):
    r = (np.arange(200_000) + 0.5) * (12.0 / 200_000)
    shell = {1: 2.0, 2: 2.0 * np.pi * r, 3: 4.0 * np.pi * r**2}[n_dims]
    mass = shell * 2.0 ** log2_height(n_dims, power) * np.exp(-((r**2 / radius2(n_dims, power)) ** power))
    np.testing.assert_allclose(mass.sum() * 12.0 / 200_000, 1.0, rtol=1e-6)
    np.testing.assert_allclose((mass * r**2).sum() * 12.0 / 200_000, n_dims, rtol=1e-6)


@settings(deadline=None)
@given(seeds, st.integers(1, 6), st.floats(0.0, 3.0))
def test_raised_variances_are_the_clipped_eigenvalues(seed, n_dims, smallest):
    half = np.random.default_rng(seed).normal(size=(n_dims, n_dims))
    covariance = half @ half.T
    values, vectors = np.linalg.eigh(covariance)
    expected = (vectors * np.maximum(values, smallest)) @ vectors.T
    raise_variances(covariance, smallest)
    np.testing.assert_allclose(covariance, expected, rtol=1e-9, atol=1e-9)


PROGRAM = """
import json, sys, numpy as np
from gmmtrack.mixture import fit_components
points = np.random.default_rng(5).normal(size=(40, 2)) * 3
start = [1, 1], [[-1, 0], [1, 0]], [np.eye(2)] * 2
r = fit_components(points, None, *start, density=sys.argv[1], clutter=0.1, max_iter=3)
print(json.dumps([r.means.tolist(), r.covariances.tolist(), r.trace.tolist()]))
"""


@pytest.mark.parametrize("density", ["gaussian", "flat"])
def test_kernels_run_as_plain_python(density):
    results = []
    for disabled in ("0", "1"):
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM, density],
            env={**os.environ, "NUMBA_DISABLE_JIT": disabled},
            capture_output=True,
            text=True,
            check=True,
        )
        results.append(json.loads(run.stdout))
    for compiled, plain in zip(*results, strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=1e-9)
