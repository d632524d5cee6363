"""The background model by itself, in a pipeline of one's own: `python demos/background_model.py [VIDEO]`.

Learns a clip's background from frames all over it, writes it as output/background.png, and says how much moves.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

import gmmtrack as gt
from gmmtrack.scenes import bundled_clips

video = sys.argv[1] if len(sys.argv) > 1 else bundled_clips()["street"]
folder = Path("output")
folder.mkdir(exist_ok=True)

model = gt.BackgroundModel()  # preset="mog2" decides as OpenCV's BackgroundSubtractorMOG2 does
with gt.open_source(video) as frames:
    model.prime(frames.sample(40))
    for frame in frames:
        mask = model.apply(frame.image, time=frame.time)
        if frame.index % 50 == 0:
            moving, shaded = np.mean(mask == 255), np.mean(mask == 127)
            print(f"{frame.time:5.1f} s  {moving:6.2%} of the pixels move, {shaded:6.2%} are shadow")

cv2.imwrite(str(folder / "background.png"), model.background)
print(f"wrote {folder / 'background.png'}")
