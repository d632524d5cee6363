"""Which tracks are shown to the world."""

import numpy as np

from gmmtrack.tracking.tracks import Tracks, TrackState

_SHOWN = (TrackState.CONFIRMED, TrackState.COASTING, TrackState.STATIONARY)


def shown_rows(tracks: Tracks) -> list[int]:
    """Return the rows of the tracks that outputs show: those believed and alive; tentative ones have no id yet."""
    rows: list[int] = np.flatnonzero(np.isin(tracks.states, _SHOWN)).tolist()
    return rows
