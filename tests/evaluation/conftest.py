"""The scripts that the scores must agree with, loaded from their files."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


def _load(data: Path, name: str) -> ModuleType:
    path = data.parent / "eval" / f"{name}.py"
    if not path.is_file():
        pytest.skip(f"the reference script {path.name} is not here")
    spec = importlib.util.spec_from_file_location(f"reference_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def mot_score(data: Path) -> ModuleType:
    pytest.importorskip("trackeval")
    return _load(data, "mot_score")


@pytest.fixture(scope="session")
def cdnet(data: Path) -> ModuleType:
    return _load(data, "cdnet")
