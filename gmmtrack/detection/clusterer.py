"""Clusterer: mask and predicted tracks -> detections."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gmmtrack.detection import arguments
from gmmtrack.detection.blobs import Blobs, Canvas, find_blobs
from gmmtrack.detection.claims import Group, group_by_claims
from gmmtrack.detection.detections import Detections, Origin
from gmmtrack.detection.hypothesis import Hypothesis, collect, pooled, union
from gmmtrack.detection.predictions import Predictions
from gmmtrack.detection.settings import DetectionSettings
from gmmtrack.detection.sharing import share_out
from gmmtrack.detection.silhouettes import silhouette
from gmmtrack.detection.size_model import SizeModel, box_sizes
from gmmtrack.detection.wholes import put_together
from gmmtrack.errors import ArgumentError
from gmmtrack.settings import checked, given_or_made

_FINE = 500_000  # pixels of a frame, from which on smaller shares of it are resolved as well
_SMALLER = 0.5  # of the usual limit: the smallest objects of a clean scene


class Clusterer:
    """Clusters the foreground of a frame into object hypotheses, starting from the tracks predicted for it.

    A blob that one track claims, or none, is one hypothesis: its own moments. Several blobs that one track claims are
    its fragments: one hypothesis. Blobs that several tracks claim are shared out by EM, which starts from the predicted
    tracks, and holds their shapes. How many objects there are is decided by area and coverage, never by the likelihood.
    Parts that make an object of the size that is usual at their place are one hypothesis.
    """

    def __init__(self, settings: DetectionSettings | None = None) -> None:
        self.settings = given_or_made(DetectionSettings, settings, {}, "detection setting")
        self.sizes = SizeModel()
        self.clean = False  # whether the scene has so few specks that small blobs are objects
        self._canvas: Canvas | None = None

    def detect(
        self,
        mask: NDArray[np.uint8],
        predictions: Predictions | None = None,
        image: NDArray[np.uint8] | None = None,
        boxes: NDArray[np.int64] | None = None,
        *,
        colors: NDArray[np.uint8] | None = None,
    ) -> Detections:
        """Return the objects of one frame.

        Parameters
        ----------
        mask : (H, W) uint8
            255 is foreground; everything else is not.
        predictions : Predictions, optional
            The tracks expected in this frame.
        image : (H, W, 3) uint8, optional
            The frame itself, BGR, or a grey one, (H, W) or (H, W, 1): then detections carry the colours of what was
            seen whole, and colours help to tell apart who shares a blob. A fourth channel is left out.
        boxes : (N, 4) int64, optional
            x0, y0, x1, y1, end exclusive [pixels], that hold all foreground; unless given, it is looked for.
        colors : (H, W) uint8, optional
            Instead of an image, what the property `colors` was when it was given.

        Raises
        ------
        ArgumentError
            For an argument of the wrong kind, shape or range.
        """
        mask = arguments.checked_mask(mask)
        size = mask.shape[0], mask.shape[1]
        predictions = Predictions.none() if predictions is None else checked(Predictions, predictions, "predictions")
        image, colors = arguments.checked_image(image, size), arguments.checked_colors(colors, size)
        boxes = arguments.checked_boxes(boxes, size)
        if image is not None and colors is not None:
            raise ArgumentError("colors must not be given beside an image")
        if self._canvas is None or self._canvas.labels.shape != size:
            self._canvas = Canvas(size)
        smallest = self.smallest(mask.size, clean=self.clean)
        blobs = find_blobs(mask, self.settings, image, self._canvas, boxes, smallest=smallest, colors=colors)
        self._learn_sizes(predictions, size)
        if self.sizes.known:
            predictions = predictions.grown(self._growth(predictions.places, predictions.centers))
        hypotheses: list[Hypothesis] = []
        for group in group_by_claims(blobs, predictions, self.settings):
            hypotheses += self._explain(group, blobs, predictions)
        if self.sizes.known:
            hypotheses = self._plausible(put_together(hypotheses, predictions, self.sizes))
        return collect(hypotheses, size)

    @property
    def colors(self) -> NDArray[np.uint8]:
        """(H, W) uint8, which of `N_COLORS` colours each pixel of a blob has in the last frame; 0 elsewhere."""
        return np.zeros((0, 0), np.uint8) if self._canvas is None else self._canvas.colors

    def smallest(self, n_pixels: int, *, clean: bool) -> float:
        """Return the least area of an object in frames of so many pixels, in a clean scene or another [pixels].

        Noise grows with the pixel, not with the frame: the limit lies between a share and a number of pixels.
        """
        usual = self.settings.smallest * math.sqrt(n_pixels * min(n_pixels, _FINE))
        return _SMALLER * usual if clean else usual

    def _explain(self, group: Group, blobs: Blobs, predictions: Predictions) -> list[Hypothesis]:
        """Return the hypotheses that explain one group of blobs and tracks."""
        if len(group.tracks) == 0:
            return [_moments(blobs, group.blobs, -1)]
        if len(group.tracks) > 1:
            return share_out(group, blobs, predictions, self.settings)
        return self._join_fragments(group, blobs, predictions)

    def _join_fragments(self, group: Group, blobs: Blobs, predictions: Predictions) -> list[Hypothesis]:
        """Return one hypothesis for the fragments of a track, or one for each large one if they have come apart."""
        track = int(group.tracks[0])
        large = group.blobs[blobs.counts[group.blobs] >= self.settings.fragment * predictions.areas[track]]
        if len(large) > 1:
            extent = predictions.xyxy[track, 2:] - predictions.xyxy[track, :2]
            around = union(blobs.xyxy[large])
            too_wide = ((around[2:] - around[:2]) > self.settings.apart * extent).any()
            if too_wide or predictions.divided[track] > self.settings.patience:
                return [_moments(blobs, np.array([blob]), -1) for blob in large]
        return [_moments(blobs, group.blobs, track)]

    def _growth(self, before: NDArray[np.float64], now: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (N,) how much larger things look at `now` (N, 2) than at `before` (N, 2) [pixels]; 1 if not known."""
        return np.nan_to_num(self.sizes.expected(now) / self.sizes.expected(before), nan=1.0)

    def _plausible(self, hypotheses: list[Hypothesis]) -> list[Hypothesis]:
        """Leave out those that no track claims and that are far too small for their place."""
        if not hypotheses:
            return []
        boxes = np.array([hypothesis.xyxy for hypothesis in hypotheses])
        large = box_sizes(boxes) >= self.settings.smallest_ratio * self.sizes.usual(boxes)
        return [h for h, is_large in zip(hypotheses, large, strict=True) if is_large or h.prediction >= 0]

    def _learn_sizes(self, predictions: Predictions, frame_size: tuple[int, int]) -> None:
        """Learn from the tracks that were seen whole and alone, and clear of the border."""
        height, width = frame_size
        low, high = predictions.xyxy[:, :2], predictions.xyxy[:, 2:]
        inside = (low > 1).all(axis=1) & (high < np.array([width - 1, height - 1])).all(axis=1)
        clear = predictions.steady & predictions.alone & predictions.moved & inside
        self.sizes.learn(predictions.xyxy[clear], predictions.ids[clear])


def _moments(blobs: Blobs, members: NDArray[np.int64], prediction: int) -> Hypothesis:
    """Return the one hypothesis that several blobs make together: their box and pooled moments."""
    xyxy, count = blobs.xyxy[members[0]], float(blobs.counts[members].sum())
    mean, covariance = blobs.means[members[0]], blobs.covariances[members[0]]
    palette = blobs.palettes[members[0]]
    if len(members) > 1:
        xyxy = union(blobs.xyxy[members])
        mean, covariance = pooled(blobs.counts[members], blobs.means[members], blobs.covariances[members])
        palette = blobs.palettes[members].sum(axis=0)
    return Hypothesis(
        xyxy=xyxy.astype(np.float64),
        mean=mean,
        covariance=covariance,
        count=count,
        area=count,
        origin=Origin.BLOB if len(members) == 1 else Origin.FRAGMENTS,
        prediction=prediction,
        palette=palette,
        silhouette=silhouette(blobs, members, xyxy),
    )
