"""Powers and logarithms to base 2 in plain arithmetic: a call into the C library keeps a loop from vectorising."""

import numpy as np
from numpy.typing import NDArray

from gmmtrack.compilation import inline_kernel, inner_kernel
from gmmtrack.mixture.bits import bits_of, float_of

_ROUND = 6755399441055744.0  # 1.5 * 2^52: adding it leaves the nearest whole number in the low bits
_WHOLE = 4503599627370496.0  # 2^52
_WHOLE_BITS = 0x4330000000000000  # the bits of 2^52
_ONE_BITS = 0x3FF0000000000000  # the bits of 1
_MANTISSA = 0x000FFFFFFFFFFFFF
_POLYNOMIAL = (
    1.0, 0.69314718055995, 0.24022650695910097, 0.05550410866444772, 0.009618129107606888, 0.0013333558230164974,
    0.0001540353044173605, 1.5252657260200837e-05, 1.321544258792169e-06, 1.0208690299958306e-07,
    7.072585949269224e-09,
)  # fmt: skip


@inner_kernel
def coefficients() -> NDArray[np.float64]:
    """Return the coefficients of the polynomial in `exp2`, as an array, for a loop keeps its values at hand.

    Constants it would load and spread over a vector again for every point.
    """
    values = np.empty(len(_POLYNOMIAL))
    for i in range(len(_POLYNOMIAL)):
        values[i] = _POLYNOMIAL[i]
    return values


@inline_kernel
def exp2(x: float, c: NDArray[np.float64]) -> float:
    """Return 2^x for x <= 1000, to 6e-16 relative; 0 below 2^-1022. c: `coefficients`

    The fraction by a polynomial of degree 10 through the Chebyshev nodes of [-0.5, 0.5], the whole part as exponent.
    Its terms are summed as a tree (Estrin's scheme), so that few wait for each other.
    """
    x = x if x > -1023.0 else -1023.0
    shifted = x + _ROUND
    f = x - (shifted - _ROUND)
    f2 = f * f
    f4 = f2 * f2
    low = (c[0] + f * c[1]) + f2 * (c[2] + f * c[3])
    middle = (c[4] + f * c[5]) + f2 * (c[6] + f * c[7])
    high = (c[8] + f * c[9]) + f2 * c[10]
    power: float = low + f4 * (middle + f4 * high)
    scale: float = float_of((bits_of(shifted) + 1023) << 52)
    return power * scale


@inline_kernel
def log2(x: float) -> float:
    """Return log2(x) for normal x > 0, to 4e-16 absolute near 1 and relative elsewhere.

    log2(m 2^e) = e + 2 / ln 2 * artanh((m - 1) / (m + 1)) with m in [0.7, 1.5), the artanh by its series.
    """
    bits = bits_of(x)
    exponent: float = float_of(_WHOLE_BITS | ((bits >> 52) & 0x7FF)) - (_WHOLE + 1023.0)
    m = float_of((bits & _MANTISSA) | _ONE_BITS)
    large = m > 1.4142135623730951
    m = 0.5 * m if large else m
    exponent = exponent + 1.0 if large else exponent
    z = (m - 1.0) / (m + 1.0)
    z2 = z * z
    z4 = z2 * z2
    z8 = z4 * z4
    low = (1.0 / 3.0 + z2 * (1.0 / 5.0)) + z4 * (1.0 / 7.0 + z2 * (1.0 / 9.0))
    high = (1.0 / 11.0 + z2 * (1.0 / 13.0)) + z4 * (1.0 / 15.0 + z2 * (1.0 / 17.0))
    s = low + z8 * (high + z8 * (1.0 / 19.0))
    artanh: float = z + z * (z2 * s)
    return exponent + 2.8853900817779268 * artanh
