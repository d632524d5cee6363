"""What Numba has no word for and processors have one instruction for, so that loops vectorise."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload


def bits_of(value: float) -> Any:
    """Return the bits of `value` as int64: a reinterpretation, not a conversion."""
    return np.float64(value).view(np.int64)


def float_of(bits: int) -> Any:
    """Return the float64 whose bits are `bits`."""
    return np.int64(bits).view(np.float64)


def larger(a: float, b: float) -> Any:
    """Return the larger of two numbers.

    Compiled, a comparison before the store into an array would become a masked store, which is ten times slower.
    """
    return a if a > b else b


@intrinsic
def _as_bits(typing_context: Any, value: Any) -> Any:  # noqa: ARG001 - Numba's calling convention
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def _as_float(typing_context: Any, bits: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


@intrinsic
def _maximum(typing_context: Any, a: Any, b: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        number = ir.DoubleType()
        function = builder.module.declare_intrinsic("llvm.maxnum", [number], ir.FunctionType(number, [number, number]))
        return builder.call(function, arguments)

    return types.float64(types.float64, types.float64), generate


@overload(bits_of)
def _compiled_bits_of(value):  # type: ignore[no-untyped-def]  # noqa: ARG001 - Numba compares the signatures
    return lambda value: _as_bits(value)  # type: ignore[call-arg]


@overload(float_of)
def _compiled_float_of(bits):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return lambda bits: _as_float(bits)  # type: ignore[call-arg]


@overload(larger)
def _compiled_larger(a, b):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return lambda a, b: _maximum(a, b)  # type: ignore[call-arg]
