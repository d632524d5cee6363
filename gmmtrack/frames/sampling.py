"""Places spread evenly."""


def even_positions(n_items: int, n: int) -> list[int]:
    """Return at most `n` different positions in range(n_items), each in the middle of an equal share."""
    n = min(n, n_items)
    return [(2 * share + 1) * n_items // (2 * n) for share in range(n)]
