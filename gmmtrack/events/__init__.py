"""Events: what is worth telling of tracks."""

from gmmtrack.events.event import Event
from gmmtrack.events.settings import EventSettings
from gmmtrack.events.standing import Standing

__all__ = ["Event", "EventSettings", "Standing"]
