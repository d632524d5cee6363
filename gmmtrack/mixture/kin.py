"""Errors and warnings that are also scikit-learn's, where a program uses that."""

from __future__ import annotations

import sys
from typing import Any, TypeVar, cast

E = TypeVar("E", bound=Exception)


def kin_of(kind: type[E]) -> type[E]:
    """Return `kind`, or where scikit-learn is loaded a class of that name that is `kind` and its namesake there.

    So `except sklearn.exceptions.NotFittedError` catches ours, and scikit-learn need not be installed.
    """
    theirs = getattr(sys.modules.get("sklearn.exceptions"), kind.__name__, None)
    if theirs is None:
        return kind

    def reduce(self: Exception) -> tuple[Any, ...]:
        return kind, self.args  # a class made here cannot be found by pickle

    members = {"__doc__": kind.__doc__, "__module__": kind.__module__, "__reduce__": reduce}
    return cast(type[E], type(kind.__name__, (kind, theirs), members))
