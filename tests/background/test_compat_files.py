"""gmmtrack.compat in files and copies: what was learned goes along, and OpenCV reads the parameters."""

import copy
import pickle

import cv2
import numpy as np
import pytest

import gmmtrack as gt
from gmmtrack.errors import ArgumentError, OutputError, SourceError

CHANGES = {
    "History": 40,
    "NMixtures": 3,
    "BackgroundRatio": 0.7,
    "VarThreshold": 30.3,
    "VarThresholdGen": 14.7,
    "VarInit": 31.3,
    "VarMin": 9.1,
    "VarMax": 50.7,
    "ComplexityReductionThreshold": 0.01,
    "DetectShadows": False,
    "ShadowValue": 64,
    "ShadowThreshold": 0.6,
}


def both(**arguments):
    return gt.compat.createBackgroundSubtractorMOG2(**arguments), cv2.createBackgroundSubtractorMOG2(**arguments)


def agreement(ours, theirs, images):
    """Return the share of equal labels over a clip."""
    return np.mean([np.mean(ours.apply(image) == theirs.apply(image)) for image in images])


def changed(subtractor):
    for name, value in CHANGES.items():
        getattr(subtractor, f"set{name}")(value)
    return subtractor


def by_save(subtractor, folder, ending):
    subtractor.save(folder / f"street.{ending}")
    other = gt.compat.createBackgroundSubtractorMOG2()
    storage = cv2.FileStorage(str(folder / f"street.{ending}"), cv2.FILE_STORAGE_READ)
    other.read(storage.getFirstTopLevelNode())
    return other


def by_write(subtractor, folder, ending, name=""):
    path = str(folder / f"street.{ending}")
    storage = cv2.FileStorage(path, cv2.FILE_STORAGE_WRITE)
    subtractor.write(storage, name)
    storage.release()
    other = gt.compat.createBackgroundSubtractorMOG2()
    storage = cv2.FileStorage(path, cv2.FILE_STORAGE_READ)
    other.read(storage.getNode(name) if name else storage.root())
    return other


WAYS = {
    "save yml": lambda subtractor, folder: by_save(subtractor, folder, "yml"),
    "save xml": lambda subtractor, folder: by_save(subtractor, folder, "xml"),
    "save json": lambda subtractor, folder: by_save(subtractor, folder, "json"),
    "save yml.gz": lambda subtractor, folder: by_save(subtractor, folder, "yml.gz"),
    "write": lambda subtractor, folder: by_write(subtractor, folder, "yml"),
    "write by name": lambda subtractor, folder: by_write(subtractor, folder, "json", "street"),
    "pickle": lambda subtractor, _: pickle.loads(pickle.dumps(subtractor)),
    "copy": lambda subtractor, _: copy.copy(subtractor),
    "deepcopy": lambda subtractor, _: copy.deepcopy(subtractor),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_subtractor_goes_on_bit_for_bit(clip, tmp_path, way):
    images = clip(50)
    ours = changed(both()[0])
    for image in images[:30]:
        ours.apply(image)
    other = WAYS[way](ours, tmp_path)
    for name in CHANGES:
        assert getattr(other, f"get{name}")() == getattr(ours, f"get{name}")()
    for image in images[30:]:
        np.testing.assert_array_equal(other.apply(image), ours.apply(image))
    np.testing.assert_array_equal(other.getBackgroundImage(), ours.getBackgroundImage())


def test_load_reads_what_save_wrote_and_nothing_else(clip, tmp_path):
    path = tmp_path / "street.yml"
    ours = changed(both()[0])
    for image in clip(5):
        ours.apply(image)
    ours.save(path)
    other = gt.compat.BackgroundSubtractorMOG2.load(path)
    np.testing.assert_array_equal(other.getBackgroundImage(), ours.getBackgroundImage())
    with pytest.raises(SourceError) as error:
        gt.compat.BackgroundSubtractorMOG2.load(tmp_path / "none.yml")
    assert str(error.value) == f"cannot read {tmp_path / 'none.yml'}: no such file"
    with pytest.raises(OutputError) as refused:
        ours.save(tmp_path / "none" / "street.yml")
    assert str(refused.value) == f"cannot write {tmp_path / 'none' / 'street.yml'}"


def test_parameters_pass_to_opencv_and_back(clip, tmp_path):
    ours, theirs = both()
    ours.apply(clip(1)[0])
    changed(ours).save(tmp_path / "ours.yml")
    storage = cv2.FileStorage(str(tmp_path / "ours.yml"), cv2.FILE_STORAGE_READ)
    theirs.read(storage.getFirstTopLevelNode())
    for name in CHANGES:
        assert getattr(theirs, f"get{name}")() == getattr(ours, f"get{name}")()
    theirs.save(str(tmp_path / "theirs.yml"))
    back = gt.compat.BackgroundSubtractorMOG2.load(tmp_path / "theirs.yml")
    for name in CHANGES:
        assert getattr(back, f"get{name}")() == getattr(ours, f"get{name}")()
    assert back.empty()


def test_a_node_of_something_else_is_refused(clip):
    ours, theirs = both()
    images = clip(20)
    agreement(ours, theirs, images[:10])
    storage = cv2.FileStorage("", cv2.FILE_STORAGE_WRITE | cv2.FILE_STORAGE_MEMORY)
    storage.write("name", "BackgroundSubtractor.KNN")
    text = storage.releaseAndGetString()
    storage = cv2.FileStorage(text, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
    with pytest.raises(ArgumentError) as error:
        ours.read(storage.root())
    assert str(error.value) == "fn must be a node that a BackgroundSubtractorMOG2 wrote, got another node"
    with pytest.raises(ArgumentError) as error:
        ours.read("street.yml")
    assert str(error.value) == "fn must be a node that a BackgroundSubtractorMOG2 wrote, got str"
    assert agreement(ours, theirs, images[10:]) >= 0.998
