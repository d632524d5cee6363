from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gmmtrack.errors import OutputError
from gmmtrack.outputs import kept_masks
from gmmtrack.outputs.kept_masks import KeptMasks

masks = arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.sampled_from([0, 127, 255]))


@settings(deadline=None)
@given(st.lists(masks, max_size=5))
def test_masks_come_back_as_they_were_and_backward_with_their_colours(given_masks):
    with closing(KeptMasks()) as kept:
        for mask in given_masks:
            kept.add(mask, mask // 2)
        assert len(kept) == len(given_masks)
        for _ in range(2):
            for one, other in zip(given_masks, kept, strict=True):
                assert other.dtype == np.uint8
                np.testing.assert_array_equal(one, other)
            for one, (mask, colors) in zip(given_masks[::-1], reversed(kept), strict=True):
                np.testing.assert_array_equal(one, mask)
                np.testing.assert_array_equal(one // 2, colors)


def test_masks_may_be_added_after_some_were_read():
    with closing(KeptMasks()) as kept:
        for level in range(5):
            kept.add(np.full((4, 6), level, np.uint8), np.full((4, 6), 9, np.uint8))
            assert [int(mask.mean()) for mask in kept] == list(range(level + 1))


def test_many_masks_go_to_the_disk(monkeypatch):
    monkeypatch.setattr(kept_masks, "_IN_MEMORY", 100)
    with closing(KeptMasks()) as kept:
        for level in range(50):
            kept.add(*[np.full((40, 60), level, np.uint8)] * 2)
        assert [int(mask.mean()) for mask in kept] == list(range(50))


def test_a_full_disk_is_told():
    kept = KeptMasks()

    class Full:
        def seek(self, _):
            pass

        def write(self, _):
            raise OSError(28, "No space left on device")

    kept.close()
    kept._file = Full()
    with pytest.raises(OutputError, match=r"^cannot keep masks in a temporary file: No space left on device$"):
        kept.add(*[np.zeros((2, 2), np.uint8)] * 2)
