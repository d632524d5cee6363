"""Doubles: DOUBLES float64 numbers that kernels compute with at once, as if they were one.

As `gmmtrack.lanes`, but for float64: compiled, a vector of the compiler (two registers of AVX, so that constants serve
twice, or one of AVX-512); in plain Python, NumPy arrays, for which the functions below are written. The compiler's own
vectorising of loops leaves open in which order sums are added; here it is the same on every processor.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.extending import lower_builtin, register_model, type_callable
from numpy.typing import NDArray

DOUBLES = 8

_WHOLE = 4503599627370496.0 + 1023.0  # 2^52, whose lowest bit counts ones, and the offset of exponents
_WHOLE_BITS = 0x4330000000000000  # the bits of 2^52
_ABOVE_ROOT = 0x3FF0000000000000 - 0x3FE6A09E667F3BCD  # the bits of 1 less those of sqrt(1/2)

Floats = NDArray[np.float64]


def load(array: Floats, place: Any) -> Any:
    """Return the DOUBLES elements of a row from array[place] on; place: an index, or a tuple of them."""
    return array[_span(place)]


def store(values: Any, array: Floats, place: Any) -> None:
    """Write doubles into a row from array[place] on."""
    array[_span(place)] = values


def _span(place: Any) -> Any:
    *rows, start = place if isinstance(place, tuple) else (place,)
    return (*rows, slice(start, start + DOUBLES))


def doubles(value: float) -> Any:
    """Return doubles of one value."""
    return np.full(DOUBLES, value)


def larger(a: Any, b: Any) -> Any:
    """Return the larger of two, element by element."""
    return np.maximum(a, b)


def times_power(values: Any, shifted: Any) -> Any:
    """Return values times 2^n, n the whole number in the low bits of `shifted`, by adding it to the exponents."""
    return (values.view(np.int64) + (shifted.view(np.int64) << 52)).view(np.float64)


def exponent(values: Any) -> Any:
    """Return the whole number e for which values > 0 lie between sqrt(1/2) and sqrt(2) times 2^e."""
    bits = ((values.view(np.int64) + _ABOVE_ROOT) >> 52) | _WHOLE_BITS
    return bits.view(np.float64) - _WHOLE


def sum_of(values: Any) -> float:
    """Return the sum, the halves of the doubles added until one number is left."""
    return _halve(np.add, values)


def highest(values: Any) -> float:
    """Return the highest of the elements."""
    return _halve(np.maximum, values)


def _halve(combine: Callable[[Any, Any], Any], values: Any) -> float:
    while len(values) > 1:
        values = combine(*np.split(values, 2))
    return float(values[0])


# What follows tells Numba about these functions: their types, and what they become.


class _DoublesType(types.Type):
    """The type of doubles."""

    def __init__(self) -> None:
        super().__init__(name=f"doubles{DOUBLES}")


_DOUBLES = _DoublesType()
_VECTOR = ir.VectorType(ir.DoubleType(), DOUBLES)
_BITS = ir.VectorType(ir.IntType(64), DOUBLES)


@register_model(_DoublesType)
class _DoublesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, doubles_type: Any) -> None:
        super().__init__(manager, doubles_type, _VECTOR)


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, place_type: Any, place: Any) -> Any:
    """Return a pointer to the vector of which array[place] is the first element; the array is contiguous."""
    array = context.make_array(array_type)(context, builder, array)
    is_tuple = isinstance(place_type, types.BaseTuple)
    kinds, numbers = (place_type, cgutils.unpack_tuple(builder, place)) if is_tuple else ([place_type], [place])
    at = ir.Constant(ir.IntType(64), 0)
    for i, (kind, number) in enumerate(zip(kinds, numbers, strict=True)):
        rows = builder.mul(at, builder.extract_value(array.shape, i)) if i else at
        at = builder.add(rows, context.cast(builder, number, kind, types.intp))
    return builder.bitcast(builder.gep(array.data, [at], inbounds=True), _VECTOR.as_pointer())


def _as_doubles(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """Return doubles as they are, and a number as doubles."""
    if kind == _DOUBLES:
        return value
    value = context.cast(builder, value, kind, types.float64)
    single = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(single, single, _places(range(DOUBLES), step=0))


def _places(numbers: range, step: int = 1) -> Any:
    return ir.Constant(ir.VectorType(ir.IntType(32), len(numbers)), [step * i for i in numbers])


type_callable(load)(lambda _: lambda array, place: _DOUBLES)  # noqa: ARG005
type_callable(store)(lambda _: lambda values, array, place: types.void)  # noqa: ARG005
type_callable(doubles)(lambda _: lambda value: _DOUBLES)  # noqa: ARG005
type_callable(times_power)(lambda _: lambda values, shifted: _DOUBLES)  # noqa: ARG005
type_callable(exponent)(lambda _: lambda values: _DOUBLES)  # noqa: ARG005
type_callable(sum_of)(lambda _: lambda values: types.float64)  # noqa: ARG005
type_callable(highest)(lambda _: lambda values: types.float64)  # noqa: ARG005


@lower_builtin(load, types.Array, types.Any)
def _lower_load(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    (array_type, place_type), (array, place) = signature.args, arguments
    pointer = _pointer(context, builder, array_type, array, place_type, place)
    return builder.load(pointer, align=8, typ=_VECTOR)


@lower_builtin(store, types.Any, types.Array, types.Any)
def _lower_store(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    (kind, array_type, place_type), (values, array, place) = signature.args, arguments
    pointer = _pointer(context, builder, array_type, array, place_type, place)
    builder.store(_as_doubles(context, builder, kind, values), pointer, align=8)
    return context.get_dummy_value()


@lower_builtin(doubles, types.Float)
def _lower_doubles(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return _as_doubles(context, builder, signature.args[0], arguments[0])


@lower_builtin(times_power, _DoublesType, _DoublesType)
def _lower_times_power(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
    values, shifted = (builder.bitcast(value, _BITS) for value in arguments)
    exponents = builder.shl(shifted, ir.Constant(_BITS, [52] * DOUBLES))
    return builder.bitcast(builder.add(values, exponents), _VECTOR)


@lower_builtin(exponent, _DoublesType)
def _lower_exponent(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
    above, shift, whole = (ir.Constant(_BITS, [n] * DOUBLES) for n in (_ABOVE_ROOT, 52, _WHOLE_BITS))
    bits = builder.lshr(builder.add(builder.bitcast(arguments[0], _BITS), above), shift)
    numbers = builder.bitcast(builder.or_(bits, whole), _VECTOR)
    return builder.fsub(numbers, ir.Constant(_VECTOR, [_WHOLE] * DOUBLES))


def _larger(builder: Any, a: Any, b: Any) -> Any:
    """A comparison before a store would become a masked store, which is ten times slower than a store on some."""
    kind, name = ir.FunctionType(a.type, [a.type, a.type]), f"llvm.maxnum.v{a.type.count}f64"
    maximum = cgutils.get_or_insert_function(builder.module, kind, name)
    return builder.call(maximum, [a, b], fastmath=("nnan",))


def _add_operator(function: Callable[..., Any], build: Callable[[Any, Any, Any], Any]) -> None:
    """Teach Numba a function of two doubles, or of doubles and a number."""

    def accepts(a: Any, b: Any) -> Any:
        fits = all(kind == _DOUBLES or isinstance(kind, types.Float) for kind in (a, b))
        return _DOUBLES if fits and _DOUBLES in (a, b) else None

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return build(builder, *(_as_doubles(context, builder, *p) for p in zip(signature.args, arguments, strict=True)))

    type_callable(function)(lambda _: accepts)
    for pair in ((_DoublesType, _DoublesType), (_DoublesType, types.Float), (types.Float, _DoublesType)):
        lower_builtin(function, *pair)(lower)


def _add_fold(function: Callable[..., Any], build: Callable[[Any, Any, Any], Any]) -> None:
    """Teach Numba what combines the halves of doubles until one number is left."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        values, n = arguments[0], DOUBLES
        while n > 1:
            n //= 2
            low, high = (builder.shuffle_vector(values, values, _places(range(a, a + n))) for a in (0, n))
            values = build(builder, low, high)
        return builder.extract_element(values, ir.Constant(ir.IntType(32), 0))

    lower_builtin(function, _DoublesType)(lower)


for _function, _name in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _add_operator(_function, lambda builder, a, b, name=_name: getattr(builder, name)(a, b))  # type: ignore[misc]
_add_operator(larger, _larger)
_add_fold(sum_of, lambda builder, a, b: builder.fadd(a, b))
_add_fold(highest, _larger)
