"""The loop: frame -> mask -> detections -> tracks -> result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background import BackgroundModel, BackgroundSettings
from gmmtrack.detection import Clusterer, DetectionSettings, Predictions
from gmmtrack.events.event import Event
from gmmtrack.frames import Frame, open_source, read_ahead
from gmmtrack.outputs.result import Result
from gmmtrack.settings import Settings, given_or_made, setting
from gmmtrack.tracking import Tracker, TrackingSettings

_READ_AHEAD = 8  # frames decoded while others are worked on


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSettings(Settings):
    """Every setting of the loop, by stage."""

    background: BackgroundSettings = field(default_factory=BackgroundSettings)
    detection: DetectionSettings = field(default_factory=DetectionSettings)
    tracking: TrackingSettings = field(default_factory=TrackingSettings)
    prime: int = setting(60, "frames from all over a file that the background is learned from first", at_least=0)
    hold: float = setting(0.2, "margin around tracks that the background does not learn", unit="sizes", at_least=0)


class Pipeline:
    """The whole tracker: give it frames in order, and it tells what moves in each.

    Examples
    --------
    >>> pipeline = Pipeline()
    >>> image = np.zeros((48, 64, 3), np.uint8)
    >>> len(pipeline.process(Frame(image, index=0, time=0.0)).tracks)
    0
    """

    def __init__(self, settings: PipelineSettings | None = None) -> None:
        self.settings = settings or PipelineSettings()
        self.background = BackgroundModel.of(self.settings.background)
        self.clusterer = Clusterer(self.settings.detection)
        self.tracker = Tracker(self.settings.tracking)
        # painted over rather than made anew: clearing a whole frame costs more than tracking in it
        self._held_mask = np.zeros((0, 0), np.uint8)
        self._held_boxes: list[tuple[list[int], list[int]]] = []

    def prime(self, frames: Iterable[Frame]) -> None:
        """Learn the background from frames drawn from the whole clip, in any order."""
        self.background.prime(frames)

    def process(self, frame: Frame) -> Result:
        """Return all that is known of one frame; frames are given in the order of their times."""
        predictions = self.tracker.predict(frame.time)
        held = self._held(predictions, frame.image.shape[:2])
        mask = self.background.apply(frame.image, update_mask=held, time=frame.time)
        detections = self.clusterer.detect(mask, predictions, frame.image)
        tracks = self.tracker.update(detections, time=frame.time)
        changed = (Event(kind="scene_changed", time=frame.time),) if self.background.scene_changed else ()
        return Result(frame=frame, mask=mask, tracks=tracks, events=changed)

    def _held(self, predictions: Predictions, size: tuple[int, int]) -> NDArray[np.uint8] | None:
        """Return where tracked objects stand, so that they are not learned as background, or None if there are none.

        A track that never moved may be a ghost, or a part of the scene that changed: those are learned.
        """
        boxes = predictions.xyxy[predictions.moved & predictions.steady]
        if not len(boxes):
            return None
        margin = self.settings.hold * np.sqrt(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))[:, None]
        low = np.floor(boxes[:, :2] - margin).astype(np.int64)
        high = np.ceil(boxes[:, 2:] + margin).astype(np.int64)
        if self._held_mask.shape != size:
            self._held_mask = np.zeros(size, np.uint8)
        held = self._held_mask
        for corner, opposite in self._held_boxes:
            cv2.rectangle(held, corner, opposite, 0, cv2.FILLED)
        self._held_boxes = list(zip(low.tolist(), (high - 1).tolist(), strict=True))
        for corner, opposite in self._held_boxes:
            cv2.rectangle(held, corner, opposite, 1, cv2.FILLED)
        return held


def track(source: Any, settings: PipelineSettings | None = None, **groups: Any) -> Iterator[Result]:
    """Track everything that moves in a source, and yield the result of each frame.

    Parameters
    ----------
    source : str, Path, int, array or iterable
        A video file, a folder or glob of images, a camera's index, a URL, or any iterable of images or frames.
    settings : PipelineSettings, optional
    **groups
        Fields of `PipelineSettings`, instead of `settings`: `background`, `detection`, `tracking`, `prime`, `hold`.

    Examples
    --------
    >>> images = np.zeros((3, 48, 64, 3), np.uint8)
    >>> [len(result.tracks) for result in track(images)]
    [0, 0, 0]
    """
    pipeline = Pipeline(given_or_made(PipelineSettings, settings, groups, "setting"))
    return _run(pipeline, source)


def _run(pipeline: Pipeline, source: Any) -> Iterator[Result]:
    with open_source(source) as frames:
        if pipeline.settings.prime:
            pipeline.prime(frames.sample(pipeline.settings.prime))
        for frame in read_ahead(frames, _READ_AHEAD):
            yield pipeline.process(frame)
