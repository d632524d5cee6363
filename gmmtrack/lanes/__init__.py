"""Many numbers that kernels compute with at once, as if they were one."""

from gmmtrack.lanes.ranges import MANY, within, within_in_light
from gmmtrack.lanes.vectors import (
    LANES,
    any_lane,
    lanes,
    load,
    prefetch,
    root,
    spread,
    store,
    weave,
    where,
)

__all__ = [
    "LANES",
    "MANY",
    "any_lane",
    "lanes",
    "load",
    "prefetch",
    "root",
    "spread",
    "store",
    "weave",
    "where",
    "within",
    "within_in_light",
]
