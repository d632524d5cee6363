"""Work shared out over threads inside a kernel, round after round: one leads, and nobody waits for one held up.

To wake a sleeping thread takes longer than a pass over 10,000 points, and on a busy machine one may be without a
processor for as long as a whole fit. So helpers stay awake, each takes the next piece of a round that nobody has, and
a round is over when all pieces are done, whoever did them.
"""

import sys
import time
from _thread import start_new_thread
from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload
from numpy.typing import NDArray

from gmmtrack.compilation import inner_kernel, kernel

Board = NDArray[np.int64]

_TICKET, _DONE = 0, 1  # rows: the number of the round times 2^32, plus that of its next piece; pieces done
_APART = 16  # [int64] two threads that write to the same line of the cache hinder each other
_ROUND = 1 << 32
_CLOSED = -(1 << 62)
_SPINS = 2000  # before the processor is left to others; about as long as they take to wake
_COUNTING = Lock()


def new_board() -> Board:
    """Return what leader and helpers share, before the first round."""
    board = np.zeros((2, _APART), np.int64)
    board[_TICKET, 0] = _ROUND - 1  # no round has so many pieces
    return board


def lead(board: Board, work: Callable[[bool], None], n_threads: int) -> None:
    """Call work(True), which closes the board, and on n_threads - 1 other threads work(False), when they come to it.

    Nobody waits for them, neither to start, which takes as long as a pass over 20,000 points, nor to end.
    """
    for _ in range(n_threads - 1):
        start_new_thread(work, (False,))
    try:
        work(True)
    finally:
        board[_TICKET, 0] = _CLOSED  # where an error kept the leader from it


@kernel
def open_round(board: Board) -> None:
    """Let pieces be claimed, from 0 on; what the leader wrote before is seen by all who do. All of before are done."""
    board[_DONE, 0] = 0
    _publish(board, _TICKET, (_seen(board, _TICKET) // _ROUND + 1) * _ROUND)


@inner_kernel
def close(board: Board) -> None:
    """Let helpers go."""
    _publish(board, _TICKET, _CLOSED)


@inner_kernel
def claim(board: Board, n_pieces: int) -> int:
    """Return a piece of the present round that nobody else has, or -1. The round lasts until it is done."""
    ticket = _count_up(board, _TICKET)
    piece = ticket % _ROUND
    return piece if ticket >= 0 and piece < n_pieces else -1


@inner_kernel
def report(board: Board) -> None:
    """Say that a piece is done."""
    _count_up(board, _DONE)


@inner_kernel
def await_end(board: Board, n_pieces: int) -> None:
    """Wait until all pieces of the round are done; what was written for them is seen."""
    spins = 0
    while _seen(board, _DONE) < n_pieces:
        spins = _wait(spins)


@inner_kernel
def await_round(board: Board, n_pieces: int) -> bool:
    """Wait until there are pieces to claim; return False when there will be none any more."""
    spins = 0
    while True:
        ticket = _seen(board, _TICKET)
        if ticket < 0 or ticket % _ROUND < n_pieces:
            there_are: bool = ticket >= 0
            return there_are
        spins = _wait(spins)


@inner_kernel
def _wait(spins: int) -> int:
    if spins > _SPINS:
        _give_way()
    return spins + 1


def _publish(board: Board, row: int, value: int) -> None:
    """Write a number for the others to see, after all that was written before."""
    board[row, 0] = value


def _seen(board: Board, row: int) -> Any:
    """Return a number; what its writer wrote before is seen, too."""
    return board[row, 0]


def _count_up(board: Board, row: int) -> int:
    """Add 1 to a number and return what it was, which nobody else gets."""
    with _COUNTING:
        board[row, 0] += 1
        return int(board[row, 0]) - 1


def _give_way() -> None:
    """Let another thread have the processor."""
    time.sleep(0)


_yield = types.ExternalFunction("SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32())


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, row: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [builder.mul(row, ir.Constant(row.type, _APART))], inbounds=True)


@intrinsic
def _store_release(typing_context: Any, board: Any, row: Any, value: Any) -> Any:  # noqa: ARG001 - Numba's convention
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], *arguments[:2])
        builder.store_atomic(arguments[2], pointer, "release", 8)
        return context.get_dummy_value()

    return types.void(board, types.int64, types.int64), generate


@intrinsic
def _load_acquire(typing_context: Any, board: Any, row: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_pointer(context, builder, signature.args[0], *arguments), "acquire", 8)

    return types.int64(board, types.int64), generate


@intrinsic
def _fetch_and_add(typing_context: Any, board: Any, row: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], *arguments)
        return builder.atomic_rmw("add", pointer, ir.Constant(ir.IntType(64), 1), "acq_rel")

    return types.int64(board, types.int64), generate


@overload(_publish)
def _compiled_publish(board, row, value):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return lambda board, row, value: _store_release(board, row, value)  # type: ignore[call-arg]


@overload(_seen)
def _compiled_seen(board, row):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return lambda board, row: _load_acquire(board, row)  # type: ignore[call-arg]


@overload(_count_up)
def _compiled_count_up(board, row):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return lambda board, row: _fetch_and_add(board, row)  # type: ignore[call-arg]


@overload(_give_way)
def _compiled_give_way():  # type: ignore[no-untyped-def]
    return lambda: _yield()
