"""LiveStream: frames from the network, as they arrive."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import chain

from gmmtrack.errors import SourceError
from gmmtrack.frames.conversion import Converter
from gmmtrack.frames.decoding import Decoder, open_video
from gmmtrack.frames.frame import Frame
from gmmtrack.frames.source import FrameSource
from gmmtrack.frames.video import video_rate

_TIMEOUT = 10.0  # [s] without a sign of life, then the stream is over


class LiveStream(FrameSource):
    """A stream at a URL (rtsp://, rtmp://, udp://, http://, ...); frames carry the time [s] of their arrival.

    Raises
    ------
    SourceError
        If nothing answers, or it sends no video.
    """

    live = True

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        options = {"rtsp_transport": "tcp"} if url.startswith("rtsp") else {}
        self._container, stream = open_video(url, url, options=options, timeout=_TIMEOUT)
        super().__init__(url, frame_rate=video_rate(stream))
        self._clock = clock
        self._converter = Converter()
        # frame threads would hold back one frame a thread
        self._decoder = Decoder(self._container, stream, "SLICE")
        frames = self._read()
        try:
            first = next(frames)
        except StopIteration:
            self.close()
            raise SourceError(f"{url} sends no frame that decodes") from None
        self.size = first.size[::-1]
        self._frames = chain([first], frames)

    def _read(self) -> Iterator[Frame]:
        start = last = None
        for index, decoded in enumerate(self._decoder.frames()):
            now = self._clock()
            start = now if start is None else start
            # frames that come in a burst may find the clock where it was
            last = now - start if last is None else max(now - start, last + 1e-6)
            self.n_bad = self._decoder.n_errors
            yield self._converter.frame(decoded, index, last)
        self.n_bad = self._decoder.n_errors
        self.problem = f"{self.name} gives no more frames"
        self._container.close()

    def close(self) -> None:
        super().close()
        self._container.close()
