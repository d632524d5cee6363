"""Surprises: what is not where the motion of its track has it."""
