"""Track what a camera sees, and say who comes and goes: `python demos/webcam.py [--camera 0] [--frames N] [--show]`.

Where there is no camera, a bundled clip stands in.
"""

import argparse
from itertools import islice

import cv2

import gmmtrack as gt
from gmmtrack.outputs.trails import Trails
from gmmtrack.scenes import bundled_clips

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--camera", type=int, default=0)
parser.add_argument("--frames", type=int, default=150)
parser.add_argument("--show", action="store_true", help="in a window; q ends")
arguments = parser.parse_args()

try:
    source = gt.open_source(arguments.camera)
except gt.SourceError as error:
    print(f"{error}; a bundled clip stands in")
    source = gt.open_source(bundled_clips()["street"])

present: set[int] = set()
trails = Trails()
for result in islice(gt.track(source), arguments.frames):
    now = set(result.tracks.ids.tolist())
    for track in sorted(now - present):
        print(f"{result.frame.time:6.2f} s  {track} has come")
    for track in sorted(present - now):
        print(f"{result.frame.time:6.2f} s  {track} has gone")
    present = now
    if arguments.show:
        cv2.imshow("gmmtrack", result.draw(trails=trails))
        if cv2.waitKey(1) == ord("q"):
            break
source.close()
