"""Small symmetric matrices: factors of covariances, and covariances kept from collapsing."""

import math

import numpy as np

from gmmtrack.compilation import inner_kernel, kernel, pasted_kernel
from gmmtrack.mixture.densities import Floats


@inner_kernel
def cholesky(matrix: Floats, lower: Floats) -> bool:
    """Write lower (D, D) with lower lower' = matrix (D, D, its upper triangle read); return whether it is positive."""
    n = len(matrix)
    for i in range(n):
        for j in range(i + 1):
            s = matrix[j, i]
            for e in range(j):
                s -= lower[i, e] * lower[j, e]
            if i > j:
                lower[i, j] = s / lower[j, j]
                lower[j, i] = 0.0
            elif s > 1e-300:
                lower[i, i] = math.sqrt(s)
            else:
                return False
    return True


@inner_kernel
def precision_factor(covariance: Floats, factor: Floats) -> tuple[bool, float]:
    """Write factor (D, D), upper triangular with factor factor' = covariance^-1; return success and ln |factor|."""
    n = len(covariance)
    lower = np.empty((n, n))
    if not cholesky(covariance, lower):
        return False, 0.0
    log_determinant = 0.0
    for j in range(n):
        log_determinant -= math.log(lower[j, j])
        for i in range(n):
            if i < j:
                factor[j, i] = 0.0
            else:
                s = 1.0 if i == j else 0.0
                for e in range(j, i):
                    s -= lower[i, e] * factor[j, e]
                factor[j, i] = s / lower[i, i]
    return True, log_determinant


@kernel
def raise_variances(covariance: Floats, smallest: float) -> None:
    """Raise every eigenvalue of covariance (D, D) below `smallest` to it, in place.

    Of all covariances bounded so, this one has the highest likelihood for the given scatter.
    """
    n = len(covariance)
    above, vectors = np.empty((n, n)), np.empty((n, n))
    for i in range(n):
        for j in range(n):
            above[i, j] = covariance[i, j] - (smallest if i == j else 0.0)
    if cholesky(above, vectors):
        return
    _diagonalise(covariance, vectors)
    for i in range(n):
        above[0, i] = max(covariance[i, i], smallest)
    _compose(vectors, above[0], covariance)


@inner_kernel
def take_shape(spread: Floats, turning: bool, smallest: float, shape: Floats) -> None:
    """Let shape (D, D) be that of points of a spread (D, D), as `raise_variances`, or `turn` to it; spread is lost."""
    if turning:
        turn(shape, spread)
        return
    raise_variances(spread, smallest)
    for i in range(len(shape)):
        for j in range(len(shape)):
            shape[i, j] = spread[i, j]


@inner_kernel
def turn(shape: Floats, spread: Floats) -> None:
    """Give shape (D, D) the eigenvectors of spread (D, D), each to the eigenvalue of the same rank, both in place.

    Of all covariances with these eigenvalues, this one has the highest likelihood for the given scatter (Celeux and
    Govaert 1995, on models with given volumes and shapes). A scatter that is the same in all directions turns nothing.
    `spread` is lost.
    """
    n = len(shape)
    vectors, lengths = np.empty((n, n)), np.empty(n)
    _diagonalise(spread, vectors)
    least, most = spread[0, 0], spread[0, 0]
    for i in range(n):
        least, most = min(spread[i, i], least), max(spread[i, i], most)
    if most - least <= 1e-9 * most:
        return
    _diagonalise(shape, np.empty((n, n)))
    for i in range(n):
        for j in range(n):
            if _rank(shape, j) == _rank(spread, i):
                lengths[i] = shape[j, j]
    _compose(vectors, lengths, shape)


@inner_kernel
def _rank(matrix: Floats, i: int) -> int:
    """Return how many on the diagonal of a matrix (D, D) are less than the i-th, or as much and before it."""
    rank = 0
    for j in range(len(matrix)):
        rank += matrix[j, j] < matrix[i, i] or (matrix[j, j] == matrix[i, i] and j < i)
    return rank


@inner_kernel
def _diagonalise(matrix: Floats, vectors: Floats) -> None:
    """Make a symmetric matrix (D, D) diagonal, and write its eigenvectors (D, D), a column each. Jacobi rotations."""
    n = len(matrix)
    for i in range(n):
        for j in range(n):
            vectors[i, j] = 1.0 if i == j else 0.0
    for _ in range(30):
        off = 0.0
        for i in range(n):
            for j in range(i + 1, n):
                off += abs(matrix[i, j])
                _rotate(matrix, vectors, i, j)
        if off == 0.0:
            break


@inner_kernel
def _compose(vectors: Floats, lengths: Floats, matrix: Floats) -> None:
    """Write the matrix (D, D) of eigenvectors (D, D), a column each, and eigenvalues (D,)."""
    n = len(matrix)
    for i in range(n):
        for j in range(i + 1):
            s = 0.0
            for e in range(n):
                s += vectors[i, e] * lengths[e] * vectors[j, e]
            matrix[i, j] = s
            matrix[j, i] = s


@pasted_kernel
def _rotate(a: Floats, vectors: Floats, i: int, j: int) -> None:
    """One Jacobi rotation: make a[i, j] zero (Golub and Van Loan 2013, section 8.5.2)."""
    if abs(a[i, j]) <= 1e-17 * (abs(a[i, i]) + abs(a[j, j])):
        a[i, j] = 0.0
        a[j, i] = 0.0
        return
    tau = (a[j, j] - a[i, i]) / (2.0 * a[i, j])
    t = 1.0 / (abs(tau) + math.sqrt(1.0 + tau * tau))
    t = t if tau >= 0.0 else -t
    c = 1.0 / math.sqrt(1.0 + t * t)
    s = t * c
    for e in range(len(a)):
        x, y = a[e, i], a[e, j]
        a[e, i] = c * x - s * y
        a[e, j] = s * x + c * y
        x, y = vectors[e, i], vectors[e, j]
        vectors[e, i] = c * x - s * y
        vectors[e, j] = s * x + c * y
    for e in range(len(a)):
        x, y = a[i, e], a[j, e]
        a[i, e] = c * x - s * y
        a[j, e] = s * x + c * y
