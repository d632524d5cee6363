"""Powers and logarithms to base 2 in plain arithmetic: a call into the C library keeps a loop from vectorising."""

from gmmtrack.compilation import inline_kernel
from gmmtrack.mixture.bits import bits_of, float_of

_ROUND = 6755399441055744.0  # 1.5 * 2^52: adding it leaves the nearest whole number in the low bits
_WHOLE = 4503599627370496.0  # 2^52
_WHOLE_BITS = 0x4330000000000000  # the bits of 2^52
_ONE_BITS = 0x3FF0000000000000  # the bits of 1
_MANTISSA = 0x000FFFFFFFFFFFFF


@inline_kernel
def exp2(x: float) -> float:
    """Return 2^x for x <= 1000, to 4e-16 relative; 0 below 2^-1022.

    The fraction by a polynomial of degree 10 through the Chebyshev nodes of [-0.5, 0.5], the whole part as exponent.
    """
    x = x if x > -1023.0 else -1023.0
    shifted = x + _ROUND
    f = x - (shifted - _ROUND)
    p = 1.0208690299958306e-07 + f * 7.072585949269224e-09
    p = 1.321544258792169e-06 + f * p
    p = 1.5252657260200837e-05 + f * p
    p = 0.0001540353044173605 + f * p
    p = 0.0013333558230164974 + f * p
    p = 0.009618129107606888 + f * p
    p = 0.05550410866444772 + f * p
    p = 0.24022650695910097 + f * p
    p = 0.69314718055995 + f * p
    p = 1.0 + f * p
    scale: float = float_of((bits_of(shifted) + 1023) << 52)
    return p * scale


@inline_kernel
def log2(x: float) -> float:
    """Return log2(x) for normal x > 0, to 4e-16 absolute near 1 and relative elsewhere.

    log2(m 2^e) = e + 2 / ln 2 * artanh((m - 1) / (m + 1)) with m in [0.7, 1.5), the artanh by its series.
    """
    bits = bits_of(x)
    exponent: float = float_of(_WHOLE_BITS | (bits >> 52)) - (_WHOLE + 1023.0)
    m = float_of((bits & _MANTISSA) | _ONE_BITS)
    large = m > 1.4142135623730951
    m = 0.5 * m if large else m
    exponent = exponent + 1.0 if large else exponent
    z = (m - 1.0) / (m + 1.0)
    z2 = z * z
    s = 1.0 / 17.0 + z2 * (1.0 / 19.0)
    s = 1.0 / 15.0 + z2 * s
    s = 1.0 / 13.0 + z2 * s
    s = 1.0 / 11.0 + z2 * s
    s = 1.0 / 9.0 + z2 * s
    s = 1.0 / 7.0 + z2 * s
    s = 1.0 / 5.0 + z2 * s
    s = 1.0 / 3.0 + z2 * s
    artanh: float = z + z * (z2 * s)
    return exponent + 2.8853900817779268 * artanh
