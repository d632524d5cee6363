"""A scene written to files: a video that plays anywhere, its tracks as MOT text, its masks as CDnet lays them out."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TextIO

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.errors import ArgumentError, OutputError
from gmmtrack.scenes.scene import Scene, TrueFrame


def write_clip(scene: Scene, stem: str | Path, *, crf: int = 24, masks: str | Path | None = None) -> tuple[Path, Path]:
    """Write `scene` to STEM.mp4 (H.264) and STEM.txt (MOT text), and return both paths.

    crf: H.264's quality, 0 (lossless) to 51 · masks: a folder for frames and masks as CDnet lays them out, or None
    Raises ArgumentError for an endless scene, and OutputError where the files cannot be written.
    """
    if scene.n_frames is None:
        raise ArgumentError("duration must be given to write a scene, got None; replace it with seconds")
    if scene.size[0] % 2 or scene.size[1] % 2:
        raise ArgumentError(f"size must be even to be written as H.264, got {scene.size[0]} x {scene.size[1]}")
    if not 0 <= crf <= 51:
        raise ArgumentError(f"crf must be 0 to 51, got {crf!r}")
    video, truth = Path(f"{stem}.mp4"), Path(f"{stem}.txt")
    try:
        video.parent.mkdir(parents=True, exist_ok=True)
        with truth.open("w", encoding="ascii", newline="\n") as text:
            frames = _noting_tracks(scene.frames(), text)
            if masks is not None:
                frames = _keeping_masks(frames, Path(masks), scene.n_frames)
            _encode((displayable(frame.image) for frame in frames), video, scene, crf)
    except (OSError, av.FFmpegError) as error:
        raise OutputError(f"cannot write {stem}: {error}") from error
    return video, truth


def mot_lines(frame: TrueFrame) -> list[str]:
    """Return the lines of MOT text for what is seen in `frame`: one object a line, each box as far as the frame goes.

    frame (from 1), id, left, top, width, height, 1, class, visibility
    A box covers parts that scenery or others hide, but not parts beyond the frame's edge.
    """
    height, width = frame.mask.shape
    lines = []
    for row in np.flatnonzero(frame.visible):
        x0, y0, x1, y1 = (int(edge) for edge in np.clip(frame.boxes[row], 0, (width, height, width, height)))
        where = f"{x0},{y0},{x1 - x0},{y1 - y0}"
        lines.append(f"{frame.index + 1},{frame.ids[row]},{where},1,{frame.labels[row]},{frame.visibility[row]:.3f}")
    return lines


def displayable(image: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Return `image` as (H, W, 3) uint8; 16-bit counts lose 6800 and are divided by 9, as `Camera` made them."""
    if image.dtype == np.uint16:
        image = np.clip((image.astype(np.float32) - 6800) / 9, 0, 255).astype(np.uint8)
    return np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else np.asarray(image, np.uint8)


def _noting_tracks(frames: Iterable[TrueFrame], text: TextIO) -> Iterator[TrueFrame]:
    for frame in frames:
        text.writelines(line + "\n" for line in mot_lines(frame))
        yield frame


def _keeping_masks(frames: Iterable[TrueFrame], folder: Path, n_frames: int) -> Iterator[TrueFrame]:
    """Write each frame and its mask as CDnet lays them out, and hand it on."""
    for name in ("input", "groundtruth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "temporalROI.txt").write_text(f"1 {n_frames}\n", encoding="ascii")
    for frame in frames:
        number = f"{frame.index + 1:06d}"
        if frame.index == 0:
            _write_image(folder / "ROI.bmp", np.full(frame.mask.shape, 255, np.uint8))
        _write_image(folder / "input" / f"in{number}.jpg", displayable(frame.image))
        _write_image(folder / "groundtruth" / f"gt{number}.png", frame.mask)
        yield frame


def _write_image(path: Path, image: NDArray[np.uint8]) -> None:
    packed, data = cv2.imencode(path.suffix, image)
    if not packed:
        raise OutputError(f"cannot encode {path}")
    path.write_bytes(data.tobytes())


def _encode(images: Iterable[NDArray[np.uint8]], path: Path, scene: Scene, crf: int) -> None:
    rate = Fraction(scene.frame_rate).limit_denominator(1001)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        # One thread, so that the bytes do not depend on how many the machine has.
        stream = container.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": "slow", "threads": "1"})
        stream.width, stream.height = scene.size
        stream.pix_fmt = "yuv420p"
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
