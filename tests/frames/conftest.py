"""Videos made for the tests: a bright square crosses a noisy background, two pixels a frame."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

Write = Callable[..., Path]


def picture(index: int, size: tuple[int, int] = (64, 48)) -> NDArray[np.uint8]:
    """Return image `index` of the test clip."""
    image = np.random.default_rng(0).integers(0, 120, (size[1], size[0], 3), dtype=np.uint8)
    left = 2 * index % (size[0] - 10)
    image[10:20, left : left + 10] = 255
    return image


@pytest.fixture
def square() -> Callable[[NDArray[np.uint8]], int]:
    """A function that tells where the square begins in an image of the test clip."""

    def find_square(image: NDArray[np.uint8]) -> int:
        return int(np.argmax(np.convolve(image[10:20].mean(axis=(0, 2)), np.ones(10), "valid")))

    return find_square


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A function that writes a test clip and returns its path; `stamps` are in milliseconds."""

    def write_clip(
        name: str,
        n: int = 60,
        *,
        codec: str = "libx264",
        size: tuple[int, int] = (64, 48),
        stamps: list[int] | None = None,
        rotation: int = 0,
        flags: dict[str, str] | None = None,
        **options: str,
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w", options=flags or {}) as container:
            stream: Any = container.add_stream(codec, rate=25, options=options)
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            if stamps:
                stream.codec_context.time_base = Fraction(1, 1000)
            if rotation:
                stream.set_display_rotation(rotation)
            for index in range(n):
                frame = av.VideoFrame.from_ndarray(picture(index, size), format="bgr24")
                if stamps:
                    frame.pts, frame.time_base = stamps[index], Fraction(1, 1000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path

    return write_clip


@pytest.fixture
def cut() -> Callable[[Path, float], Path]:
    """A function that keeps the first share of a file's bytes."""

    def cut_file(path: Path, share: float) -> Path:
        content = path.read_bytes()
        path.write_bytes(content[: round(len(content) * share)])
        return path

    return cut_file


@pytest.fixture
def spoil() -> Callable[[Path, float, int], Path]:
    """A function that overwrites bytes from some share of a file on."""

    def spoil_file(path: Path, start: float, n_bytes: int) -> Path:
        content = bytearray(path.read_bytes())
        first = round(len(content) * start)
        content[first : first + n_bytes] = b"\xa5" * n_bytes
        path.write_bytes(content)
        return path

    return spoil_file
