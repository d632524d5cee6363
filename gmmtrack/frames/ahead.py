"""Reading ahead: a source decoded in a thread of its own, a few frames before they are asked for."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Iterator

from gmmtrack.errors import ArgumentError
from gmmtrack.frames.frame import Frame
from gmmtrack.frames.source import FrameSource


def read_ahead(source: FrameSource, depth: int = 4) -> FrameSource:
    """Return `source`, decoded up to `depth` frames ahead in a thread, so that decoding overlaps with what follows.

    Closing what is returned, or dropping it, ends the thread and closes `source`; an error in `source` is raised where
    its frame would have come. Sources without work to do ahead (arrays, iterables) are returned as they are.
    """
    if depth < 1:
        raise ArgumentError(f"depth must be >= 1, got {depth!r}")
    return _ReadAhead(source, depth) if source.decodes else source


class _ReadAhead(FrameSource):
    """A source whose frames come from a belt that a thread keeps filled."""

    decodes = False

    def __init__(self, source: FrameSource, depth: int) -> None:
        super().__init__(
            source.name,
            n_frames=source.n_frames,
            n_frames_estimated=source.n_frames_estimated,
            frame_rate=source.frame_rate,
            size=source.size,
        )
        self.live, self.repeats = source.live, source.repeats
        self._source = source
        self._belt = _Belt(source, depth)
        # the thread knows the belt but not this object, so that dropping it ends the thread
        self._stop = weakref.finalize(self, self._belt.stop)

    def _read(self) -> Iterator[Frame]:
        self._belt.start()
        return iter(self._belt.take, None)

    def __next__(self) -> Frame:
        try:
            return super().__next__()
        finally:
            self.n_bad, self.problem = self._source.n_bad, self._source.problem
            self.size = self._source.size

    def again(self) -> FrameSource:
        return self._source.again()

    def _sample(self, n: int) -> Iterator[Frame]:
        return self._source.sample(n)

    def close(self) -> None:
        super().close()
        self._stop()
        self._source.close()


class _Belt:
    """A short queue of frames between the thread that fills it and the one that takes from it."""

    def __init__(self, source: FrameSource, depth: int) -> None:
        self._source = source
        self._depth = depth
        self._frames: deque[Frame] = deque()
        self._change = threading.Condition()
        self._stopped = False
        self._finished = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._fill, name="gmmtrack-read-ahead", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def take(self) -> Frame | None:
        """Return the next frame, or None after the last; raise what the source raised."""
        with self._change:
            self._change.wait_for(lambda: self._frames or self._finished)
            if self._frames:
                self._change.notify_all()
                return self._frames.popleft()
        error, self._error = self._error, None
        if error is not None:
            raise error
        return None

    def stop(self) -> None:
        """End the thread and wait for it."""
        with self._change:
            self._stopped = True
            self._change.notify_all()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _fill(self) -> None:
        try:
            for frame in self._source:
                if not self._put(frame):
                    break
        except BaseException as error:  # handed over to the thread that takes
            self._error = error
        finally:
            with self._change:
                self._finished = True
                self._change.notify_all()

    def _put(self, frame: Frame) -> bool:
        """Wait for room and add a frame; tell whether more are wanted."""
        with self._change:
            self._change.wait_for(lambda: len(self._frames) < self._depth or self._stopped)
            self._frames.append(frame)
            self._change.notify_all()
            return not self._stopped
