"""How many threads a command computes with."""

import os

from gmmtrack.errors import ArgumentError


def use_threads(n_threads: int | None) -> None:
    """Let gmmtrack and OpenCV compute with `n_threads` threads in this process; None leaves it to them."""
    if n_threads is None:
        return
    if n_threads < 1:
        raise ArgumentError(f"--threads must be >= 1, got {n_threads}")
    import cv2

    os.environ["GMMTRACK_THREADS"] = str(n_threads)
    cv2.setNumThreads(n_threads)
