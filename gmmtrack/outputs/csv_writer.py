"""Tracks as comma-separated values, with everything that a track knows."""

from gmmtrack.outputs.result import Result
from gmmtrack.outputs.shown import shown_rows
from gmmtrack.outputs.text_writer import TextWriter
from gmmtrack.tracking.tracks import TrackState


class CsvWriter(TextWriter):
    """Writes tracks as comma-separated values, one row a track and frame, under a header.

    Frames count from 0, time in seconds, boxes in pixels (end exclusive), velocities in pixels/s, score 0-1, class -1
    where unknown. Every whole frame is on the disk before `write` returns.
    OutputError where `path` cannot be written: at birth if it can be known, before anything is lost.
    """

    header = "frame,time,id,state,x0,y0,x1,y1,vx,vy,score,class\n"

    def lines(self, result: Result) -> str:
        """Return the rows of one frame."""
        tracks, moment = result.tracks, f"{result.frame.index},{result.frame.time:.6f}"
        states = [TrackState(state).name.lower() for state in tracks.states.tolist()]
        boxes, velocities = tracks.xyxy.tolist(), tracks.velocities.tolist()
        rows = []
        for t in shown_rows(tracks):
            numbers = ",".join(f"{value:.2f}" for value in (*boxes[t], *velocities[t]))
            rows.append(f"{moment},{tracks.ids[t]},{states[t]},{numbers},{tracks.scores[t]:.3f},{tracks.classes[t]}\n")
        return "".join(rows)
