"""Tiles: pixels taken LANES at a time, and where the state of each lies; compiled where kernels call it."""

from typing import Any

from gmmtrack.compilation import lean_inline_kernel
from gmmtrack.lanes import LANES

TILE = LANES  # pixels


def n_tiles_of(size: tuple[int, int]) -> int:
    """Return how many tiles frames of a size (height, width) [pixels] fill, the last one perhaps in part."""
    return -(-size[0] * size[1] // TILE)


@lean_inline_kernel
def gaussian_of(n_channels: int, p: int) -> int:
    """Return where the variance of a pixel's heaviest component is, counted row by row; its means follow TILE apart."""
    return p // TILE * (1 + n_channels) * TILE + p % TILE


@lean_inline_kernel
def place(model: tuple[Any, ...], k: int, t: int) -> int:
    """Return where the weights of component k of a tile begin; its Gaussians begin 1 + C times as far."""
    n_tiles: int = model[2].shape[0]
    n_components: int = model[4]
    return t * TILE if k == 0 else (n_tiles + t * (n_components - 1) + k - 1) * TILE
