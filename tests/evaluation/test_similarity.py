"""How alike two boxes are."""

import numpy as np

from gmmtrack.evaluation.similarity import nearness, overlap

BOX = np.array([[10.0, 10, 20, 40]])


def test_boxes_apart_in_either_direction_share_nothing():
    others = BOX + np.array([[50.0, 0, 0, 0], [0, 50, 0, 0], [50, 50, 0, 0], [20, 0, 0, 0]])
    np.testing.assert_array_equal(overlap(BOX, others), [[0, 0, 0, 0]])


def test_overlap_is_shared_over_covered_area():
    np.testing.assert_allclose(overlap(BOX, np.add(BOX, [5, 10, 0, 0])), [[15 * 30 / (2 * 800 - 450)]])


def test_boxes_of_no_size_share_nothing():
    assert overlap(BOX * [1, 1, 0, 0], BOX * [1, 1, 0, 0]) == 0


def test_nearness_is_one_half_at_the_reach_and_nothing_from_twice_that():
    others = BOX + np.array([[0.0, 0, 0, 0], [3, 4, 0, 0], [6, 8, 0, 0], [9, 12, 0, 0]])
    np.testing.assert_allclose(nearness(BOX, others, 5.0), [[1, 0.5, 0, 0]])
