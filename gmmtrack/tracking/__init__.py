"""Tracking: detections -> tracks."""

from gmmtrack.tracking.settings import TrackingSettings
from gmmtrack.tracking.tracker import Tracker
from gmmtrack.tracking.tracks import Tracks, TrackState

__all__ = ["TrackState", "Tracker", "TrackingSettings", "Tracks"]
