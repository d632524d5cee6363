"""EM in the plane, step by step: `python demos/em_2d.py [--output FOLDER]`.

Four ellipses start in the wrong places and find the clusters; the likelihood rises with every step. Writes the
animation em_2d.mp4, and em_2d.png, its first, fourth and last picture.
"""

import numpy as np
from charts import COLORS, Chart, blend, likelihood_chart, output_folder, write_picture, write_video

from gmmtrack import GaussianMixture

folder = output_folder(__doc__)
random = np.random.default_rng(2)
centres = np.array([[-4, -2], [3.5, -2.5], [0.5, 3], [5, 3.5]])
shapes = np.array([[[1.6, 0], [0.9, 0.5]], [[0.6, 0], [0, 1.4]], [[1.8, 0], [-0.9, 0.5]], [[0.7, 0], [0.3, 0.7]]])
labels = random.integers(0, 4, 1500)
points = centres[labels] + np.einsum("nij,nj->ni", shapes[labels], random.normal(size=(1500, 2)))

start = {"means_init": [[-1, -1], [0.5, -1], [-0.5, 0.5], [1, 0.8]], "precisions_init": [np.eye(2) / 5] * 4}
mixture = GaussianMixture(4, max_iter=0, weights_init=[0.25] * 4, **start).fit(points)
steps, bounds = [], []
for _ in range(25):
    sums = mixture.statistics(points)  # the E-step ...
    bounds.append(sums.log_likelihood / sums.weight)
    steps.append((mixture.predict_proba(points), mixture.ellipses(1), mixture.ellipses(2)))
    mixture.maximise(sums)  # ... and the M-step


def plot(i, size):
    shares, inner, outer = steps[i]
    chart = Chart(size, (-9, 9), (-7.5, 7.5), "start" if i == 0 else f"after {i} step{'s' * (i > 1)}", ticks=False)
    chart.points(points, blend(shares))
    for k in range(4):
        chart.ellipse(outer[k], COLORS[k], 1.5)
        chart.ellipse(inner[k], COLORS[k], 3, fill=0.15)
    return chart.image()


def curve(i, size):
    return likelihood_chart(size, bounds[: i + 1], 24, bounds[0] - 0.1, bounds[-1] + 0.1).image()


print(f"log likelihood of a point: {bounds[0]:.3f} at the start, {bounds[-1]:.3f} after {len(bounds) - 1} steps")
frames = [np.hstack([plot(i, (600, 480)), curve(i, (360, 480))]) for i in range(len(steps))]
write_video(folder / "em_2d.mp4", frames, 0.15)
views = [plot(i, (400, 340)) for i in (0, 4, len(steps) - 1)]
write_picture(folder / "em_2d.png", np.hstack([*views, curve(24, (340, 340))]))
