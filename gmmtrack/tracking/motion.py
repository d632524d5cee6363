"""Motion: what a Kalman filter over all tracks at once knows of each; `kernels.predict` and `kernels.correct` run it.

The state of a track is x = (cx, cy, w, h, vx, vy) [pixels, pixels/s]: its centre moves with constant velocity under
white-noise acceleration, its extent drifts. Measured is z = (cx, cy, w, h). The noise of continuous white-noise
acceleration is integrated over time, so one long step equals many short ones (Bar-Shalom, Li and Kirubarajan 2001,
eq. 6.2.2-4), and is in proportion to the track's size.
"""

N_STATES = 6
N_MEASURED = 4
CENTER = slice(0, 2)
EXTENT = slice(2, 4)
VELOCITY = slice(4, 6)
