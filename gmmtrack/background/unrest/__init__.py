"""Unrest: where the background itself moves."""
