"""Powers and logarithms to base 2 in plain arithmetic: a call into the C library keeps a loop from vectorising."""

from typing import Any

from gmmtrack.compilation import inline_kernel
from gmmtrack.mixture.doubles import exponent, larger, times_power

_ROUND = 6755399441055744.0  # 1.5 * 2^52: adding it leaves the nearest whole number in the low bits
_LEAST = -1023.0


@inline_kernel
def exp2(x: Any) -> Any:
    """Return 2^x of doubles x <= 1000, to 6e-16 relative; below 2^-1022 at most that, and 0 below 2^-1023.

    That of the fraction by a polynomial of degree 10 through the Chebyshev nodes, its terms summed as a tree (Estrin's
    scheme), so that few wait for each other; the whole part is added to the exponent.
    """
    x = larger(x, _LEAST)
    shifted = x + _ROUND
    f = x - (shifted - _ROUND)
    f2 = f * f
    f4 = f2 * f2
    low = (1.0 + f * 0.69314718055995) + f2 * (0.24022650695910097 + f * 0.05550410866444772)
    middle = (0.009618129107606888 + f * 0.0013333558230164974) + f2 * (0.0001540353044173605 + f * 1.52526572602e-05)
    high = (1.321544258792169e-06 + f * 1.0208690299958306e-07) + f2 * 7.072585949269224e-09
    return times_power(low + f4 * (middle + f4 * high), shifted)


@inline_kernel
def mantissa(x: Any) -> Any:
    """Return whole numbers e and m in [0.7, 1.5) with x = m 2^e, x as in `log2`."""
    e = exponent(x)
    return e, times_power(x, _ROUND - e)


@inline_kernel
def log2(x: Any) -> Any:
    """Return log2 of doubles x, normal and > 0, to 4e-16 absolute near 1 and relative elsewhere.

    log2(m 2^e) = e + 2 / ln 2 * artanh((m - 1) / (m + 1)) with m in [0.7, 1.5), the artanh by its series.
    """
    e, m = mantissa(x)
    z = (m - 1.0) / (m + 1.0)
    z2 = z * z
    z4 = z2 * z2
    z8 = z4 * z4
    low = (1.0 / 3.0 + z2 * (1.0 / 5.0)) + z4 * (1.0 / 7.0 + z2 * (1.0 / 9.0))
    high = (1.0 / 11.0 + z2 * (1.0 / 13.0)) + z4 * (1.0 / 15.0 + z2 * (1.0 / 17.0))
    s = low + z8 * (high + z8 * (1.0 / 19.0))
    return e + 2.8853900817779268 * (z + z * (z2 * s))
