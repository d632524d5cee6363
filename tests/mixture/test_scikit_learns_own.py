"""scikit-learn's own tests of its GaussianMixture and of estimators at large, run on ours."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gmmtrack.errors import NotFittedError
from gmmtrack.mixture import GaussianMixture

pytest.importorskip("sklearn")

FIXTURES = """
import numpy as np, pytest

@pytest.fixture(params=[np.float64, np.float32])
def global_dtype(request):
    return request.param

@pytest.fixture
def global_random_seed():
    return 42
"""
PRIVATE = (  # they look at or replace scikit-learn's private functions
    "not precisions_init and not all_init_does_not_estimate_gaussian_parameters"
)


def test_scikit_learns_own_tests_pass_with_the_import_swapped(tmp_path):
    from sklearn.mixture.tests import test_gaussian_mixture

    theirs = Path(test_gaussian_mixture.__file__).read_text(encoding="utf-8")
    line = "from sklearn.mixture import GaussianMixture\n"
    assert theirs.count(line) == 1
    (tmp_path / "test_swapped.py").write_text(theirs.replace(line, line.replace("sklearn.", "gmmtrack.")))
    (tmp_path / "conftest.py").write_text(FIXTURES)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", PRIVATE, "test_swapped.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout


@pytest.mark.filterwarnings("ignore")
def test_every_check_of_an_estimator_passes():
    from sklearn.utils.estimator_checks import check_estimator

    results = check_estimator(GaussianMixture(), on_fail=None)
    failed = [(result["check_name"], result["exception"]) for result in results if result["status"] == "failed"]
    assert failed == []
    assert len(results) > 40


def test_an_unfitted_mixture_raises_scikit_learns_error_too():
    from sklearn.exceptions import NotFittedError as Theirs

    with pytest.raises(Theirs) as caught:
        GaussianMixture().predict(np.zeros((3, 2)))
    assert isinstance(caught.value, NotFittedError)
    assert type(pickle.loads(pickle.dumps(caught.value))) is NotFittedError
