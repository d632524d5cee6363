"""Clusters that wander, followed batch by batch: `python demos/drift.py [--output FOLDER]`.

`partial_fit` sees each batch of 60 points once and forgets old ones; a mixture fitted to all of them at once sees only
a blur. Writes the animation drift.mp4, and drift.png, the whole way.
"""

import numpy as np
from charts import COLORS, FAINT, INK, Chart, output_folder, write_picture, write_video

from gmmtrack import GaussianMixture

N_BATCHES = 160
folder = output_folder(__doc__)
random = np.random.default_rng(0)


def truth(t):
    """Return where the clusters are at t from 0 to 1, (3, 2)."""
    angle = np.array([0.2, 2.3, 4.4]) + 2.6 * t
    radius = np.array([5.0, 4.0, 4.6]) + np.array([0.5, 1.5, -1.5]) * np.sin(6 * t)
    return np.column_stack([1.5 * radius * np.cos(angle), radius * np.sin(angle)])


times = np.linspace(0, 1, N_BATCHES)
ways = np.array([truth(t) for t in times])
batches = [way[random.integers(0, 3, 60)] + random.normal(0, 0.55, (60, 2)) for way in ways]
mixture = GaussianMixture(
    3, forgetting=0.3, means_init=ways[0], precisions_init=[np.eye(2)] * 3, weights_init=[1 / 3] * 3
)
found, rings = [], []
for batch in batches:
    mixture.partial_fit(batch)
    found.append(mixture.means_)
    rings.append(mixture.ellipses(2))
found = np.array(found)
error = np.linalg.norm(found - ways, axis=2)[20:].mean()
print(f"the means are {error:.2f} from the truth, where clusters have a standard deviation of 0.55")


def plot(i, size, title, n_old):
    chart = Chart(size, (-11, 11), (-7.5, 7.5), title, ticks=False)
    first = max(0, i + 1 - n_old)
    for b in range(first, i + 1):
        fresh = (b + 1 - first) / (i + 1 - first)
        chart.points(batches[b], np.array(FAINT) * fresh + 244 * (1 - fresh), 1.6, 1)
    for k in range(3):
        chart.line(ways[: i + 1, k], INK, 1, dashed=True)
        chart.line(found[: i + 1, k], COLORS[k], 3)
        for j in range(i % 40, i, 40):
            chart.ellipse(rings[j][k], COLORS[k], 1)
        chart.ellipse(rings[i][k], COLORS[k], 3, fill=0.25)
    return chart.image()


frames = [plot(i, (640, 440), f"batch {i + 1}", 12) for i in range(3, N_BATCHES, 4)]
write_video(folder / "drift.mp4", frames, 0.1)
once = GaussianMixture(3, random_state=0).fit(np.concatenate(batches))
blur = Chart((520, 380), (-11, 11), (-7.5, 7.5), "all points at once", ticks=False)
blur.points(np.concatenate(batches[::2]), FAINT, 1.4, 0.7)
for k, ring in enumerate(once.ellipses(2)):
    blur.ellipse(ring, COLORS[k], 3, fill=0.2)
followed = plot(N_BATCHES - 1, (520, 380), "batch by batch, old ones forgotten", N_BATCHES)
write_picture(folder / "drift.png", np.hstack([blur.image(), followed]))
