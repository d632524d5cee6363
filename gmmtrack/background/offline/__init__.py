"""What is known of the background once a whole clip has been looked at."""

from gmmtrack.background.offline.survey import Survey, survey

__all__ = ["Survey", "survey"]
