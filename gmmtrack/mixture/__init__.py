"""Gaussian mixtures and EM over weighted points."""

from gmmtrack.mixture.components import EMResult, fit_components
from gmmtrack.mixture.mixture import GaussianMixture
from gmmtrack.mixture.selection import Selection, select_components
from gmmtrack.mixture.statistics import Statistics

__all__ = ["EMResult", "GaussianMixture", "Selection", "Statistics", "fit_components", "select_components"]
