"""TrackEval's own metrics, run without a word."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

from gmmtrack.errors import MissingExtraError


def measure(sequence: dict[str, Any], threshold: float) -> dict[str, Any]:
    """Return what TrackEval's HOTA, CLEAR and Identity say of a sequence; the last two match from `threshold` up."""
    # by default it prints its configuration
    options = {"PRINT_CONFIG": False, "THRESHOLD": threshold}
    with _silence():
        try:
            from trackeval.metrics import CLEAR, HOTA, Identity
        except ImportError as error:
            raise MissingExtraError('scores of tracks need TrackEval; pip install "gmmtrack[eval]"') from error
        metrics = (HOTA(), CLEAR(dict(options)), Identity(dict(options)))
        return {name: value for metric in metrics for name, value in metric.eval_sequence(sequence).items()}


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    # it divides 0 by 0 for ids that no scored frame holds
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
