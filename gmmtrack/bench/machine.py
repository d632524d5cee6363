"""Machine: what a measurement was made on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from dataclasses import dataclass
from pathlib import Path

from gmmtrack.threads import available_threads

_PACKAGES = (
    "gmmtrack",
    "numpy",
    "numba",
    "opencv-python",
    "opencv-contrib-python",
    "scikit-learn",
    "trackers",
    "norfair",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a measurement was made on: processor, processors that this process may use, system, and versions by name.

    load: mean number of processes that wanted a processor in the last minute, or None where the system does not tell;
    above n_cores, something else was running and the times are not to be trusted
    """

    cpu: str
    n_cores: int
    system: str
    versions: tuple[tuple[str, str], ...]
    load: float | None = None

    def __str__(self) -> str:
        versions = ", ".join(f"{name} {version}" for name, version in self.versions)
        load = "" if self.load is None else f", load {self.load:.1f}"
        return f"{self.cpu}, {self.n_cores} cores{load}, {self.system}; {versions}"


def this_machine() -> Machine:
    """Return what is known of the machine that this runs on."""
    import cv2

    versions = {"python": platform.python_version(), "cv2": cv2.__version__}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    system = f"{platform.system()} {platform.machine()}"
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return Machine(
        cpu=_cpu_name(), n_cores=available_threads(), system=system, versions=tuple(versions.items()), load=load
    )


def _cpu_name() -> str:
    """Return the processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
