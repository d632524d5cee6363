"""Batch EM over planes of points, on one thread or several, with the same result to the last bit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gmmtrack.mixture.densities import BLOCK, NEVER
from gmmtrack.mixture.estimation import DIAGONAL, chunk_count, finish, gather, iterate, pass_over
from gmmtrack.mixture.kernels import LN_2, prepare
from gmmtrack.mixture.layout import parts
from gmmtrack.mixture.missing import GapPass
from gmmtrack.mixture.ordering import neighbours_first
from gmmtrack.mixture.reach import MAX_DIMS
from gmmtrack.mixture.rounds import Board, lead, new_board, open_round
from gmmtrack.mixture.statistics import Statistics
from gmmtrack.threads import Threads

Floats = NDArray[np.float64]

WORTH_IT = 100_000  # [points x components] below, waking a thread and ordering points takes longer than it saves
UNINTERRUPTED = 50_000_000  # [points x components x iterations] a tenth of a second, in which no key stops a fit


UNKNOWN = -1e300  # mean ln likelihood before the first iteration; finite, for kernels know no infinity


@dataclass(slots=True)
class Problem:
    """What one mixture is fitted to, and how.

    points: (D, N) planes · point_weights: (N,) · kind: of covariance · floor: added to variances
    held: (3,) whether weights, means, covariances stay · cap: of the clutter's share
    sides: (D,) of the box that clutter fills, (0,) for none
    prior: see `prior` · before: mean ln likelihood of the same points one iteration ago, where known
    """

    points: Floats
    point_weights: Floats
    n_components: int
    kind: int
    floor: float
    tolerance: float
    threads: Threads
    prior: Floats
    held: Floats = field(default_factory=lambda: np.zeros(3))
    cap: float = 0.0
    sides: Floats = field(default_factory=lambda: np.empty(0))
    before: float = UNKNOWN

    @property
    def n_dims(self) -> int:
        return len(self.points)

    def run(self, parameters: Floats, max_iter: int) -> tuple[Floats, bool, int]:
        """Step `parameters` (see `layout`) in place; return the lower bounds, whether EM settled, and what broke.

        That is the first component whose covariance is not positive definite, or -1.
        """
        trace = np.empty(max_iter)
        if not self.gaps:
            return _iterate(self, parameters, trace)
        work = GapPass(self)
        for i in range(max_iter):
            bad = work.run(parameters)
            if bad >= 0:
                return trace[:i], False, bad
            if finish(
                work.partials, work.totals, parameters, self.n_components, self.n_dims, self.kind, self.floor,
                self.held, self.cap, self.prior, self.tolerance, self.before, i, trace,
            ):  # fmt: skip
                return trace[: i + 1], True, -1
        return trace, False, -1

    @property
    def log2_volume(self) -> float:
        """Logarithm of the volume of the box that clutter fills, -NEVER for none."""
        return float(np.log2(self.sides).sum()) if len(self.sides) else -NEVER

    @property
    def gaps(self) -> bool:
        """Whether values are missing."""
        return bool(np.isnan(self.points).any())

    def statistics(self, parameters: Floats) -> Statistics:
        """Return the sufficient statistics of the points under `parameters`."""
        work = GapPass(self) if self.gaps else _Pass(self)
        work.run(parameters)
        gather(work.partials, work.totals)
        counts, firsts, seconds = parts(work.partials[0], self.n_components, self.n_dims)
        means = parts(parameters, self.n_components, self.n_dims)[1]
        return Statistics.from_sums(
            counts, firsts, seconds, means, float(work.totals[0, 1]), float(work.totals[0, 0]) * LN_2
        )


class _Pass:
    """The arrays of one pass over the points, made once for all iterations."""

    def __init__(self, problem: Problem) -> None:
        n_components, n_dims = problem.n_components, problem.n_dims
        n_chunks = chunk_count(problem.points.shape[1])
        self.problem = problem
        self.partials = np.empty((n_chunks, n_components * (1 + n_dims + n_dims * n_dims)))
        self.totals = np.empty((n_chunks, 2))
        self.heights = np.empty(n_components)
        self.factors = np.zeros((n_components, n_dims, n_dims))

    def run(self, parameters: Floats) -> int:
        """Fill partials and totals; return the first component that is not positive definite, or -1."""
        p = self.problem
        weights, means, covariances = parts(parameters, p.n_components, p.n_dims)
        bad: int = prepare(weights, covariances, 1, p.kind >= DIAGONAL, self.heights, self.factors)
        if bad >= 0:
            return bad
        n_threads, board = min(p.threads.n_threads, len(self.partials)), new_board()
        open_round(board)

        def work(_: int, __: int) -> None:
            pass_over(
                board, p.points, p.point_weights, self.heights, means, self.factors, p.kind, weights, p.log2_volume,
                self.partials, self.totals,
            )  # fmt: skip

        p.threads.run(work, n_threads)
        return bad


def _iterate(problem: Problem, parameters: Floats, trace: Floats) -> tuple[Floats, bool, int]:
    """Run EM on points without gaps, on several threads where they are worth it; see `Problem.run`."""
    p, work = problem, _Pass(problem)
    points, point_weights = p.points, p.point_weights
    size = points.shape[1] * p.n_components
    n_threads = min(p.threads.n_threads, len(work.partials)) if size >= WORTH_IT else 1
    if p.n_dims <= MAX_DIMS and p.n_components > 1 and size >= WORTH_IT:
        order = neighbours_first(points, BLOCK)
        points, point_weights = points.take(order, axis=1), point_weights[order]
    outcome = np.array([-1, 0, 0])
    at_once = max(1, UNINTERRUPTED // size)
    while outcome[0] < 0 and outcome[1] < len(trace) and not outcome[2]:
        board = new_board()
        until = min(outcome[1] + at_once, len(trace))

        def run(leads: bool, board: Board = board, until: int = until) -> None:
            iterate(
                leads, board, points, point_weights, parameters, p.kind, p.floor, p.held, p.cap, p.log2_volume,
                p.prior, p.tolerance, p.before, work.heights, work.factors, work.partials, work.totals, until, trace,
                outcome,
            )  # fmt: skip

        lead(board, run, n_threads)
    return trace[: outcome[1]], bool(outcome[2]), int(outcome[0])
