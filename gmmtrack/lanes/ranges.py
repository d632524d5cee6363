"""Whether the bytes of many pixels lie within ranges of their own, MANY pixels at once.

As in `vectors`: in plain Python functions over arrays, which say what the compiled ones do.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import lower_builtin
from numpy.typing import NDArray

from gmmtrack.lanes.vectors import LANES, declare, pointer_to

MANY = 4 * LANES  # as many bytes as there are in a register of floats


def within(
    channels: tuple[int, ...], image: NDArray[Any], start: int, lows: NDArray[Any], highs: NDArray[Any], at: int
) -> bool:
    """Return whether MANY pixels of an image (N * C,) uint8, from `start` on, lie between those of two others.

    lows, highs (M * C,) uint8: the least and the greatest, from element `at` on. Images that are not uint8 never do.
    """
    n = len(channels) * MANY
    pixels = image[start : start + n]
    return image.dtype == np.uint8 and bool(np.all((lows[at : at + n] <= pixels) & (pixels <= highs[at : at + n])))


def within_in_light(
    channels: tuple[int, ...], image: NDArray[Any], start: int, lows: NDArray[Any], highs: NDArray[Any], at: int,
    gains: NDArray[np.uint16], offsets: NDArray[np.int16],
) -> bool:  # fmt: skip
    """Return the same as `within`, of an image in another light: of gain * image + offset, to 1/16 of a level.

    gains (C * MANY,) [1/4096] · offsets (C * MANY,) [1/16 of a level], each repeated pixel by pixel
    """
    n = len(channels) * MANY
    pixels = ((image[start : start + n].astype(np.int64) * 256 * gains) >> 16) + offsets
    low, high = 16 * lows[at : at + n].astype(np.int64), 16 * highs[at : at + n].astype(np.int64)
    return image.dtype == np.uint8 and bool(np.all((low <= pixels) & (pixels <= high)))


declare(within, lambda _channels, _image, _start, _lows, _highs, _at: types.boolean)
declare(within_in_light, lambda _channels, _image, _start, _lows, _highs, _at, _gains, _offsets: types.boolean)

_WITHIN = (types.BaseTuple, types.Array, types.Integer, types.Array, types.Array, types.Integer)


@lower_builtin(within, *_WITHIN)
def _lower_within(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    vector = ir.VectorType(ir.IntType(8), MANY)
    excess = builder.module.declare_intrinsic(f"llvm.usub.sat.v{MANY}i8", (), ir.FunctionType(vector, [vector] * 2))

    def strays(_: Any, pixels: Any, low: Any, high: Any) -> Any:
        return builder.or_(builder.call(excess, (low, pixels)), builder.call(excess, (pixels, high)))

    return _none_strays(context, builder, signature, arguments, strays)


@lower_builtin(within_in_light, *_WITHIN, types.Array, types.Array)
def _lower_within_in_light(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    short, wide = (ir.VectorType(ir.IntType(n), MANY) for n in (16, 32))

    def times(values: Any, power: int) -> Any:
        values = builder.zext(values, short)
        return builder.shl(values, ir.Constant(short, [power] * MANY))

    def strays(part: Any, pixels: Any, low: Any, high: Any) -> Any:
        gain, offset = part(6), part(7)
        product = builder.mul(builder.zext(times(pixels, 8), wide), builder.zext(gain, wide))
        lit = builder.add(builder.trunc(builder.lshr(product, ir.Constant(wide, [16] * MANY)), short), offset)
        below, above = (
            builder.icmp_signed(sign, lit, limit) for sign, limit in (("<", times(low, 4)), (">", times(high, 4)))
        )
        return builder.sext(builder.or_(below, above), ir.VectorType(ir.IntType(8), MANY))

    return _none_strays(context, builder, signature, arguments, strays)


def _none_strays(context: Any, builder: Any, signature: Any, arguments: Any, strays: Any) -> Any:
    """Return whether strays(part, pixels, low, high), of MANY bytes at a time, are all 0.

    part: gives the part of another argument, by its place among them, that belongs to these pixels
    """
    if signature.args[1].dtype != types.uint8:
        return ir.Constant(ir.IntType(1), 0)
    vector = ir.VectorType(ir.IntType(8), MANY)
    _, image, start, lows, highs, at = arguments[:6]

    def part_of(argument: int, array: Any, place: Any, i: int) -> Any:
        place = builder.add(place, ir.Constant(place.type, i * MANY))
        pointer, kind, align = pointer_to(context, builder, signature.args[argument], array, place, MANY)
        return builder.load(pointer, align=align, typ=kind)

    found: Any = ir.Constant(vector, None)
    zero = ir.Constant(ir.IntType(64), 0)
    for i in range(len(signature.args[0])):
        pixels, low, high = part_of(1, image, start, i), part_of(3, lows, at, i), part_of(4, highs, at, i)
        new = strays(lambda k, i=i: part_of(k, arguments[k], zero, i), pixels, low, high)
        found = builder.or_(found, new)
    number = builder.bitcast(found, ir.IntType(8 * MANY))
    return builder.icmp_unsigned("==", number, ir.Constant(number.type, 0))
