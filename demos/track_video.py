"""Track a video, and follow one object through it: `python demos/track_video.py [VIDEO] [--frames N]`."""

import argparse
from itertools import islice

import gmmtrack as gt
from gmmtrack.scenes import bundled_clips

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("video", nargs="?", default=bundled_clips()["highway"])
parser.add_argument("--frames", type=int, default=200)
arguments = parser.parse_args()

paths: dict[int, list[tuple[float, float]]] = {}
for result in islice(gt.track(arguments.video), arguments.frames):
    for track, (x, y) in zip(result.tracks.ids.tolist(), result.tracks.centers.tolist(), strict=True):
        paths.setdefault(track, []).append((x, y))

print(f"{len(paths)} tracks")
if paths:
    longest = max(paths, key=lambda track: len(paths[track]))
    (x0, y0), (x1, y1) = paths[longest][0], paths[longest][-1]
    print(f"track {longest} was seen longest: {len(paths[longest])} frames, ", end="")
    print(f"from ({x0:.0f}, {y0:.0f}) to ({x1:.0f}, {y1:.0f}) pixels")
