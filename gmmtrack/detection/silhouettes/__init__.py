"""Silhouettes: what tracks look like in outline, and where these outlines explain a shared blob best."""

from gmmtrack.detection.silhouettes.outlines import likenesses, silhouette
from gmmtrack.detection.silhouettes.placement import place

__all__ = ["likenesses", "place", "silhouette"]
