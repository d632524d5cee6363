"""EventSettings: what is worth telling."""

from dataclasses import dataclass

from gmmtrack.settings import Settings, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSettings(Settings):
    """What is worth telling. A *size* is the root of a track's own box area."""

    stopped: float = setting(2.0, "who stands for so long has stopped; 0: nobody is told of", unit="s", at_least=0)
    sway: float = setting(0.25, "who stays within this distance stands", unit="sizes", above=0)
    sure: float = setting(
        0.3, "what appears and stands is told of if its border speaks so clearly, from 0 to 1", at_least=0, at_most=1
    )
