"""The loop: frame -> mask -> detections -> tracks -> result."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.archive import Parts, part_of, read_archive, within, write_archive
from gmmtrack.background import BackgroundModel, BackgroundSettings
from gmmtrack.background.offline import Survey, survey
from gmmtrack.background.settings import PRESETS
from gmmtrack.detection import Clusterer, Detections, DetectionSettings, Predictions
from gmmtrack.detection.blobs import boxes_around
from gmmtrack.errors import ArgumentError
from gmmtrack.events import Event, EventSettings, Standing
from gmmtrack.frames import Frame, FrameSource, open_source, read_ahead
from gmmtrack.frames.reduction import Reduction
from gmmtrack.outputs.kept_masks import KeptMasks
from gmmtrack.outputs.result import Result
from gmmtrack.settings import Settings, given_or_made, setting
from gmmtrack.tracking import Tracker, TrackingSettings, Tracks
from gmmtrack.tracking import storage as tracker_storage
from gmmtrack.tracking.offline import Hindsight, Recording, look_back, record_backward

_FORMAT = 8
_SMALL = 24.0  # [pixels] root of its area: an object that is smaller loses by a reduction
_RIM = np.ones((5, 5), np.uint8)  # around what stands, where it differs too little to be foreground
_READ_AHEAD = 8  # frames decoded while others are worked on
_UNSEEN = Reduction((0, 0), 1)  # of frames whose size is not known yet


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSettings(Settings):
    """Every setting of the loop, by stage."""

    background: BackgroundSettings = PRESETS["tracking"]
    detection: DetectionSettings = field(default_factory=DetectionSettings)
    tracking: TrackingSettings = field(default_factory=TrackingSettings)
    events: EventSettings = field(default_factory=EventSettings)
    prime: int = setting(60, "frames from all over a file that the background is learned from first", at_least=0)
    resolution: float = setting(
        2.5, "larger frames are reduced to at most this before they are looked at", unit="megapixels", above=0
    )
    ample: float = setting(
        1.0, "files in which nothing small is seen are reduced to at most this", unit="megapixels", above=0
    )
    survey: bool = setting(True, "find where objects stand in these frames, and learn the background without them")
    even: float = setting(
        0.08,
        "files in which no more than this share of what is darker is so evenly have no shadows",
        at_least=0,
        at_most=1,
    )
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
        self.settings = given_or_made(PipelineSettings, settings, {}, "setting")
        self.background = BackgroundModel.of(self.settings.background)
        self.clusterer = Clusterer(self.settings.detection)
        self.tracker = Tracker(self.settings.tracking)
        self.standing = Standing(self.settings.events)
        self.reduction = _UNSEEN  # of frames, before they are looked at
        self._stands = np.zeros((0, 0), np.uint8)  # where the background is known without those who stand before it
        self._foreground = np.zeros((0, 0), np.uint8)
        # painted over rather than made anew: clearing a whole frame costs more than tracking in it
        self._held_mask = np.zeros((0, 0), np.uint8)
        self._held_boxes: list[tuple[list[int], list[int]]] = []
        self._standing_boxes: list[tuple[slice, slice]] = []  # around what stands, apart from each other

    def prime(self, frames: Iterable[Frame]) -> None:
        """Learn the background from frames drawn from the whole clip, in the order of their times.

        Where `survey` finds that objects stood in them for long, the background is learned without those, and what is
        foreground in such places is not learned later on either.

        ArgumentError for a frame of another size than those before; nothing has changed then, but that those before it
        are learned where there is no survey.
        """
        if not isinstance(frames, Iterable):
            raise ArgumentError(f"frames must be an iterable of Frame, got {type(frames).__name__}")
        if not self.settings.survey:
            self.background.prime(self._each_reduced(frames))
            return
        drawn, reduction = [], self.reduction
        for frame in frames:
            reduction = self._reduction_of(frame, reduction)
            # what need not be reduced yet is kept as it was decoded: the survey tells how large an image to make
            drawn.append(frame if reduction.factor == 1 else reduction.reduced(frame))
        if not drawn:
            return
        found = survey(drawn, self.settings.background)
        times = self._adapt(found, reduction)
        primed = (Frame(frame.shrunk(times), frame.index, frame.time) for frame in drawn)
        self.background.prime(primed, found.occupied)
        self._stand_nowhere()
        self._stands = found.stands

    def _each_reduced(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        for frame in frames:
            self.reduction = self._reduction_of(frame, self.reduction)
            yield self.reduction.reduced(frame)

    def _adapt(self, found: Survey, before: Reduction) -> int:
        """Look only as closely as objects need, at small ones where there is no litter; return how much coarser.

        Where nothing is shaded as by a shadow, what is darker than the background is an object. What was looked at
        before goes on being looked at as closely.

        before: how the frames of the survey were reduced
        """
        is_first = self.reduction == _UNSEEN
        self.reduction = before.coarser(self.settings.ample * 1e6, found.scale / _SMALL) if is_first else before
        n_pixels = before.size[0] * before.size[1] // before.factor**2
        least, usual = (self.clusterer.smallest(n_pixels, clean=clean) for clean in (True, False))
        self.clusterer.clean = found.n_regions(least, usual) < self.settings.detection.specks
        if not found.casts_shadows(self.settings.even):
            self.background = BackgroundModel.of(replace(self.settings.background, shadows=False))
        return self.reduction.factor // before.factor

    def process(self, frame: Frame, reduced: Frame | None = None) -> Result:
        """Return all that is known of one frame; frames are given in the order of their times.

        reduced: what `reduced` made of it, where that was done before

        ArgumentError for a frame of another size, or an earlier time, than the one before; nothing has changed then.
        """
        found, _ = self._process(frame, reduced)
        tracks = found.tracks.scaled(self.reduction.factor)
        events = tuple(event.scaled(self.reduction.factor) for event in found.events)
        return replace(found, frame=frame, tracks=tracks, events=events, reduction=self.reduction)

    def record(self, frame: Frame, recording: Recording, reduced: Frame | None = None) -> Result:
        """Process one frame as `process` does, and put what its tracks were given into a recording.

        What is returned and recorded is reduced, by `reduction`.
        """
        found, detections = self._process(frame, reduced)
        recording.add(frame.time, self.tracker.population, detections)
        return found

    def look_back(self, recording: Recording, masks: KeptMasks) -> Hindsight:
        """Return the tracks of a recording and of the way back through its masks, in frames that are not reduced."""
        clusterer = Clusterer(self.settings.detection)
        clusterer.clean = self.clusterer.clean
        times, settings = recording.times.tolist(), self.settings.tracking
        hindsight = look_back(recording, record_backward(reversed(masks), times, clusterer, settings), settings)
        return replace(hindsight, rows=hindsight.rows.scaled(self.reduction.factor))

    def told_of(self, events: tuple[Event, ...], tracks: Tracks) -> tuple[Event, ...]:
        """Return events of a frame that was recorded, about its tracks with hindsight, in frames not reduced."""
        return tuple(event.scaled(self.reduction.factor).told_of(tracks) for event in events)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the pipeline to a .npz file; `load` goes on exactly where it was. OutputError where that fails."""
        own = asdict(self.settings)
        del own["background"], own["tracking"]  # they are with their parts
        parts = {"settings": np.array(json.dumps(own))}
        parts |= {"stands": self._stands, "foreground": self._foreground}
        parts["clean"] = np.array(self.clusterer.clean)
        parts["reduction"] = np.array([*self.reduction.size, self.reduction.factor])
        parts |= within("background", self.background.parts())
        parts |= within("standing", self.standing.arrays())
        parts |= within("sizes", self.clusterer.sizes.arrays())
        parts |= within("tracker", tracker_storage.parts_of(self.tracker.snapshot()))
        write_archive(path, parts, _FORMAT)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Pipeline:
        """Return the pipeline that `save` wrote; SourceError or ArgumentError where the file is none."""
        return read_archive(path, "a pipeline", _FORMAT, cls._restored)

    @classmethod
    def _restored(cls, parts: Parts) -> Pipeline:
        background = BackgroundModel.of_parts(part_of("background", parts))
        tracker = Tracker.restored(tracker_storage.snapshot_of(part_of("tracker", parts)))
        own = json.loads(str(parts["settings"]))
        own["detection"], own["events"] = DetectionSettings(**own["detection"]), EventSettings(**own["events"])
        pipeline = cls(PipelineSettings(background=background.settings, tracking=tracker.settings, **own))
        pipeline.background, pipeline.tracker = background, tracker
        pipeline._stands, pipeline._foreground = parts["stands"], parts["foreground"]
        *size, factor = parts["reduction"].tolist()
        pipeline.reduction = Reduction((size[0], size[1]), factor)
        pipeline.clusterer.sizes.restore(part_of("sizes", parts))
        pipeline.standing.restore(part_of("standing", parts))
        pipeline.clusterer.clean = bool(parts["clean"])
        return pipeline

    def reduced(self, frame: Frame) -> Frame:
        """Return a frame as it is looked at; what `prime` saw, or else its size, says how much smaller that is."""
        return self._reduction_of(frame, self.reduction).reduced(frame)

    def _reduction_of(self, frame: Frame, before: Reduction) -> Reduction:
        """Return how a frame is reduced, which is as those before it were, for they are all of one size."""
        if not isinstance(frame, Frame):
            remedy = "make one of an image by Frame(image, index, time)"
            raise ArgumentError(f"frame must be a Frame, got {type(frame).__name__}; {remedy}")
        if before == _UNSEEN:
            return Reduction.of(frame.size, self.settings.resolution * 1e6)
        if frame.size != before.size:
            raise ArgumentError(f"image must be {(*before.size, 3)} as the frames before, got {(*frame.size, 3)}")
        return before

    def _process(self, frame: Frame, reduced: Frame | None) -> tuple[Result, Detections]:
        """Return what is known of a frame, reduced, and its detections."""
        reduction = self._reduction_of(frame, self.reduction)
        frame = reduction.checked(reduced) if reduced is not None else reduction.reduced(frame)
        predictions = self.tracker.predict(frame.time)  # the last that may refuse the frame, for its time
        self.reduction = reduction
        mask = self.background.apply(
            frame.image, update_mask=self._held(predictions, frame.image.shape[:2]), time=frame.time
        )
        for box in self._standing_boxes:
            self._foreground[box] = mask[box] == 255
        detections = self.clusterer.detect(mask, predictions, frame.image, self.background.boxes)
        tracks = self.tracker.update(detections, time=frame.time)
        events = self.standing.look(self.tracker.population, mask, frame.image, self.background.usual, frame.time)
        if self.background.scene_changed:
            self.standing.forget()
            self._stand_nowhere()
            events = (Event(kind="scene_changed", time=frame.time), *events)
        return Result(frame=frame, reduced_mask=mask, tracks=tracks, events=events), detections

    def _held(self, predictions: Predictions, size: tuple[int, int]) -> NDArray[np.uint8] | None:
        """Return where tracked objects stand, so that they are not learned as background, or None if there are none.

        A track that never moved may be a ghost, or a part of the scene that changed: those are learned. Held as well is
        what stood in the last frame before background that is known from the whole clip.
        """
        if self._held_mask.shape != size:
            self._start_holding(size)
        boxes = predictions.xyxy[predictions.moved & predictions.steady]
        if not len(boxes) and not self._standing_boxes:
            return None
        margin = self.settings.hold * np.sqrt(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))[:, None]
        low = np.floor(boxes[:, :2] - margin).astype(np.int64)
        high = np.ceil(boxes[:, 2:] + margin).astype(np.int64)
        held = self._held_mask
        for corner, opposite in self._held_boxes:
            cv2.rectangle(held, corner, opposite, 0, cv2.FILLED)
        for box in self._standing_boxes:
            cv2.dilate(self._foreground[box], _RIM, dst=held[box])
            held[box] &= self._stands[box]
        self._held_boxes = list(zip(low.tolist(), (high - 1).tolist(), strict=True))
        for corner, opposite in self._held_boxes:
            cv2.rectangle(held, corner, opposite, 1, cv2.FILLED)
        return held

    def _stand_nowhere(self) -> None:
        """Forget where the background is known without those who stand before it."""
        self._stands = self._foreground = self._held_mask = np.zeros((0, 0), np.uint8)
        self._standing_boxes = []

    def _start_holding(self, size: tuple[int, int]) -> None:
        """Hold nothing yet in frames of a size (H, W), and find where something may stand."""
        self._held_mask, self._held_boxes = np.zeros(size, np.uint8), []
        if not self._stands.size:
            return
        if self._foreground.shape != size:  # of the first frame, nothing is known yet
            self._foreground = np.ones(size, np.uint8)
            self._stands = np.asarray(cv2.resize(self._stands, size[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
        boxes = boxes_around(self._stands, np.uint8(1), len(_RIM)).tolist()
        self._standing_boxes = [(slice(y0, y1), slice(x0, x1)) for x0, y0, x1, y1 in boxes]


def track(
    source: Any,
    settings: PipelineSettings | None = None,
    *,
    offline: bool = False,
    images: bool = True,
    advance: Callable[[], object] | None = None,
    **groups: Any,
) -> Iterator[Result]:
    """Track everything that moves in a source, and yield the result of each frame.

    Parameters
    ----------
    source : str, Path, int, array or iterable
        A video file, a folder or glob of images, a camera's index, a URL, or any iterable of images or frames.
    settings : PipelineSettings, optional
    offline : bool
        Look back from the end of the clip before the first result: tracks are smoothed, begin where their object was
        first seen, keep one identity over gaps and meetings, and leave out what was false with hindsight. Masks are
        tracked backward as well. The source is read twice; memory grows by the tracks, not by the images.
    images : bool
        Whether the results of `offline` show images and masks. Without them they are black, and the source is read only
        once.
    advance : callable, optional
        Called after each frame of the first of two readings.
    **groups
        Fields of `PipelineSettings`, instead of `settings`: `background`, `detection`, `tracking`, `events`, `prime`,
        `resolution`, `ample`, `survey`, `even`, `hold`.

    Raises
    ------
    ArgumentError
        For a setting out of its bounds; with `offline`, for a source whose frames come only once.

    Examples
    --------
    >>> images = np.zeros((3, 48, 64, 3), np.uint8)
    >>> [len(result.tracks) for result in track(images)]
    [0, 0, 0]
    """
    pipeline = Pipeline(given_or_made(PipelineSettings, settings, groups, "setting"))
    if not offline:
        return _run(pipeline, source)
    return (_run_offline if images else _run_offline_blind)(pipeline, source, advance)


def _run(pipeline: Pipeline, source: Any) -> Iterator[Result]:
    for frame, reduced in _primed(pipeline, open_source(source)):
        yield pipeline.process(frame, reduced)


def _run_offline(pipeline: Pipeline, source: Any, advance: Callable[[], object] | None) -> Iterator[Result]:
    frames = open_source(source)
    with closing(KeptMasks()) as masks, frames.again() as again:
        recording, seen = _recorded(pipeline, frames, masks, advance)
        hindsight = pipeline.look_back(recording, masks)
        parts = zip(read_ahead(again, _READ_AHEAD), masks, seen, strict=False)  # the file may have changed since
        for index, (frame, mask, (_, events)) in enumerate(parts):
            tracks = hindsight.tracks(index)
            told = pipeline.told_of(events, tracks)
            yield Result(frame=frame, reduced_mask=mask, reduction=pipeline.reduction, tracks=tracks, events=told)


def _run_offline_blind(pipeline: Pipeline, source: Any, advance: Callable[[], object] | None) -> Iterator[Result]:
    with closing(KeptMasks()) as masks:
        recording, seen = _recorded(pipeline, open_source(source), masks, advance)
        hindsight = pipeline.look_back(recording, masks)
    for index, (frame, events) in enumerate(seen):
        tracks = hindsight.tracks(index)
        told = pipeline.told_of(events, tracks)
        yield Result(frame=frame, reduced_mask=frame.image[:, :, 0], tracks=tracks, events=told)


def _recorded(
    pipeline: Pipeline, source: FrameSource, masks: KeptMasks, advance: Callable[[], object] | None
) -> tuple[Recording, list[tuple[Frame, tuple[Event, ...]]]]:
    """Return the recording of a source, and its frames, black, with what happened in each; masks: gets those."""
    recording, seen = Recording(), []
    for frame, reduced in _primed(pipeline, source):
        result = pipeline.record(frame, recording, reduced)
        masks.add(result.reduced_mask, pipeline.clusterer.colors)
        black = np.broadcast_to(np.uint8(0), (*frame.size, 3))
        seen.append((Frame(black, frame.index, frame.time), result.events))
        if advance is not None:
            advance()
    return recording, seen


def _primed(pipeline: Pipeline, source: FrameSource) -> Iterator[tuple[Frame, Frame]]:
    """Yield each frame of a source and itself reduced, after the pipeline has learned from some of all of them.

    The source is closed at the end.
    """
    with source:
        if pipeline.settings.prime:
            pipeline.prime(source.sample(pipeline.settings.prime))
        pairs = ((frame, pipeline.reduced(frame)) for frame in source)
        yield from read_ahead(pairs, _READ_AHEAD) if source.decodes else pairs
