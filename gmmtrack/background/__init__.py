"""Background subtraction: frame -> mask, with one Gaussian mixture a pixel."""

from gmmtrack.background import compat
from gmmtrack.background.explanation import Explanation, PixelComponents
from gmmtrack.background.model import BackgroundModel
from gmmtrack.background.settings import BackgroundSettings

__all__ = ["BackgroundModel", "BackgroundSettings", "Explanation", "PixelComponents", "compat"]
