"""Lulls: calm pixels are compared in every frame, and learned a few times a second."""
