"""What the camera did: changes of its exposure, and small shakes, found by comparing each frame with the background."""

from gmmtrack.background.camera.camera import Camera, View

__all__ = ["Camera", "View"]
