"""The annotated video."""

import os
from functools import partial
from types import TracebackType
from typing import Any, Self

from gmmtrack.outputs.drawing import DrawingSettings, paint
from gmmtrack.outputs.encoding_thread import EncodingThread
from gmmtrack.outputs.result import Result
from gmmtrack.outputs.trails import Trails


class VideoWriter:
    """Writes the annotated frames as an H.264 video that browsers play, with the true time stamps of the frames.

    Drawing and encoding run in a thread beside the tracking. Should the process be killed, the file plays up to the
    last few frames. Odd sizes grow by one pixel.

    Parameters
    ----------
    path
        Ends in .mp4, .m4v, .mov or .mkv; what is there is replaced with the first frame.
    settings, **options
        How the frames are drawn; see `DrawingSettings`.

    Raises
    ------
    ArgumentError
        An unknown kind of video, or an option out of its bounds.
    OutputError
        At birth where `path` cannot be written; from `write` or `close` where the disk is full or a frame has another
        size than the first.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, settings: DrawingSettings | None = None, **options: Any
    ) -> None:
        self.settings = DrawingSettings.of(settings, options)
        self._trails = Trails(self.settings.trails)
        self._encoding = EncodingThread(path)
        self.path = self._encoding.path

    def write(self, result: Result) -> None:
        """Queue one frame; its pixels are copied, so the caller may go on changing them."""
        canvas, mask = result.frame.image.copy(), result.mask
        if self.settings.mask != "none":
            mask = mask.copy()
        self._encoding.add(partial(paint, canvas, mask, result, self._trails, self.settings), result.frame.time)

    def close(self) -> None:
        """Finish the file; a second call does nothing."""
        self._encoding.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
