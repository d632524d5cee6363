"""Multi-object tracking with Gaussian mixtures, from pixels to identities."""

try:
    import cv2 as _cv2  # noqa: F401
except ImportError as _error:
    raise ImportError(
        f"gmmtrack needs OpenCV, which does not load here ({_error}); on a bare Debian or Ubuntu machine run "
        "`apt-get install libgl1 libglib2.0-0`"
    ) from None

from gmmtrack.background import BackgroundModel, BackgroundSettings
from gmmtrack.detection import Clusterer, Detections, DetectionSettings, Origin, Predictions
from gmmtrack.errors import ArgumentError, GmmtrackError, MissingExtraError, OutputError, SourceError
from gmmtrack.frames import Frame, open_source
from gmmtrack.outputs.result import Result
from gmmtrack.pipeline import Pipeline, PipelineSettings, track
from gmmtrack.tracking import Tracker, TrackingSettings, Tracks, TrackState

__all__ = [
    "ArgumentError",
    "BackgroundModel",
    "BackgroundSettings",
    "Clusterer",
    "DetectionSettings",
    "Detections",
    "Frame",
    "GmmtrackError",
    "MissingExtraError",
    "Origin",
    "OutputError",
    "Pipeline",
    "PipelineSettings",
    "Predictions",
    "Result",
    "SourceError",
    "TrackState",
    "Tracker",
    "TrackingSettings",
    "Tracks",
    "open_source",
    "track",
]
