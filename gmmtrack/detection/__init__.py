"""Object hypotheses: mask (and predicted tracks) -> detections."""

from gmmtrack.detection.clusterer import Clusterer
from gmmtrack.detection.detections import Detections, Origin
from gmmtrack.detection.predictions import Predictions
from gmmtrack.detection.settings import DetectionSettings

__all__ = ["Clusterer", "DetectionSettings", "Detections", "Origin", "Predictions"]
