"""Multi-object tracking with Gaussian mixtures, from pixels to identities."""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

try:
    import cv2 as _cv2  # noqa: F401
except ImportError as _error:
    raise ImportError(
        f"gmmtrack needs OpenCV, which does not load here ({_error}); on a bare Debian or Ubuntu machine run "
        "`apt-get install libgl1 libglib2.0-0`"
    ) from None

if TYPE_CHECKING:
    from gmmtrack.background import BackgroundModel, BackgroundSettings, Explanation, PixelComponents, compat
    from gmmtrack.detection import Clusterer, Detections, DetectionSettings, Origin, Predictions
    from gmmtrack.errors import (
        ArgumentError,
        ConvergenceWarning,
        GmmtrackError,
        MissingExtraError,
        NotFittedError,
        OutputError,
        SourceError,
    )
    from gmmtrack.events import Event, EventSettings
    from gmmtrack.frames import Frame, open_source
    from gmmtrack.mixture import GaussianMixture, select_components
    from gmmtrack.outputs.result import Result
    from gmmtrack.pipeline import Pipeline, PipelineSettings, track
    from gmmtrack.tracking import Tracker, TrackingSettings, Tracks, TrackState

__all__ = [
    "ArgumentError",
    "BackgroundModel",
    "BackgroundSettings",
    "Clusterer",
    "ConvergenceWarning",
    "DetectionSettings",
    "Detections",
    "Event",
    "EventSettings",
    "Explanation",
    "Frame",
    "GaussianMixture",
    "GmmtrackError",
    "MissingExtraError",
    "NotFittedError",
    "Origin",
    "OutputError",
    "Pipeline",
    "PipelineSettings",
    "PixelComponents",
    "Predictions",
    "Result",
    "SourceError",
    "TrackState",
    "Tracker",
    "TrackingSettings",
    "Tracks",
    "compat",
    "open_source",
    "select_components",
    "track",
]

# Loaded when first asked for, so that the command line's help need not wait for the compiler.
_HOMES = {
    "gmmtrack.background": ("BackgroundModel", "BackgroundSettings", "Explanation", "PixelComponents", "compat"),
    "gmmtrack.detection": ("Clusterer", "Detections", "DetectionSettings", "Origin", "Predictions"),
    "gmmtrack.errors": (
        "ArgumentError",
        "ConvergenceWarning",
        "GmmtrackError",
        "MissingExtraError",
        "NotFittedError",
        "OutputError",
        "SourceError",
    ),
    "gmmtrack.events": ("Event", "EventSettings"),
    "gmmtrack.frames": ("Frame", "open_source"),
    "gmmtrack.mixture": ("GaussianMixture", "select_components"),
    "gmmtrack.outputs.result": ("Result",),
    "gmmtrack.pipeline": ("Pipeline", "PipelineSettings", "track"),
    "gmmtrack.tracking": ("Tracker", "TrackingSettings", "Tracks", "TrackState"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(_import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
