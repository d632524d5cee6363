"""Gaussian mixtures over points, from scratch and batch by batch: `python demos/em_clustering.py`.

Writes a picture of the points and the ellipses that EM finds, as output/em_clustering.png.
"""

from pathlib import Path

import cv2
import numpy as np

from gmmtrack.mixture import GaussianMixture

folder = Path("output")
folder.mkdir(exist_ok=True)

random = np.random.default_rng(4)
means = np.array([[150, 140], [330, 250], [480, 120]])
shapes = np.array([[[40, 0], [25, 20]], [[60, 0], [-30, 15]], [[20, 0], [5, 45]]])
labels = random.integers(0, 3, 3000)
points = means[labels] + np.einsum("nij,nj->ni", shapes[labels], random.normal(size=(3000, 2)))

mixture = GaussianMixture(n_components=3, random_state=0).fit(points)
print(f"at once: {mixture.n_iter_} iterations, log likelihood {mixture.score(points):.4f} a point")

stream = GaussianMixture(n_components=3, random_state=0)
for batch in np.array_split(points, 30):
    stream.partial_fit(batch)
print(f"in 30 batches, each seen once: log likelihood {stream.score(points):.4f} a point")

colors = [(201, 120, 40), (60, 160, 60), (50, 60, 210)]
image = np.full((380, 640, 3), 255, np.uint8)
for (x, y), k in zip(points, mixture.predict(points), strict=True):
    cv2.circle(image, (round(x), round(y)), 1, colors[k], -1, cv2.LINE_AA)
for k in range(3):
    variances, axes = np.linalg.eigh(mixture.covariances_[k])
    angle = np.degrees(np.arctan2(axes[1, 1], axes[0, 1]))
    for n_sigma in (1, 2):
        half = n_sigma * np.sqrt(variances[::-1])
        box = (tuple(map(float, mixture.means_[k])), tuple(map(float, 2 * half)), float(angle))
        cv2.ellipse(image, box, colors[k], 2, cv2.LINE_AA)
cv2.imwrite(str(folder / "em_clustering.png"), image)
print(f"wrote {folder / 'em_clustering.png'}")
