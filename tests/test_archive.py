"""Paths that archives are written to and read from."""

import numpy as np
import pytest

import gmmtrack as gt


@pytest.mark.parametrize("path", [3, None, b"street.npz"])
def test_a_path_that_is_none_is_refused(path):
    mixture = gt.GaussianMixture(1).fit(np.random.default_rng(0).normal(size=(20, 2)))
    for one in (gt.BackgroundModel(), gt.Tracker(), gt.Pipeline(), mixture):
        for call in (one.save, type(one).load):
            with pytest.raises(gt.ArgumentError) as error:
                call(path)
            assert str(error.value) == f"path must be a str or Path, got {path!r}"
