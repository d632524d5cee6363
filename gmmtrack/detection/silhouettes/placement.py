"""Placement: where the silhouettes of tracks explain blobs that they share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection.predictions import Predictions
from gmmtrack.detection.shared import Placement, Shared
from gmmtrack.detection.silhouettes import kernels

_CELLS = 1500  # of the box around blobs, about
# the worth of a body that is explained [nepers]; by how much who moves as before is off [sizes], and of how many
# degrees of freedom the t distribution of that is, for some stop, turn or start; the worth of what a pixel's colour
# says [1/neper], against that the pixel is explained; and the rounds at most
_NUMBERS = 20.0, 0.1, 3.0, 0.4, 4


def place(shared: Shared, predictions: Predictions, tracks: NDArray[np.int64]) -> Placement:
    """Return where the silhouettes of tracks explain blobs best, each given the others and where it is expected.

    A pixel is of a blob if it lies in any silhouette, whoever hides whom (Senior et al., Image and Vision Computing
    2006): unlike EM, which gives each pixel to somebody, this does not push apart who overlap, and minds what they
    would cover beside the blob. Each in turn is looked for everywhere, so that no start misleads; between places that
    explain as much, a t distribution about where it was expected decides.
    """
    extents, centers = predictions.extents[tracks], predictions.centers[tracks]
    margin = np.ceil(extents.max(axis=0)).astype(np.int64)
    height, width = shared.labels.shape
    around = np.clip(shared.box + np.concatenate([-margin, margin]), 0, [width, height, width, height])
    cell = max(1, int(np.sqrt(np.prod(shared.box[2:] - shared.box[:2]) / _CELLS)))
    n, grid = len(tracks), (-(-(around[3] - around[1]) // cell), -(-(around[2] - around[0]) // cell))
    cells = np.zeros(grid), np.zeros(grid), np.ones((n, *grid))
    kernels.fill_grid(shared.labels, shared.chosen, around, cell, shared.colors, shared.table, *cells)
    bodies = predictions.silhouettes[tracks], extents, predictions.areas[tracks]
    counts, own, corner = np.zeros(n), np.zeros(n), around[:2].astype(np.float64)
    overlap = kernels.settle(cells, shared.box, corner, float(cell), centers, bodies, _NUMBERS, counts, own)
    means = centers + predictions.means[tracks] - predictions.centers[tracks]
    return Placement(means, predictions.shapes[tracks], counts, own, 1.0 - overlap)
