import pytest

from gmmtrack.bench import bench_soak
from gmmtrack.errors import ArgumentError


def test_a_soak_tells_of_ten_stretches_and_gives_no_id_twice():
    rows = bench_soak(600).rows
    assert [row.n_frames for row in rows] == list(range(60, 601, 60))
    assert all(row.milliseconds > 0 for row in rows)
    assert rows[-1].n_ids > 0
    assert rows[-1].n_returned == 0
    assert rows[0].memory <= rows[-1].memory


def test_too_few_frames_are_refused():
    with pytest.raises(ArgumentError) as caught:
        bench_soak(9)
    assert str(caught.value) == "n_frames must be >= 10, got 9"
