"""FrameSource: where frames come from, one at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from gmmtrack.errors import ArgumentError
from gmmtrack.frames.frame import Frame


class FrameSource(ABC):
    """Where frames come from: a context manager and an iterator of `Frame`, good for one pass.

    Attributes
    ----------
    name : str
        What a person would call it: a file's name, a URL, "camera 0".
    n_frames : int or None
        How many frames it will give, where that is known; damage may leave fewer.
    n_frames_estimated : bool
        True where `n_frames` was worked out from duration and rate.
    frame_rate : float or None
        [Hz] the nominal rate; the times of the frames are the truth.
    size : (int, int) or None
        (width, height) of every image [pixels], where known before the first frame.
    n_bad : int
        How many frames did not decode so far; final when the iteration has ended.
    problem : str or None
        What was wrong with the source, in one line, once the iteration has ended.
    live : bool
        True where frames come as they happen: nothing to seek, sample or wait for.
    decodes : bool
        True where giving a frame is work that another thread can do ahead of time.
    repeats : bool
        True where the same frames can be had once more; see `again`.
    """

    live = False
    decodes = True
    repeats = False

    def __init__(
        self,
        name: str,
        *,
        n_frames: int | None = None,
        n_frames_estimated: bool = False,
        frame_rate: float | None = None,
        size: tuple[int, int] | None = None,
    ) -> None:
        self.name = name
        self.n_frames = n_frames
        self.n_frames_estimated = n_frames_estimated
        self.frame_rate = frame_rate
        self.size = size
        self.n_bad = 0
        self.problem: str | None = None
        self._frames: Iterator[Frame] | None = None

    @abstractmethod
    def _read(self) -> Iterator[Frame]:
        """Yield every frame; called once, when the first frame is asked for."""

    def _sample(self, n: int) -> Iterator[Frame]:
        """Yield at most `n` frames from all over the source; nothing where it cannot be read twice."""
        del n
        return iter(())

    def sample(self, n: int) -> Iterator[Frame]:
        """Return at most `n` frames drawn evenly over the whole source, in order of time.

        They come from a reader of their own, so the iteration goes on undisturbed. Empty for a live source and for an
        iterable that can be read only once. `Frame.index` may be off by a few where the place was found by its time.
        """
        if n < 1:
            raise ArgumentError(f"n must be >= 1, got {n!r}")
        return self._sample(n)

    def again(self) -> FrameSource:
        """Return a source of the same frames, from the first one on; an ArgumentError where they come only once."""
        raise ArgumentError(f"source must be one that can be read twice, got {self.name}, whose frames come only once")

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Frame:
        if self._frames is None:
            self._frames = self._read()
        return next(self._frames)

    def close(self) -> None:
        """End the iteration and let go of files and devices; closing twice does no harm."""
        stop = getattr(self._frames, "close", None)
        if stop is not None:
            stop()
        self._frames = iter(())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
