"""Masks: what a pixel's neighbours and its past say about it, once the mixture has spoken."""
