"""Borders: whether what differs from the background is an object, or background that has come to light."""

from gmmtrack.background.borders.verdict import border_verdict, faint_slope, softened

__all__ = ["border_verdict", "faint_slope", "softened"]
