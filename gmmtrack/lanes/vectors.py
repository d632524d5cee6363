"""Lanes: LANES numbers that kernels compute with at once, as if they were one.

Compiled, they are a vector of the compiler (LLVM's <8 x float>), which lives in registers from load to store and fits
every processor: one AVX register, two of SSE or NEON. In plain Python they are NumPy arrays of LANES elements; the
functions below are written for those, and so say what the compiled ones do. Numbers are float32; what compares them
gives masks, which are combined by & | ~ and choose by `where`. A plain number stands for LANES equal ones.

Loops over short planes would leave it to the compiler what becomes a vector, and would go through memory after each.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.datamodel import models
from numba.extending import lower_builtin, register_model, type_callable
from numpy.typing import NDArray

LANES = 8

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


def load(array: NDArray[Any], start: int) -> Floats:
    """Return LANES elements of a flat array as float32."""
    values: Floats = array[start : start + LANES].astype(np.float32)
    return values


def store(array: NDArray[Any] | None, start: int, values: Any) -> None:
    """Write lanes into a flat array of float32 or uint8; nothing where the array is None."""
    if array is not None:
        array[start : start + LANES] = values


def spread(channels: tuple[int, ...], image: NDArray[Any], start: int, planes: Floats) -> None:
    """Write LANES pixels of an image (N * C,), from element `start` on, channel by channel into the first C planes.

    channels: a tuple of C values, for its length is known to the compiler
    """
    pixels = image[start : start + len(channels) * LANES].reshape(LANES, len(channels))
    planes[: pixels.size] = pixels.T.reshape(-1)


def weave(channels: tuple[int, ...], planes: Floats, first: int, image: NDArray[np.uint8], start: int) -> None:
    """Write C planes, from element `first` on, into an image, as whole numbers: `spread` the other way round."""
    pixels = planes[first : first + len(channels) * LANES].reshape(len(channels), LANES).T
    image[start : start + len(channels) * LANES] = pixels.reshape(-1)


def prefetch(array: NDArray[Any], start: int) -> None:
    """Let the processor fetch a line of a flat array that will soon be read and written."""


def lanes(value: Any) -> Floats:
    """Return lanes of one value; lanes as they are."""
    return np.full(LANES, value, np.float32)


def where(mask: Mask, yes: Any, no: Any) -> Floats:
    """Return `yes` where the mask is set, else `no`."""
    chosen: Floats = np.where(mask, yes, no).astype(np.float32)
    return chosen


def root(values: Floats) -> Floats:
    """Return the square roots of lanes."""
    roots: Floats = np.sqrt(values)
    return roots


def any_lane(mask: Mask) -> bool:
    """Return whether the mask is set in any lane."""
    return bool(mask.any())


# What follows tells Numba about these functions: their types, and what they become.


class _LanesType(types.Type):
    """The type of lanes: of float32, or of masks."""

    def __init__(self, name: str) -> None:
        super().__init__(name=f"lanes({name})")


_FLOATS, _MASK = _LanesType("float32"), _LanesType("mask")
_VECTORS = {_FLOATS: ir.VectorType(ir.FloatType(), LANES), _MASK: ir.VectorType(ir.IntType(32), LANES)}
_BITS = ir.VectorType(ir.IntType(1), LANES)


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    """Masks are kept as 0 and -1 of 32 bits, for that is what comparisons of float32 give in most registers."""

    def __init__(self, manager: Any, lanes_type: Any) -> None:
        super().__init__(manager, lanes_type, _VECTORS[lanes_type])


class _PlainStore(ir.instructions.StoreInstr):
    """A store that stays one: of `store(a, i, where(m, x, load(a, i)))`, LLVM else makes a masked store.

    On AMD's processors that takes ten times as long as a store, and what it wrote takes long to read again.
    """

    def descr(self, buf: list[str]) -> None:
        lines: list[str] = []
        super().descr(lines)
        buf += [line.replace("store ", "store volatile ", 1) for line in lines]


def pointer_to(context: Any, builder: Any, array_type: Any, array: Any, start: Any, n: int) -> tuple[Any, Any, int]:
    """Return a pointer to `n` elements of an array, their vector type, and their alignment [bytes]."""
    data = context.make_array(array_type)(context, builder, array).data
    element = context.get_data_type(array_type.dtype)
    vector = ir.VectorType(element, n)
    place = builder.gep(data, [start], inbounds=True)
    return builder.bitcast(place, vector.as_pointer()), vector, array_type.dtype.bitwidth // 8


def _to_floats(builder: Any, values: Any) -> Any:
    n = values.type.count
    vector = ir.VectorType(ir.FloatType(), n)
    if values.type == vector:
        return values
    wide = builder.zext(values, ir.VectorType(ir.IntType(32), n))
    return builder.sitofp(wide, vector)


def _splat(builder: Any, value: Any) -> Any:
    vector = ir.VectorType(value.type, LANES)
    single = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(single, ir.Constant(vector, ir.Undefined), zeros)


def _as_lanes(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """Return lanes as they are, and a number as lanes."""
    if kind == _FLOATS:
        return value
    return _splat(builder, context.cast(builder, value, kind, types.float32))


def _to_bits(builder: Any, mask: Any) -> Any:
    return builder.icmp_signed("<", mask, ir.Constant(mask.type, None))


def _is_value(kind: Any) -> bool:
    return kind == _FLOATS or isinstance(kind, types.Float)


def declare(function: Callable[..., Any], accepts: Callable[..., Any]) -> None:
    """Let Numba type calls of `function` by `accepts`, which returns a type or None."""
    type_callable(function)(lambda _: accepts)


declare(load, lambda array, _start: _FLOATS if isinstance(array, types.Array) else None)
declare(store, lambda _array, _start, _values: types.void)
declare(prefetch, lambda _array, _start: types.void)
declare(spread, lambda _channels, _image, _start, _planes: types.void)
declare(weave, lambda _channels, _planes, _first, _image, _start: types.void)
declare(lanes, lambda _value: _FLOATS)
declare(root, lambda values: _FLOATS if values == _FLOATS else None)
declare(where, lambda mask, yes, no: _FLOATS if mask == _MASK and _is_value(yes) and _is_value(no) else None)
declare(any_lane, lambda mask: types.boolean if mask == _MASK else None)


@lower_builtin(load, types.Array, types.Integer)
def _lower_load(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    pointer, vector, align = pointer_to(context, builder, signature.args[0], arguments[0], arguments[1], LANES)
    return _to_floats(builder, builder.load(pointer, align=align, typ=vector))


@lower_builtin(store, types.Array, types.Integer, types.Any)
def _lower_store(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array, start, values = arguments
    pointer, vector, align = pointer_to(context, builder, signature.args[0], array, start, LANES)
    values = _as_lanes(context, builder, signature.args[2], values)
    if vector.element != ir.FloatType():
        values = builder.trunc(builder.fptosi(values, _VECTORS[_MASK]), vector)
    builder.store(values, pointer, align=align).__class__ = _PlainStore
    return context.get_dummy_value()


@lower_builtin(prefetch, types.Array, types.Integer)
def _lower_prefetch(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    pointer, _, _ = pointer_to(context, builder, signature.args[0], arguments[0], arguments[1], LANES)
    byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
    function_type = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
    function = builder.module.declare_intrinsic("llvm.prefetch", [byte], function_type)
    for_writing, near, data = (ir.Constant(number, n) for n in (0, 3, 1))
    builder.call(function, [builder.bitcast(pointer, byte), for_writing, near, data])
    return context.get_dummy_value()


@lower_builtin(store, types.NoneType, types.Integer, types.Any)
def _lower_no_store(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
    return context.get_dummy_value()


@lower_builtin(spread, types.BaseTuple, types.Array, types.Integer, types.Array)
def _lower_spread(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    n_channels = len(signature.args[0])
    _, image, start, planes = arguments
    source, vector, align = pointer_to(context, builder, signature.args[1], image, start, n_channels * LANES)
    pixels = builder.load(source, align=align, typ=vector)
    index = ir.VectorType(ir.IntType(32), LANES)
    for c in range(n_channels):
        picked = ir.Constant(index, [i * n_channels + c for i in range(LANES)])
        plane = _to_floats(builder, builder.shuffle_vector(pixels, ir.Constant(vector, ir.Undefined), picked))
        at = ir.Constant(ir.IntType(64), c * LANES)
        target, _, align = pointer_to(context, builder, signature.args[3], planes, at, LANES)
        builder.store(plane, target, align=align)
    return context.get_dummy_value()


@lower_builtin(weave, types.BaseTuple, types.Array, types.Integer, types.Array, types.Integer)
def _lower_weave(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    n_channels = len(signature.args[0])
    _, planes, first, image, start = arguments
    target, vector, align = pointer_to(context, builder, signature.args[3], image, start, n_channels * LANES)
    index, plane_of = ir.VectorType(ir.IntType(32), vector.count), ir.VectorType(vector.element, LANES)
    pixels: Any = ir.Constant(vector, ir.Undefined)
    for c in range(n_channels):
        at = builder.add(first, ir.Constant(first.type, c * LANES))
        source, floats, float_align = pointer_to(context, builder, signature.args[1], planes, at, LANES)
        numbers = builder.fptosi(builder.load(source, align=float_align, typ=floats), _VECTORS[_MASK])
        plane = builder.trunc(numbers, plane_of)
        places = ir.Constant(index, [i // n_channels for i in range(vector.count)])
        wide = builder.shuffle_vector(plane, ir.Constant(plane_of, ir.Undefined), places)
        own = [i % n_channels == c for i in range(vector.count)]
        chosen = ir.Constant(ir.VectorType(ir.IntType(1), vector.count), own)
        pixels = builder.select(chosen, wide, pixels)
    builder.store(pixels, target, align=align)
    return context.get_dummy_value()


@lower_builtin(root, _LanesType)
def _lower_root(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
    vector = _VECTORS[_FLOATS]
    function = builder.module.declare_intrinsic(f"llvm.sqrt.v{LANES}f32", (), ir.FunctionType(vector, [vector]))
    return builder.call(function, arguments)


@lower_builtin(lanes, _LanesType)
@lower_builtin(lanes, types.Float)
def _lower_lanes(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return _as_lanes(context, builder, signature.args[0], arguments[0])


@lower_builtin(where, _LanesType, types.Any, types.Any)
def _lower_where(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    yes, no = (_as_lanes(context, builder, *pair) for pair in zip(signature.args[1:], arguments[1:], strict=True))
    return builder.select(_to_bits(builder, arguments[0]), yes, no)


@lower_builtin(any_lane, _LanesType)
def _lower_any_lane(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
    number = builder.bitcast(_to_bits(builder, arguments[0]), ir.IntType(LANES))
    return builder.icmp_unsigned("!=", number, ir.Constant(number.type, 0))


def _add_operator(function: Callable[..., Any], result: Any, build: Callable[[Any, Any, Any], Any]) -> None:
    """Teach Numba an operator on two floats, lanes or one of them a number; or on two masks."""
    operands = _MASK if function in (operator.and_, operator.or_) else _FLOATS

    def accepts(left: Any, right: Any) -> Any:
        fits = (left == right == _MASK) if operands == _MASK else (_is_value(left) and _is_value(right))
        return result if fits and _FLOATS in (left, right, _FLOATS if operands == _MASK else None) else None

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if operands == _MASK:
            return build(builder, *arguments)
        left, right = (_as_lanes(context, builder, *pair) for pair in zip(signature.args, arguments, strict=True))
        return build(builder, left, right)

    declare(function, accepts)
    for pair in ((_LanesType, _LanesType), (_LanesType, types.Float), (types.Float, _LanesType)):
        lower_builtin(function, *pair)(lower)


def _comparison(sign: str) -> Callable[[Any, Any, Any], Any]:
    return lambda builder, a, b: builder.sext(builder.fcmp_ordered(sign, a, b), _VECTORS[_MASK])


def _method(name: str) -> Callable[[Any, Any, Any], Any]:
    return lambda builder, a, b: getattr(builder, name)(a, b)


for _function, _name in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _add_operator(_function, _FLOATS, _method(_name))
for _function, _name in ((operator.and_, "and_"), (operator.or_, "or_")):
    _add_operator(_function, _MASK, _method(_name))
for _function, _name in (
    (operator.lt, "<"),
    (operator.le, "<="),
    (operator.gt, ">"),
    (operator.ge, ">="),
    (operator.eq, "=="),
    (operator.ne, "!="),
):
    _add_operator(_function, _MASK, _comparison(_name))

declare(operator.invert, lambda mask: _MASK if mask == _MASK else None)


@lower_builtin(operator.invert, _LanesType)
def _lower_invert(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
    return builder.not_(arguments[0])
