"""Results as JSON lines: one object a frame, tracks and events together."""

import json
from dataclasses import asdict
from typing import Any

from gmmtrack.outputs.result import Result
from gmmtrack.outputs.shown import shown_rows
from gmmtrack.outputs.text_writer import TextWriter
from gmmtrack.tracking.tracks import Tracks, TrackState


class JsonLinesWriter(TextWriter):
    """Writes one JSON object a line and frame: {"index", "time" [s], "tracks": [...], "events": [...]}.

    A track is {"id", "state", "xyxy" [pixels], "velocity" [pixels/s], "score" [0-1], "class"}; an event carries its
    own fields. A frame without tracks has its line too. Every whole frame is on the disk before `write` returns.
    OutputError where `path` cannot be written: at birth if it can be known, before anything is lost.
    """

    def lines(self, result: Result) -> str:
        """Return the line of one frame."""
        frame = {
            "index": result.frame.index,
            "time": round(result.frame.time, 6),
            "tracks": [_track(result.tracks, t) for t in shown_rows(result.tracks)],
            "events": [asdict(event) for event in result.events],
        }
        return json.dumps(frame, separators=(",", ":"), ensure_ascii=False, default=_plain) + "\n"


def _track(tracks: Tracks, t: int) -> dict[str, Any]:
    return {
        "id": int(tracks.ids[t]),
        "state": TrackState(tracks.states[t]).name.lower(),
        "xyxy": [round(value, 2) for value in tracks.xyxy[t].tolist()],
        "velocity": [round(value, 2) for value in tracks.velocities[t].tolist()],
        "score": round(float(tracks.scores[t]), 3),
        "class": int(tracks.classes[t]),
    }


def _plain(value: Any) -> Any:
    """Return NumPy numbers and arrays, which an event may carry, as Python's own."""
    return value.tolist()
