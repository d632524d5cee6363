"""Looking back: what was seen of all tracks of a clip -> tracks with hindsight."""

from gmmtrack.tracking.offline.backward import record_backward
from gmmtrack.tracking.offline.hindsight import Hindsight, look_back
from gmmtrack.tracking.offline.recording import Recording

__all__ = ["Hindsight", "Recording", "look_back", "record_backward"]
