"""How alike two boxes are, from 0 to 1."""

import numpy as np
from numpy.typing import NDArray


def overlap(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (N, M) intersection over union of boxes (N, 4) and (M, 4), x, y, width, height [pixels]."""
    p, q = a[:, None], b[None]
    width = np.minimum(p[..., 0] + p[..., 2], q[..., 0] + q[..., 2]) - np.maximum(p[..., 0], q[..., 0])
    height = np.minimum(p[..., 1] + p[..., 3], q[..., 1] + q[..., 3]) - np.maximum(p[..., 1], q[..., 1])
    shared = np.clip(width, 0, None) * np.clip(height, 0, None)
    union = p[..., 2] * p[..., 3] + q[..., 2] * q[..., 3] - shared
    share: NDArray[np.float64] = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return share


def nearness(a: NDArray[np.float64], b: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    """Return (N, M): 1 where centres coincide, 0.5 where they are `reach` [pixels] apart, 0 from twice that."""
    p, q = a[:, :2] + a[:, 2:4] / 2, b[:, :2] + b[:, 2:4] / 2
    distance = np.linalg.norm(p[:, None] - q[None], axis=-1)
    near: NDArray[np.float64] = np.clip(1 - distance / (2 * reach), 0, 1)
    return near
