"""Shadows: which foreground is background with less light."""
