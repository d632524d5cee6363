"""Fitted mixtures in files: NumPy's npz with everything by name, and a version."""

from __future__ import annotations

import json
import os
import zipfile
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from gmmtrack.archive import check_path
from gmmtrack.errors import OutputError, SourceError

if TYPE_CHECKING:
    from gmmtrack.mixture.fitted import FittedMixture

M = TypeVar("M", bound="FittedMixture")

VERSION = 2
_STATISTICS = ("counts", "means", "scatters", "weight", "log_likelihood")
_ARRAYS = (
    "weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_", "noise_weight_", "noise_sides_",
    "n_features_in_", "converged_", "n_iter_", "lower_bound_", "lower_bounds_", "n_batches_",
)  # fmt: skip


def save(mixture: FittedMixture, path: str | os.PathLike[str]) -> None:
    """Write a fitted mixture. A random_state that is no number is not kept."""
    check_path(path)
    mixture._check_fitted()
    params = mixture.get_params()
    if not isinstance(params["random_state"], (int, np.integer, type(None))):
        params["random_state"] = None
    arrays: dict[str, Any] = {name: getattr(mixture, name) for name in _ARRAYS if hasattr(mixture, name)}
    statistics = getattr(mixture, "statistics_", None)
    if statistics is not None:
        arrays |= {f"statistics.{name}": getattr(statistics, name) for name in _STATISTICS}
    try:
        with open(path, "wb") as file:
            np.savez(file, version=VERSION, params=json.dumps(params, default=_plain), **arrays)
    except OSError as error:
        raise OutputError(f"cannot write {os.fspath(path)}: {error.strerror}") from error


def load(kind: type[M], path: str | os.PathLike[str]) -> M:
    """Return the mixture that `save` wrote."""
    from gmmtrack.mixture.statistics import Statistics

    check_path(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except OSError as error:
        raise SourceError(f"cannot read {os.fspath(path)}: {error.strerror or error}") from error
    except (ValueError, zipfile.BadZipFile) as error:
        raise SourceError(f"cannot read {os.fspath(path)}: it holds no mixture ({error})") from error
    if "version" not in found or "means_" not in found:
        raise SourceError(f"cannot read {os.fspath(path)}: it holds no mixture")
    if int(found["version"]) != VERSION:
        raise SourceError(f"cannot read {os.fspath(path)}: it is of version {found['version']}, known is {VERSION}")
    params = json.loads(str(found["params"]))
    mixture = kind(**{name: tuple(value) if name == "frozen" else value for name, value in params.items()})
    for name in _ARRAYS:
        if name in found:
            setattr(mixture, name, found[name].item() if found[name].ndim == 0 else found[name])
    mixture._dtype = found["means_"].dtype.type
    if "lower_bounds_" in found:
        mixture.__dict__["lower_bounds_"] = found["lower_bounds_"].tolist()
    if "statistics.counts" in found:
        counts, means, scatters, weight, likelihood = (found[f"statistics.{name}"] for name in _STATISTICS)
        mixture.__dict__["statistics_"] = Statistics(counts, means, scatters, float(weight), float(likelihood))
    return mixture


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else list(value)
