"""A barrier for threads inside a kernel: to wake a sleeping thread takes longer than a pass over 10,000 points."""

import sys
import time
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload
from numpy.typing import NDArray

from gmmtrack.compilation import inner_kernel

Flags = NDArray[np.int64]

_APART = 16  # [int64] two threads that write to the same line of the cache hinder each other
_SPINS = 2000  # before the processor is left to others; about as long as they take to wake


def flags_for(n_threads: int) -> Flags:
    """Return what `meet` needs to know of so many threads."""
    return np.zeros((n_threads, _APART), np.int64)


@inner_kernel
def meet(flags: Flags, thread: int, phase: int) -> int:
    """Wait until all threads have come to `phase`; return the next. Phases start at 1."""
    _publish(flags, thread, phase)
    for other in range(len(flags)):
        spins = 0
        while _seen(flags, other) < phase:
            spins += 1
            if spins > _SPINS:
                _give_way()
    return phase + 1


def _publish(flags: Flags, thread: int, phase: int) -> None:
    """Write `phase` for the others to see, after all that was written before."""
    flags[thread, 0] = phase


def _seen(flags: Flags, thread: int) -> Any:
    """Return the phase of a thread; what it wrote before is seen, too."""
    return flags[thread, 0]


def _give_way() -> None:
    """Let another thread have the processor."""
    time.sleep(0)


_yield = types.ExternalFunction("SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32())


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, thread: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [builder.mul(thread, ir.Constant(thread.type, _APART))], inbounds=True)


@intrinsic
def _store_release(typing_context: Any, flags: Any, thread: Any, phase: Any) -> Any:  # noqa: ARG001 - Numba's convention
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], *arguments[:2])
        builder.store_atomic(arguments[2], pointer, "release", 8)
        return context.get_dummy_value()

    return types.void(flags, types.int64, types.int64), generate


@intrinsic
def _load_acquire(typing_context: Any, flags: Any, thread: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_pointer(context, builder, signature.args[0], *arguments), "acquire", 8)

    return types.int64(flags, types.int64), generate


@overload(_publish)
def _compiled_publish(flags, thread, phase):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return lambda flags, thread, phase: _store_release(flags, thread, phase)  # type: ignore[call-arg]


@overload(_seen)
def _compiled_seen(flags, thread):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return lambda flags, thread: _load_acquire(flags, thread)  # type: ignore[call-arg]


@overload(_give_way)
def _compiled_give_way():  # type: ignore[no-untyped-def]
    return lambda: _yield()
