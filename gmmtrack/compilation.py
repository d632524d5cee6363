"""How kernels are compiled: the one place where compiler flags are chosen.

Kernels are compiled by Numba when first called, cached on disk, and release the GIL; threads are gmmtrack's own (see
`threads`), so that results do not depend on their number and two models may run at once.
Set NUMBA_DISABLE_JIT=1 to run every kernel as plain Python.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

# No "reassoc": sums keep their order, whatever the number of threads. No "arcp": it would turn divisions into the
# approximate reciprocals that differ from one processor to the next. "contract" allows fused multiply-add; the others
# drop the care for NaN, infinity and signed zero that keeps loops from vectorising.
_FAST = {"nnan", "ninf", "nsz", "contract"}


_FROM_PYTHON: dict[str, Any] = {"no_cfunc_wrapper": True}  # none is called from C


def kernel(function: F) -> F:
    """Compile a function over floats and arrays; reductions keep their order."""
    compiled: Any = numba.njit(
        cache=True, nogil=True, error_model="numpy", fastmath=_FAST, boundscheck=False, **_FROM_PYTHON
    )(function)
    return cast(F, compiled)


# What only kernels call needs no way in from Python, which would be a tenth of the time to compile. It has none: called
# from Python, it ends the process.
_HIDDEN: dict[str, Any] = {"no_cpython_wrapper": True, **_FROM_PYTHON}
_INNER: dict[str, Any] = {"forceinline": True, **_HIDDEN}


def inner_kernel(function: F) -> F:
    """Compile a function that only kernels call, and not in their innermost loops."""
    compiled: Any = numba.njit(
        cache=True, nogil=True, error_model="numpy", fastmath=_FAST, boundscheck=False, **_HIDDEN
    )(function)
    return cast(F, compiled)


def inline_kernel(function: F) -> F:
    """Compile a small function into each kernel that calls it, so that array headers stay in registers."""
    compiled: Any = numba.njit(
        cache=True, nogil=True, error_model="numpy", fastmath=_FAST, boundscheck=False, **_INNER
    )(function)
    return cast(F, compiled)


# A private option of Numba's, but an old one; without it the kernels are right all the same, and half as fast.
_LEAN: dict[str, Any] = {"_nrt": False}


def lean_kernel(function: F) -> F:
    """Compile a function that calls many small ones on the same arrays: it counts no references, and cannot allocate.

    Counting is an atomic operation an array and call, which the compiler does not drop where calls return early.
    Multiply-adds are not fused, so that the bits are the same on every processor.
    """
    compiled: Any = numba.njit(
        cache=True, nogil=True, error_model="numpy", fastmath=_FAST - {"contract"}, boundscheck=False, **_LEAN
    )(function)
    return cast(F, compiled)


def lean_inline_kernel(function: F) -> F:
    """Compile a small function into each `lean_kernel` that calls it."""
    compiled: Any = numba.njit(
        cache=True, nogil=True, error_model="numpy", fastmath=_FAST - {"contract"}, boundscheck=False, **_LEAN, **_INNER
    )(function)
    return cast(F, compiled)


def pasted_kernel(function: F) -> F:
    """Compile a function as if its lines stood where it is called: for a part of one kernel, called at one place.

    The compiler goes over all that a function calls once more for every function on the way; this one is not.
    """
    compiled: Any = numba.njit(
        cache=True, nogil=True, error_model="numpy", fastmath=_FAST, boundscheck=False, inline="always"
    )(function)
    return cast(F, compiled)


def sum_kernel(function: F) -> F:
    """Compile a loop of sums into each kernel that calls it, the sums in an order of the compiler's choice.

    The order depends on the processor's vector width and on the loop's length alone, never on threads. Only for sums of
    finished terms: re-association must not reach a polynomial.
    """
    compiled: Any = numba.njit(
        cache=True, nogil=True, error_model="numpy", fastmath=_FAST | {"reassoc"}, boundscheck=False, **_INNER
    )(function)
    return cast(F, compiled)


def exact_kernel(function: F) -> F:
    """Compile without any licence to change floating-point arithmetic; NaN and infinity keep their meaning."""
    compiled: Any = numba.njit(cache=True, nogil=True, error_model="numpy", boundscheck=False)(function)
    return cast(F, compiled)
