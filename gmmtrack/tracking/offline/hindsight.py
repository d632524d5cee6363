"""Hindsight: the tracks of a whole clip, each frame's in the knowledge of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import compress

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from gmmtrack.detection.detections import Origin
from gmmtrack.tracking import motion
from gmmtrack.tracking.offline.belief import Belief
from gmmtrack.tracking.offline.choosing import choose
from gmmtrack.tracking.offline.linking import link
from gmmtrack.tracking.offline.noise import learn_noise
from gmmtrack.tracking.offline.parts import are_parts
from gmmtrack.tracking.offline.passes import Passes
from gmmtrack.tracking.offline.recording import Recording, Sightings, runs
from gmmtrack.tracking.offline.smoothing import Trajectory, smooth
from gmmtrack.tracking.offline.tracklets import cut
from gmmtrack.tracking.offline.weaving import weave
from gmmtrack.tracking.settings import TrackingSettings
from gmmtrack.tracking.tracks import Tracks, TrackState

Array = NDArray[np.float64]

_TRAVEL = 0.6  # [sizes] what never left its place by so much is a ghost
_EXCURSION = 0.5  # [s] at most
_GAP = 0.3  # [s] of a gap that is filled
_STEADY = 0.9  # share of its frames in which a track must have been seen for its gaps to be filled


@dataclass(frozen=True, slots=True)
class Hindsight:
    """The tracks of a whole clip with hindsight; ids count from 1 in the order of first appearance.

    rows: all frames' tracks, one after the other · edges: (F + 1,) where each frame's begin
    """

    rows: Tracks
    edges: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.edges) - 1

    def tracks(self, frame: int) -> Tracks:
        """Return who is where in one frame, counted from 0 in the order in which they were recorded."""
        part = slice(int(self.edges[frame]), int(self.edges[frame + 1]))
        return Tracks(**{field.name: getattr(self.rows, field.name)[part] for field in fields(Tracks)})


def look_back(recording: Recording, backward: Recording, settings: TrackingSettings) -> Hindsight:
    """Return the tracks of a clip with hindsight.

    The noise is learned from the clip itself; tracks are cut where objects met, and linked anew over the whole clip;
    those that were false with hindsight go; the others are smoothed, from their first sighting on.

    backward: of a tracker that went through the same frames from the last to the first, at negated times
    """
    times, seen = recording.times, recording.sightings()
    noise = learn_noise([seen.at(run) for run in runs(seen.serials)], settings)
    passes = Passes.of(seen, backward.turned())
    at_limits = passes.at_limits()
    choice = choose(passes, at_limits)
    tracklets = cut(passes, choice.taken, times, noise, settings)
    strands = weave(passes, choice, at_limits, tracklets, link(tracklets, noise, recording.frame_size))
    belief = Belief.of(seen, at_limits[passes.seen.serials > 0])
    believed = [(strand, smooth(strand, times, noise, settings)) for strand in strands if belief.holds(strand, noise)]
    moved = [(strand, path) for strand, path in believed if _has_moved(strand, path, times)]
    whole = list(compress(moved, ~are_parts([strand for strand, _ in moved])))
    whole.sort(key=lambda pair: float(pair[0].times[0]))
    parts = [_shown(number, strand, path, times, settings) for number, (strand, path) in enumerate(whole, 1)]
    return _by_frame(parts, len(times))


def _has_moved(strand: Sightings, path: Trajectory, times: Array) -> bool:
    """Return whether a track is no ghost; a detector from outside answers for what it gives."""
    return strand.origins[0] == Origin.GIVEN or _travel(path, times) >= _TRAVEL


def _travel(path: Trajectory, times: Array) -> float:
    """Return how far apart the places are where an object was [sizes]; an excursion from which it returns is none.

    What never moves, a leaf, may be taken for a moment for somebody who passes by.
    """
    centers = path.x[:, motion.CENTER, 0]
    duration = times[path.first + len(centers) - 1] - times[path.first]
    if duration > 4 * _EXCURSION:
        n_frames = 2 * round(_EXCURSION / duration * (len(centers) - 1)) + 1
        centers = median_filter(centers, (n_frames, 1), mode="nearest")
    return float(np.linalg.norm(np.ptp(centers, axis=0)) / path.size)


def _shown(
    number: int, strand: Sightings, path: Trajectory, times: Array, settings: TrackingSettings
) -> tuple[NDArray[np.int64], Tracks]:
    """Return the frames in which a track is reported, and the track in each."""
    frames = path.first + np.arange(len(path.seen))
    seen = path.seen >= 0
    known = seen | (_gaps(seen, times[frames]) <= (_GAP if seen.mean() >= _STEADY else 0.0))
    x, P = path.x[known], path.P[known]
    rows = np.maximum.accumulate(path.seen)[known]  # a filled gap has the scores of before
    velocities = x[:, motion.CENTER, 1]
    still = np.linalg.norm(velocities, axis=1) < settings.stationary_speed * path.size
    states = np.where(still, TrackState.STATIONARY, TrackState.CONFIRMED)
    classes = strand.classes[strand.classes >= 0]
    covariances = np.zeros((len(x), 4, 4))
    for axis in (0, 1):
        covariances[:, axis, axis], covariances[:, axis + 2, axis + 2] = P[:, axis, 0], P[:, axis, 2]
        covariances[:, axis, axis + 2] = covariances[:, axis + 2, axis] = P[:, axis, 1]
    return frames[known], Tracks(
        ids=np.full(len(x), number),
        xyxy=path.xyxy[known],
        states=np.where(seen[known], states, TrackState.COASTING).astype(np.int8),
        velocities=velocities,
        covariances=covariances,
        scores=strand.scores[rows],
        classes=np.full(len(x), np.bincount(classes).argmax() if len(classes) else -1),
        detections=np.where(seen[known], strand.detections[rows], -1),
    )


def _gaps(seen: NDArray[np.bool_], times: Array) -> Array:
    """Return (T,) how long the gap is that each frame lies in [s], 0 where it was seen; the first and last were."""
    before = np.maximum.accumulate(np.where(seen, times, -np.inf))
    after = np.minimum.accumulate(np.where(seen, times, np.inf)[::-1])[::-1]
    return np.asarray(after - before)


def _by_frame(parts: Sequence[tuple[NDArray[np.int64], Tracks]], n_frames: int) -> Hindsight:
    """Return tracks in the order of their frames."""
    frames = np.concatenate([frames for frames, _ in parts] or [np.zeros(0, np.int64)])
    order = np.argsort(frames, kind="stable")
    columns = {
        field.name: np.concatenate([getattr(track, field.name) for _, track in parts])[order]
        for field in fields(Tracks)
        if parts
    }
    rows = Tracks(**columns) if parts else Tracks.none()
    return Hindsight(rows, np.searchsorted(frames[order], np.arange(n_frames + 1)))
