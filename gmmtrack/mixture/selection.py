"""How many components: the best of several fits by an information criterion, or one fit that sheds components."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmmtrack.errors import ArgumentError
from gmmtrack.mixture.message_length import shed
from gmmtrack.mixture.mixture import GaussianMixture

_CRITERIA = ("bic", "icl", "aic")


@dataclass(frozen=True, slots=True)
class Selection:
    """The mixture chosen, and what was tried.

    best: the mixture of the lowest score, fitted · n_components: (n,) tried · scores: (n,) of each, lower is better
    """

    best: GaussianMixture
    n_components: NDArray[np.int64]
    scores: NDArray[np.float64]


def select_components(
    X: ArrayLike, candidates: Iterable[int] = range(1, 11), *, criterion: str = "bic", **parameters: Any
) -> Selection:
    """Fit a mixture for every number of components among `candidates`, and return the one of the lowest score.

    Parameters
    ----------
    X : (N, D)
    candidates : numbers of components, >= 1
    criterion : "bic" for the number that describes the density, "icl" for the number of separate clusters, "aic"; or
        "mml" for the shortest message (Figueiredo and Jain 2002), found in one fit that begins with the largest number
        and sheds components down to the smallest
    **parameters : of `GaussianMixture`

    Raises
    ------
    ArgumentError
        No candidates, one below 1, an unknown criterion, or what `GaussianMixture.fit` complains of.
    """
    numbers = np.unique(np.fromiter(candidates, np.int64))
    if len(numbers) == 0 or numbers[0] < 1:
        raise ArgumentError(f"candidates must be whole numbers >= 1, got {numbers.tolist()}")
    if criterion == "mml":
        start = GaussianMixture(int(numbers[-1]), **parameters)
        found = shed(start, X, int(numbers[0]))
        return Selection(found.mixture, found.n_components, found.lengths)
    if criterion not in _CRITERIA:
        raise ArgumentError(f"criterion must be one of {', '.join(_CRITERIA)}, mml, got {criterion!r}")
    mixtures = [GaussianMixture(int(n), **parameters).fit(X) for n in numbers]
    scores = np.array([getattr(mixture, criterion)(X) for mixture in mixtures])
    return Selection(mixtures[int(scores.argmin())], numbers, scores)
