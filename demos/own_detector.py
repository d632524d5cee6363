"""Any detector, here OpenCV's own motion blobs, with gmmtrack's tracker: `python demos/own_detector.py [VIDEO]`."""

import sys

import cv2
import numpy as np

import gmmtrack as gt
from gmmtrack.scenes import bundled_clips


def detect(image, subtractor):
    """Return boxes (N, 4), x0, y0, x1, y1 [pixels]; a neural network's would do as well."""
    mask = cv2.medianBlur(cv2.threshold(subtractor.apply(image), 254, 255, cv2.THRESH_BINARY)[1], 5)
    blobs = cv2.connectedComponentsWithStats(cv2.dilate(mask, np.ones((7, 7), np.uint8)))[2][1:]
    x, y, width, height = blobs[blobs[:, cv2.CC_STAT_AREA] > 400, :4].T
    return np.stack([x, y, x + width, y + height], axis=1)


video = sys.argv[1] if len(sys.argv) > 1 else bundled_clips()["highway"]
subtractor = cv2.createBackgroundSubtractorMOG2()
tracker = gt.Tracker(coast=0.5)
with gt.open_source(video) as frames:
    for frame in frames:
        tracks = tracker.update(detect(frame.image, subtractor), time=frame.time)
        if frame.index % 50 == 39:
            speeds = np.linalg.norm(tracks.velocities, axis=1)
            told = ", ".join(
                f"{track} at {speed:.0f} pixels/s" for track, speed in zip(tracks.ids, speeds, strict=True)
            )
            print(f"{frame.time:5.2f} s  {told or 'nobody'}")
