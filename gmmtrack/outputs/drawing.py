"""Drawing: what is known of a frame, painted onto a copy of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.outputs.lettering import paste, plate
from gmmtrack.outputs.lines import Pen
from gmmtrack.outputs.palette import DARK, Color, color_of
from gmmtrack.outputs.shown import shown_rows
from gmmtrack.outputs.trails import Trails
from gmmtrack.settings import Settings, check_names, given_or_made, setting
from gmmtrack.tracking.tracks import TrackState

if TYPE_CHECKING:
    from gmmtrack.outputs.result import Result

Image = NDArray[np.uint8]

_FOREGROUND_TINT: Color = (200, 60, 230)
_SHADOW_TINT: Color = (200, 160, 0)
_TINT_SHARE = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingSettings(Settings):
    """What is drawn, and how."""

    shape: str = setting("box", "what marks a track", choices=("box", "ellipse"))
    mask: str = setting("none", "show the mask as a tint, or beside the frame", choices=("none", "tint", "beside"))
    labels: bool = setting(True, "write the id at each track")
    caption: bool = setting(True, "write the time and the number of tracks into a corner")
    trails: float = setting(3.0, "how far back trails reach; 0 for none", unit="s", at_least=0)

    @classmethod
    def of(cls, settings: DrawingSettings | None, options: dict[str, Any]) -> DrawingSettings:
        """Return `settings`, or the defaults, with `options` in place of what they name."""
        check_names(cls, options, "drawing option")
        return replace(given_or_made(cls, settings, {}, "drawing option"), **options)


def draw(
    result: Result, *, trails: Trails | None = None, settings: DrawingSettings | None = None, **options: Any
) -> Image:
    """Return a copy of the frame with its tracks drawn on it.

    A track keeps one colour; one that coasts is dashed and thinner; tentative ones are left out. Lines and letters
    grow with the frame.

    Parameters
    ----------
    result
        What to draw.
    trails
        Remembers where the tracks have been; give the same object for every frame of a video. It takes up the tracks of
        this frame. No trails are drawn without it.
    settings, **options
        See `DrawingSettings`: shape="box" | "ellipse", mask="none" | "tint" | "beside", labels=, caption=.

    Returns
    -------
    (H, W, 3) uint8 BGR
        With mask="beside" (H, 2 W, 3): the frame left, the mask right.

    Raises
    ------
    ArgumentError
        An option that is not known, or out of its bounds.
    """
    chosen = DrawingSettings.of(settings, options)
    return paint(result.frame.image.copy(), result.mask, result, Trails(0.0) if trails is None else trails, chosen)


def paint(canvas: Image, mask: Image, result: Result, trails: Trails, settings: DrawingSettings) -> Image:
    """Return `canvas`, a copy of the frame that is painted over, with the tracks of `result`; see `draw`."""
    trails.update(result.tracks, result.frame.time)
    if settings.mask == "tint":
        _tint(canvas, mask)
    _draw_trails(canvas, result, trails)
    _draw_tracks(canvas, result, settings)
    if settings.caption:
        _write_caption(canvas, _caption(result))
    if settings.mask != "beside":
        return canvas
    return np.hstack([canvas, _mask_view(mask, result, settings)])


def _tint(canvas: Image, mask: Image) -> None:
    pixels = canvas.reshape(-1, 3)
    for level, color in ((255, _FOREGROUND_TINT), (127, _SHADOW_TINT)):
        chosen = np.flatnonzero(mask == level)
        mixed = (1 - _TINT_SHARE) * pixels[chosen] + _TINT_SHARE * np.array(color)
        pixels[chosen] = mixed.astype(np.uint8)


def _mask_view(mask: Image, result: Result, settings: DrawingSettings) -> Image:
    view = cv2.cvtColor(mask, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)
    _draw_tracks(view, result, settings)
    if settings.caption:
        _write_caption(view, "mask")
    return view


def _draw_trails(canvas: Image, result: Result, trails: Trails) -> None:
    pen = Pen(canvas)
    for t in shown_rows(result.tracks):
        track = int(result.tracks.ids[t])
        pen.trail(trails.of(track), color_of(track))


def _draw_tracks(canvas: Image, result: Result, settings: DrawingSettings) -> None:
    tracks, pen = result.tracks, Pen(canvas)
    rows = shown_rows(tracks)
    for t in rows:
        outline = pen.box if settings.shape == "box" else pen.ellipse
        outline(tracks.xyxy[t], color_of(int(tracks.ids[t])), dashed=bool(tracks.states[t] == TrackState.COASTING))
    if settings.labels:
        for t in rows:  # after all lines, so that none crosses a label
            _write_label(canvas, int(tracks.ids[t]), tracks.xyxy[t], pen)


def _write_label(canvas: Image, track: int, box: NDArray[np.float64], pen: Pen) -> None:
    """Set the label on the box's upper edge, or under it where the frame ends."""
    picture = plate(str(track), pen.letters, color_of(track))
    x, y = round(box[0] - pen.width / 2), round(box[1] - pen.width / 2)
    above = y - picture.shape[0]
    paste(canvas, picture, x, above if above >= 0 else y)


def _write_caption(canvas: Image, text: str) -> None:
    pen = Pen(canvas)
    margin = pen.letters // 2
    paste(canvas, plate(text, pen.letters, DARK), margin, canvas.shape[0], opacity=0.75)


def _caption(result: Result) -> str:
    n_tracks = len(shown_rows(result.tracks))
    minutes, seconds = divmod(max(result.frame.time, 0.0), 60)
    return f"{int(minutes):02d}:{seconds:04.1f}   {n_tracks} track{'' if n_tracks == 1 else 's'}"
