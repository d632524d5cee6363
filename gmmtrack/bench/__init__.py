"""Side-by-side measurements with what else is installed: OpenCV, scikit-learn, off-the-shelf trackers."""

from gmmtrack.bench.background import BackgroundRow, bench_background
from gmmtrack.bench.comparison import Comparison, comparison_table
from gmmtrack.bench.machine import Machine, this_machine
from gmmtrack.bench.mixture import MixtureCase, MixtureRow, bench_mixture
from gmmtrack.bench.pipeline import PipelineRow, bench_pipeline
from gmmtrack.bench.soak import SoakRow, bench_soak

__all__ = [
    "BackgroundRow",
    "Comparison",
    "Machine",
    "MixtureCase",
    "MixtureRow",
    "PipelineRow",
    "SoakRow",
    "bench_background",
    "bench_mixture",
    "bench_pipeline",
    "bench_soak",
    "comparison_table",
    "this_machine",
]
