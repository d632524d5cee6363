"""Window: results on the screen as they come."""

from __future__ import annotations

import os
import subprocess
import sys
from types import TracebackType
from typing import Self

import cv2

from gmmtrack.errors import OutputError
from gmmtrack.outputs.drawing import DrawingSettings, draw
from gmmtrack.outputs.result import Result
from gmmtrack.outputs.trails import Trails

_TRIAL = "import cv2; cv2.namedWindow('gmmtrack'); cv2.waitKey(1)"
_ESCAPE = 27


class Window:
    """A window that shows annotated frames until it is closed, or q or Esc is pressed.

    OutputError at birth where there is no screen to open it on.
    """

    def __init__(self, title: str, settings: DrawingSettings) -> None:
        check_display()
        self._title = title
        self._settings = settings
        self._trails = Trails(settings.trails)
        cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO)

    def show(self, result: Result) -> bool:
        """Show one frame; return False where the user wants no more."""
        cv2.imshow(self._title, draw(result, trails=self._trails, settings=self._settings))
        key = cv2.waitKey(1) & 0xFF
        return key not in (ord("q"), _ESCAPE) and cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) >= 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        cv2.destroyAllWindows()


def check_display() -> None:
    """Raise OutputError where no window can be opened.

    Tried in a process of its own: where the screen does not answer, OpenCV's windows abort the process.
    """
    remedy = "write a video with --video instead"
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise OutputError(f"--show needs a screen, and DISPLAY is not set; {remedy}")
    trial = subprocess.run([sys.executable, "-c", _TRIAL], capture_output=True, check=False)
    if trial.returncode:
        raise OutputError(f"--show needs a screen, and no window opens here; {remedy}")
