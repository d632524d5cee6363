"""The public names: all there, all explained, and light to import."""

import inspect
import subprocess
import sys

import pytest

import gmmtrack

CONTRACT = {
    "track", "BackgroundModel", "compat", "GaussianMixture", "Tracker", "Tracks", "Detections", "Frame", "Result",
    "Pipeline", "PipelineSettings", "BackgroundSettings", "DetectionSettings", "TrackingSettings", "TrackState",
    "GmmtrackError", "ArgumentError", "SourceError", "OutputError", "MissingExtraError", "open_source",
}  # fmt: skip


def run(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_the_namespace_is_flat_sorted_and_complete():
    assert len(set(gmmtrack.__all__)) == len(gmmtrack.__all__)
    assert set(gmmtrack.__all__) >= CONTRACT
    assert {name for names in gmmtrack._HOMES.values() for name in names} == set(gmmtrack.__all__)
    for name in gmmtrack.__all__:
        assert getattr(gmmtrack, name).__name__.rpartition(".")[2] == name


def test_nothing_but_public_names_and_modules_is_in_sight():
    program = "import gmmtrack; [getattr(gmmtrack, n) for n in gmmtrack.__all__]; print(*vars(gmmtrack))"
    names = {name for name in run(program).split() if not name.startswith("_")}
    others = names - set(gmmtrack.__all__) - {"TYPE_CHECKING"}
    assert not [name for name in others if not inspect.ismodule(getattr(gmmtrack, name))]


def test_a_star_import_gives_exactly_the_public_names():
    program = "before = set(dir()); from gmmtrack import *; print(*(set(dir()) - before - {'before'}))"
    assert set(run(program).split()) == set(gmmtrack.__all__)


def test_dir_shows_every_public_name():
    assert set(gmmtrack.__all__) <= set(dir(gmmtrack))


def test_a_name_that_is_none_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"^module 'gmmtrack' has no attribute 'Tracer'$"):
        gmmtrack.Tracer  # noqa: B018


@pytest.mark.parametrize("name", gmmtrack.__all__)
def test_a_public_name_is_explained(name):
    public = getattr(gmmtrack, name)
    assert len(inspect.getdoc(public) or "") > 20
    if inspect.isclass(public):
        # a dataclass without words of its own is given its signature, other classes their parent's words
        assert public.__doc__
        assert not public.__doc__.startswith(f"{name}(")
        methods = inspect.getmembers(public, inspect.isfunction)
        own = [function for _, function in methods if function.__module__.startswith("gmmtrack")]
        assert all(inspect.getdoc(function) for function in own if not function.__name__.startswith("_"))


def test_importing_loads_neither_the_extras_nor_the_command_line_nor_the_compiler():
    heavy = run("import sys, gmmtrack; print(*sys.modules)").split()
    assert not {"filterpy", "trackeval", "pooch", "rich", "typer", "numba", "scipy", "av"} & set(heavy)


def test_the_whole_namespace_loads_neither_the_extras_nor_the_command_line():
    loaded = run("import sys; from gmmtrack import *; print(*sys.modules)").split()
    assert "numba" in loaded
    assert not {"filterpy", "trackeval", "pooch", "rich", "typer"} & set(loaded)


def test_the_version_of_the_package_can_be_asked_for():
    from importlib.metadata import version

    assert version("gmmtrack")
