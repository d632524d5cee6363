"""Clusters under noise: `python demos/robust_noise.py [--output FOLDER]`.

Half as many stray points as good ones stretch every Gaussian of a plain mixture; with `noise` a uniform component takes
them, and the clusters come out as they were made (dashed). Writes robust_noise.png.
"""

import numpy as np
from charts import COLORS, FAINT, INK, Chart, output_folder, write_picture

from gmmtrack import GaussianMixture

folder = output_folder(__doc__)
random = np.random.default_rng(7)
truth = np.array([[-4.5, 2, 1.6, 0.5, 35], [3.5, 3.2, 1.3, 0.6, -50], [0.5, -3.5, 2.2, 0.6, 5]])
clusters = []
for x, y, a, b, degrees in truth:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    clusters.append(random.normal(size=(300, 2)) * (a, b) @ np.array([[c, s], [-s, c]]) + (x, y))
strays = random.uniform((-10, -7), (10, 7), (450, 2))
points = np.concatenate([*clusters, strays])

views = []
for title, noise in (("plain EM", 0.0), ("with a noise component", 0.5)):
    mixture = GaussianMixture(3, noise=noise, n_init=8, random_state=0, tol=1e-6, max_iter=500).fit(points)
    chart = Chart((540, 400), (-10, 10), (-7, 7), title, ticks=False)
    labels = mixture.predict(points)
    order = np.array([np.hypot(*(truth[:, :2] - mean).T).argmin() for mean in mixture.means_])
    tints = np.array([FAINT, *COLORS[order]])[labels + 1]
    chart.points(points, tints)
    for k, (inner, outer) in enumerate(zip(mixture.ellipses(1), mixture.ellipses(2), strict=True)):
        chart.ellipse(outer, COLORS[order[k]], 3, fill=0.12)
        chart.ellipse(inner, COLORS[order[k]], 1.5)
    for row in truth:
        chart.ellipse(row * (1, 1, 2, 2, 1), INK, 1.2, dashed=True)
    views.append(chart.image())
    found = (
        f"{mixture.noise_weight_:.2f} of the points are noise, {(labels[900:] == -1).mean():.0%} of the strays found"
    )
    print(f"{title}: {found if noise else 'every stray belongs to a cluster'}")
write_picture(folder / "robust_noise.png", np.hstack(views))
