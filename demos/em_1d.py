"""EM on a line, step by step: `python demos/em_1d.py [--output FOLDER]`.

Three bell curves start beside each other and become the parts of a histogram; the likelihood rises with every step.
Writes the animation em_1d.mp4, and em_1d.png, its first, fourth and last picture.
"""

import numpy as np
from charts import COLORS, INK, Chart, likelihood_chart, output_folder, write_picture, write_video

from gmmtrack import GaussianMixture

N_STEPS, GRAY = 30, (205, 200, 196)
folder = output_folder(__doc__)
random = np.random.default_rng(1)
points = np.concatenate([random.normal(-3, 0.8, 700), random.normal(0.5, 1.4, 900), random.normal(5, 0.6, 400)])[
    :, None
]
heights, edges = np.histogram(points, 60, (-7, 9), density=True)
x = np.linspace(-7, 9, 400)

start = {"means_init": [[-0.5], [0.5], [1.5]], "precisions_init": [[[0.5]]] * 3}
mixture = GaussianMixture(3, max_iter=0, weights_init=[1 / 3] * 3, **start).fit(points)
steps, bounds = [], []
for _ in range(N_STEPS + 1):
    sums = mixture.statistics(points)  # the E-step ...
    bounds.append(sums.log_likelihood / sums.weight)
    total = np.exp(mixture.score_samples(x[:, None]))
    steps.append((total, mixture.predict_proba(x[:, None]) * total[:, None]))
    mixture.maximise(sums)  # ... and the M-step


def plot(i, size):
    total, parts = steps[i]
    chart = Chart(size, (-7, 9), (0, 0.26), "start" if i == 0 else f"after {i} step{'s' * (i > 1)}")
    chart.fill([[-7, 0], *np.column_stack([np.repeat(edges, 2)[1:-1], np.repeat(heights, 2)]), [9, 0]], GRAY, 0.6)
    for k in range(3):
        chart.fill([[x[0], 0], *np.column_stack([x, parts[:, k]]), [x[-1], 0]], COLORS[k], 0.35)
        chart.line(np.column_stack([x, parts[:, k]]), COLORS[k], 2.5)
    chart.line(np.column_stack([x, total]), INK, 1.8)
    return chart.image()


def curve(i, size):
    return likelihood_chart(size, bounds[: i + 1], N_STEPS, bounds[0] - 0.05, bounds[-1] + 0.05).image()


print(f"log likelihood of a point: {bounds[0]:.3f} at the start, {bounds[-1]:.3f} after {N_STEPS} steps")
frames = [np.hstack([plot(i, (600, 400)), curve(i, (340, 400))]) for i in range(len(steps))]
write_video(folder / "em_1d.mp4", frames, 0.12)
views = [plot(i, (400, 300)) for i in (0, 4, N_STEPS)]
write_picture(folder / "em_1d.png", np.hstack([*views, curve(N_STEPS, (340, 300))]))
