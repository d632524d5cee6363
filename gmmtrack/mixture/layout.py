"""Where parameters and sums lie in their vectors: one vector each is copied, blended and added as a whole."""

import numpy as np

from gmmtrack.compilation import inner_kernel
from gmmtrack.mixture.densities import Floats


@inner_kernel
def unpack(vector: Floats, n_components: int, n_dims: int) -> tuple[Floats, Floats, Floats]:
    """Return views of a vector of K (1 + D + D²) numbers as (K,), (K, D) and (K, D, D).

    Of parameters: weights, means, covariances. Of sums: counts, first and second moments.
    """
    a = n_components
    b = a + n_components * n_dims
    c = b + n_components * n_dims * n_dims
    return (
        vector[:a],
        vector[a:b].reshape((n_components, n_dims)),
        vector[b:c].reshape((n_components, n_dims, n_dims)),
    )


def parts(vector: Floats, n_components: int, n_dims: int) -> tuple[Floats, Floats, Floats]:
    """Return what `unpack` does, outside kernels."""
    a, b = n_components, n_components * (1 + n_dims)
    return vector[:a], vector[a:b].reshape(n_components, n_dims), vector[b:].reshape(n_components, n_dims, n_dims)


def joined(weights: Floats, means: Floats, covariances: Floats) -> Floats:
    """Return the vector of these parameters."""
    return np.concatenate((np.ravel(weights), np.ravel(means), np.ravel(covariances)), dtype=np.float64)
