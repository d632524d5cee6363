"""Draws the picture at the top of the README: `python demos/picture.py [OUT.png]`.

A bundled clip at two moments, tracked, and the mask of the second.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

import gmmtrack as gt
from gmmtrack.outputs.trails import Trails
from gmmtrack.scenes import bundled_clips

FIRST, SECOND = 239, 319
SIZE = (480, 270)

path = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/street.png")
trails = Trails(2.0)
views = []
for result in gt.track(bundled_clips()["street"]):
    drawn = result.draw(trails=trails, mask="beside" if result.frame.index == SECOND else "none")
    if result.frame.index in (FIRST, SECOND):
        width = result.frame.image.shape[1]
        views += [drawn[:, x : x + width] for x in range(0, drawn.shape[1], width)]
    if result.frame.index == SECOND:
        break

picture = np.hstack([cv2.resize(view, SIZE, interpolation=cv2.INTER_AREA) for view in views])
# the grain of the sensor, which nobody looks for in a picture of this size, is most of a PNG's bytes
picture = cv2.bilateralFilter(picture, 5, 24, 3)
cv2.imwrite(str(path), picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])
print(f"wrote {path}, {path.stat().st_size / 1000:.0f} kB")
