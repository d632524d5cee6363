"""How many components? `python demos/choosing_components.py [--output FOLDER]`.

Three clusters, one of them a cross that takes two Gaussians to describe: BIC counts Gaussians, ICL counts clusters, and
the minimum message length counts Gaussians in one fit that sheds what it does not need. Writes choosing_components.png.
"""

import numpy as np
from charts import COLORS, Chart, blend, output_folder, write_picture

from gmmtrack.mixture import select_components

folder = output_folder(__doc__)
random = np.random.default_rng(5)
sizes, centres = (400, 400, 350, 350), ([-4, 2], [4, 3], [1, -3.5], [1, -3.5])
spreads = ([1.2, 0.7], [0.7, 1.2], [2.1, 0.7], [0.7, 1.6])
points = np.concatenate([
    random.normal(size=(n, 2)) * spread + centre for n, centre, spread in zip(sizes, centres, spreads, strict=True)
])  # fmt: skip

names = {"bic": "BIC", "icl": "ICL", "mml": "message length"}
found = {
    name: select_components(
        points, range(1, 9), criterion=name, init_params="random_from_data", n_init=12, random_state=0, max_iter=500
    )
    for name in names
}
views = []
for name in ("bic", "icl"):
    best = found[name].best
    chart = Chart((400, 380), (-8.5, 8.5), (-9, 7), f"{names[name]}: {best.n_components} components", ticks=False)
    chart.points(points, blend(best.predict_proba(points)))
    for k, (inner, outer) in enumerate(zip(best.ellipses(1), best.ellipses(2), strict=True)):
        chart.ellipse(outer, COLORS[k], 1.5)
        chart.ellipse(inner, COLORS[k], 3, fill=0.15)
    views.append(chart.image())

chart = Chart((460, 380), (0.7, 8.3), (-0.06, 1.05), "score, lower is better")
for row, (name, selection) in enumerate(found.items()):
    scores = (selection.scores - selection.scores.min()) / np.ptp(selection.scores)
    curve, color = np.column_stack([selection.n_components, scores]), COLORS[3 + row % 3]
    chart.line(curve, color, 2.5)
    chart.points(curve, color, 3.5, 1)
    chart.points(curve[[scores.argmin()]], color, 7, 1)
    chart.text((435, 66 + 22 * row), names[name], 14, color, right=True)
    print(f"{names[name]}: {selection.best.n_components} components")
write_picture(folder / "choosing_components.png", np.hstack([*views, chart.image()]))
