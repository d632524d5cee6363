"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("quick", max_examples=25)  # the default of 100 would make CI too long
settings.register_profile(
    "ci", settings.get_profile("quick"), derandomize=True
)  # whether a change is taken is not left to chance
settings.load_profile("quick")


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real clips; the test is skipped where they are not."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("GMMTRACK_DATA", default))
    if not folder.is_dir():
        pytest.skip("the real clips are not here; set GMMTRACK_DATA")
    return folder
