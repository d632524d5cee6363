"""Work shared out over threads, for kernels that release the GIL."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait


def available_threads() -> int:
    """Return how many processors this process may use; GMMTRACK_THREADS overrides it."""
    override = os.environ.get("GMMTRACK_THREADS", "")
    if override.isdigit() and int(override) > 0:
        return int(override)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Threads:
    """A crew that runs `work(start, stop)` over a range, each thread a contiguous part; the caller is one of them."""

    def __init__(self, n_threads: int) -> None:
        self.n_threads = n_threads
        self._pool: ThreadPoolExecutor | None = None

    def run(self, work: Callable[[int, int], None], n_items: int, smallest_share: int = 1) -> None:
        """Call `work` on parts that cover range(n_items); return when all are done, raising what any of them raised."""
        n_parts = max(1, min(self.n_threads, n_items // smallest_share))
        edges = [n_items * part // n_parts for part in range(n_parts + 1)]
        if n_parts == 1:
            work(0, n_items)
            return
        self._pool = self._pool or ThreadPoolExecutor(self.n_threads - 1, "gmmtrack")
        others = [self._pool.submit(work, edges[p], edges[p + 1]) for p in range(1, n_parts)]
        try:
            work(edges[0], edges[1])
        finally:
            wait(others)
        for other in others:
            other.result()

    def __reduce__(self) -> tuple[type["Threads"], tuple[int]]:
        return Threads, (self.n_threads,)
