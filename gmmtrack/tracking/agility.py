"""Agility: how much more the objects of a scene accelerate than the settings say, learned while tracking."""

from __future__ import annotations

import math

CHI2_MEDIAN = 1.386  # of a squared Mahalanobis distance in the plane
_STEP = 0.05
_RANGE = (0.3, 50.0)


class Agility:
    """How much more the objects of a scene accelerate than the settings say, learned while tracking.

    `factor` is moved to where half of the innovations of the filters fall within the median of what is expected
    (stochastic approximation of a median: Robbins and Monro 1951), so that walkers, cars and fish each get gates that
    fit them, and single jumps do not count for more than one.
    """

    def __init__(self) -> None:
        self.factor = 1.0

    def learn(self, surprises: int) -> None:
        """Take by how many more detections were beyond `CHI2_MEDIAN` of where they were expected than within it."""
        least, most = _RANGE
        self.factor = min(max(self.factor * math.exp(_STEP * surprises), least), most)
