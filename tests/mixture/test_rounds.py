"""Threads that share out work inside a kernel."""

import threading

import numpy as np
import pytest

from gmmtrack.compilation import kernel
from gmmtrack.mixture.rounds import await_end, await_round, claim, close, lead, new_board, open_round, report
from gmmtrack.threads import Threads


@kernel
def cumulate(leads, board, table):
    """Write into each row of table (R, N) the one before plus 1, shifted by one place, piece by piece."""
    n_rounds, n = table.shape
    done = 1
    while True:
        if leads:
            if done == n_rounds:
                close(board)
                return
            open_round(board)
        elif not await_round(board, n):
            return
        mine = claim(board, n)
        while mine >= 0:
            now = board[0, 0] // (1 << 32)  # the round, which lasts until this piece is done
            table[now, mine] += table[now - 1, (mine + 1) % n] + 1
            report(board)
            mine = claim(board, n)
        if leads:
            await_end(board, n)
            done += 1


@pytest.fixture(scope="module", autouse=True)
def compiled():
    cumulate(True, new_board(), np.zeros((1, 2), np.int64))


def wanted(n_rounds, n):
    return np.broadcast_to(np.arange(n_rounds)[:, None], (n_rounds, n))


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_every_piece_is_done_once_after_all_of_the_round_before(n_threads):
    board, table = new_board(), np.zeros((300, 40), np.int64)
    Threads(n_threads).run(lambda thread, _: cumulate(thread == 0, board, table), n_threads)
    np.testing.assert_array_equal(table, wanted(300, 40))


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_a_leader_has_all_done_with_helpers_that_come_when_they_can(n_threads):
    board, table = new_board(), np.zeros((300, 40), np.int64)
    lead(board, lambda leads: cumulate(leads, board, table), n_threads)
    np.testing.assert_array_equal(table, wanted(300, 40))


def test_helpers_go_when_their_leader_fails():
    board, gone = new_board(), threading.Event()

    def work(leads):
        if leads:
            raise KeyError("leader")
        cumulate(False, board, np.zeros((2, 2), np.int64))
        gone.set()

    with pytest.raises(KeyError):
        lead(board, work, 2)
    assert gone.wait(timeout=10)


def test_the_leader_does_not_wait_for_helpers_that_never_come():
    table = np.zeros((20, 7), np.int64)
    cumulate(True, new_board(), table)
    np.testing.assert_array_equal(table, wanted(20, 7))


def test_a_helper_that_comes_too_late_goes():
    board, table = new_board(), np.zeros((20, 7), np.int64)
    cumulate(True, board, table)
    before = table.copy()
    cumulate(False, board, table)
    np.testing.assert_array_equal(table, before)


def test_a_round_hands_out_each_piece_once_and_a_closed_board_none():
    board = new_board()
    open_round.py_func(board)
    assert [claim.py_func(board, 2) for _ in range(3)] == [0, 1, -1]
    report.py_func(board)
    assert board[1, 0] == 1
    open_round.py_func(board)
    assert claim.py_func(board, 2) == 0
    close.py_func(board)
    assert (claim.py_func(board, 2), await_round.py_func(board, 2)) == (-1, False)
