"""Event: something worth telling that happened in one frame."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something worth telling that happened in one frame.

    kind: a word, e.g. "scene_changed" · time: [s] · track: the id of the track that it is about, or None
    """

    kind: str
    time: float
    track: int | None = None
