"""OpenCV's names: a BackgroundSubtractorMOG2 that existing programs can use with one line changed."""
# ruff: noqa: N802 - OpenCV's names

from __future__ import annotations

import copy
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, overload

import cv2
import numpy as np
from numpy.typing import NDArray

from gmmtrack.background import file_storage
from gmmtrack.background.arguments import checked_held, checked_pixels, frame_shape
from gmmtrack.background.masks.kernels import SHADOW
from gmmtrack.background.parameters import Parameters
from gmmtrack.background.state import PixelMixtures
from gmmtrack.errors import ArgumentError, OutputError, SourceError
from gmmtrack.threads import Threads, available_threads

Image = NDArray[Any]
Mask = NDArray[np.uint8]


def createBackgroundSubtractorMOG2(
    history: int = 500, varThreshold: float = 16, detectShadows: bool = True
) -> BackgroundSubtractorMOG2:
    """Return a subtractor with the methods, arguments, defaults and decisions of OpenCV's.

    Parameters
    ----------
    history : int
        Time constant of the background [frames]; 500 where not positive.
    varThreshold : float
        Squared distance from the background beyond which a pixel is foreground [squared standard deviations]; 16 where
        not positive.
    detectShadows : bool
        Label shadows 127 instead of 255.
    """
    threshold = float(np.float32(varThreshold)) if varThreshold > 0 else 16.0
    parameters = Parameters(
        history=history if history > 0 else 500, varThreshold=threshold, detectShadows=detectShadows
    )
    return BackgroundSubtractorMOG2(parameters)


class BackgroundSubtractorMOG2:
    """OpenCV's class of this name, made by `createBackgroundSubtractorMOG2`: the same methods, arguments and decisions.

    What is otherwise here:

    - `save`, `write` and `read` keep what was learned, not the parameters alone; each program reads the other's files.
    - A learning rate of 0 learns nothing, from the first frame on, where OpenCV learns its first frame all the same.
    - A frame of another size, depth or number of channels is an error until `clear` is called, where OpenCV forgets all
      it has learned without a word; so are an empty image, NaN and parameters that make no sense.
    - `clear` forgets what was learned, and `empty` tells whether there is anything; OpenCV's do and tell nothing.
    - `getBackgroundImage` works for 1 to 4 channels and every depth, where OpenCV's takes 1 or 3 of uint8 or float32.
    - `setNMixtures` may be called at any time, where OpenCV then reads and writes memory that is not its own.
    - A component that a pixel fits is kept, where OpenCV passes over all that are lighter than one it has just dropped;
      this shows where `history` is short and `complexityReductionThreshold` high.
    - Two threads may use one object, and objects can be copied and pickled.
    """

    _mixtures: PixelMixtures | None
    _n_frames: int
    _dtype: np.dtype[Any]

    def __init__(self, parameters: Parameters | None = None) -> None:
        self._parameters = parameters or Parameters()
        self._threads = Threads(available_threads())
        self._lock = threading.Lock()
        self.clear()

    @overload
    def apply(self, image: Image, fgmask: Mask | None = None, learningRate: float = -1) -> Mask: ...

    @overload
    def apply(
        self, image: Image, knownForegroundMask: Mask, fgmask: Mask | None = None, learningRate: float = -1
    ) -> Mask: ...

    def apply(self, image: Image, *args: Any, **kwargs: Any) -> Mask:
        """apply(image[, fgmask[, learningRate]]) or apply(image, knownForegroundMask[, fgmask[, learningRate]]).

        Parameters
        ----------
        image : (H, W) or (H, W, C) of any real dtype
            1 to 4 channels; floating-point levels are taken as they are, and should be 0 to 255.
        knownForegroundMask : (H, W) uint8, optional
            Pixels that are not 0 are foreground, and are not learned.
        fgmask : (H, W) uint8, optional
            Where to write the mask; a new array is made if it does not fit.
        learningRate : float
            The share of this frame, 0 to 1: 0 learns nothing, 1 forgets all else. If negative, 1 / `history`, and 1/2,
            1/4, 1/6 ... over the first frames.

        Returns
        -------
        fgmask : (H, W) uint8
            0 background, `shadowValue` shadow, 255 foreground.
        """
        given = _bind(args, kwargs)
        with self._lock:
            pixels, shape = checked_pixels(image), frame_shape(image)
            self._check_same(shape, image.dtype)
            known = given.get("knownForegroundMask")
            held = checked_held(known, None, shape[:2], name="knownForegroundMask")
            rate = _checked_rate(given.get("learningRate"))
            mask = _output(given.get("fgmask"), shape[:2])
            self._update(pixels, shape, held, rate, mask)
            self._dtype = image.dtype
            if known is not None:
                mask[known != 0] = 255
            return mask

    def getBackgroundImage(self, backgroundImage: Image | None = None) -> Image | None:
        """Return the background, of the shape and dtype of the frames, or None before anything is learned."""
        with self._lock:
            if self._mixtures is None or self._n_frames == 0:
                return None
            image = self._mixtures.blend(
                self._parameters.backgroundRatio, self._parameters.complexityReductionThreshold
            )
            image = image[:, :, 0] if image.shape[2] == 1 else image
            background = _cast(image, self._dtype)
        fits = isinstance(backgroundImage, np.ndarray) and backgroundImage.shape == background.shape
        if backgroundImage is None or not fits or backgroundImage.dtype != background.dtype:
            return background
        backgroundImage[:] = background
        return backgroundImage

    def clear(self) -> None:
        """Forget everything learned, and the size of the frames."""
        with self._lock:
            self._mixtures, self._n_frames, self._dtype = None, 0, np.dtype(np.uint8)

    def empty(self) -> bool:
        """Return whether nothing has been learned."""
        return self._n_frames == 0

    def getDefaultName(self) -> str:
        """Return the name of the node that `save` writes."""
        return "BackgroundSubtractor_MOG2"

    def save(self, filename: str | Path) -> None:
        """Write the parameters and what was learned to a .yml, .xml or .json file."""
        path = Path(filename)
        partial = path.with_name(f"part-{path.name}")
        try:
            self._save(partial)
            partial.replace(path)
        except (OSError, cv2.error):
            partial.unlink(missing_ok=True)
            raise OutputError(f"cannot write {path}") from None

    @classmethod
    def load(cls, filename: str | Path) -> BackgroundSubtractorMOG2:
        """Return the subtractor that `save` wrote."""
        if not Path(filename).is_file():
            raise SourceError(f"cannot read {filename}: no such file")
        subtractor = cls()
        try:
            storage = cv2.FileStorage(str(filename), cv2.FILE_STORAGE_READ)
        except (cv2.error, SystemError):
            raise ArgumentError(f"{filename} must be a file that save() wrote") from None
        subtractor.read(storage.getFirstTopLevelNode())
        return subtractor

    def write(self, fs: cv2.FileStorage, name: str = "") -> None:
        """Write the parameters and what was learned to an open file storage, as a map of this name if one is given."""
        if name:
            fs.startWriteStruct(name, cv2.FILE_NODE_MAP)
        with self._lock:
            file_storage.put_subtractor(fs, self._parameters, self._mixtures, self._n_frames, self._dtype)
        if name:
            fs.endWriteStruct()

    def read(self, fn: cv2.FileNode) -> None:
        """Take the parameters, and what was learned if it is there, from a node that `write` or `save` wrote."""
        parameters, mixtures, n_frames, dtype = file_storage.take_subtractor(fn)
        with self._lock:
            self._parameters, self._mixtures, self._n_frames = parameters, mixtures, n_frames
            self._dtype = dtype

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            return copy.deepcopy({name: value for name, value in vars(self).items() if name != "_lock"})

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._lock = threading.Lock()

    def _check_same(self, shape: tuple[int, int, int], dtype: np.dtype[Any]) -> None:
        """Refuse a frame of another kind than those before."""
        if self._mixtures is not None and (self._mixtures.shape, self._dtype) != (shape, dtype):
            before = f"{self._mixtures.shape} {self._dtype}"
            raise ArgumentError(f"image must be {before} as the frames before, got {shape} {dtype}; call clear() first")

    def _update(self, pixels: Image, shape: tuple[int, int, int], held: Mask, rate: float | None, mask: Mask) -> None:
        parameters = self._parameters
        if rate is not None and rate >= 1:
            self._n_frames = 0
        counted = self._n_frames + (self._n_frames > 0 or rate != 0)
        if rate is None:
            rate = 1 / min(2 * counted, parameters.history)
        if self._mixtures is None:
            self._mixtures = PixelMixtures(shape, parameters.nmixtures)
        self._mixtures.update(pixels, held, min(rate, 1.0), parameters.rules(), mask, self._threads)
        self._n_frames = counted
        if parameters.shadowValue != SHADOW:
            mask[mask == SHADOW] = parameters.shadowValue

    def _save(self, path: Path) -> None:
        mode = cv2.FILE_STORAGE_WRITE | cv2.FILE_STORAGE_BASE64
        storage = cv2.FileStorage(str(path), mode)
        if not storage.isOpened():
            raise OSError
        self.write(storage, self.getDefaultName())
        storage.release()

    def _set(self, **change: Any) -> None:
        with self._lock:
            prune = self._parameters.complexityReductionThreshold
            self._parameters = replace(self._parameters, **change)
            if self._mixtures is not None and "nmixtures" in change:
                self._mixtures.resize(self._parameters.nmixtures, prune)
            if self._mixtures is not None and "complexityReductionThreshold" in change:
                self._mixtures.settle(prune)

    # OpenCV's getters and setters, in its order

    def getHistory(self) -> int:
        """Return the time constant of the background [frames]."""
        return self._parameters.history

    def setHistory(self, history: int) -> None:
        """Set the time constant of the background [frames]."""
        self._set(history=history)

    def getNMixtures(self) -> int:
        """Return how many components a pixel may have."""
        return self._parameters.nmixtures

    def setNMixtures(self, nmixtures: int) -> None:
        """Set how many components a pixel may have; of those that no longer fit, the lightest go."""
        self._set(nmixtures=nmixtures)

    def getBackgroundRatio(self) -> float:
        """Return the weight that the components of the background have together."""
        return self._parameters.backgroundRatio

    def setBackgroundRatio(self, ratio: float) -> None:
        """Set the weight that the components of the background have together."""
        self._set(backgroundRatio=ratio)

    def getVarThreshold(self) -> float:
        """Return the squared distance beyond which a pixel is foreground [squared standard deviations]."""
        return self._parameters.varThreshold

    def setVarThreshold(self, varThreshold: float) -> None:
        """Set the squared distance beyond which a pixel is foreground [squared standard deviations]."""
        self._set(varThreshold=varThreshold)

    def getVarThresholdGen(self) -> float:
        """Return the squared distance beyond which a pixel starts a component [squared standard deviations]."""
        return self._parameters.varThresholdGen

    def setVarThresholdGen(self, varThresholdGen: float) -> None:
        """Set the squared distance beyond which a pixel starts a component [squared standard deviations]."""
        self._set(varThresholdGen=varThresholdGen)

    def getVarInit(self) -> float:
        """Return the variance of a new component [levels²]."""
        return self._parameters.varInit

    def setVarInit(self, varInit: float) -> None:
        """Set the variance of a new component [levels²]."""
        self._set(varInit=varInit)

    def getVarMin(self) -> float:
        """Return the least variance of a component [levels²]."""
        return self._parameters.varMin

    def setVarMin(self, varMin: float) -> None:
        """Set the least variance of a component [levels²]."""
        self._set(varMin=varMin)

    def getVarMax(self) -> float:
        """Return the greatest variance of a component [levels²]."""
        return self._parameters.varMax

    def setVarMax(self, varMax: float) -> None:
        """Set the greatest variance of a component [levels²]."""
        self._set(varMax=varMax)

    def getComplexityReductionThreshold(self) -> float:
        """Return the evidence that a component needs to stay."""
        return self._parameters.complexityReductionThreshold

    def setComplexityReductionThreshold(self, ct: float) -> None:
        """Set the evidence that a component needs to stay; 0 is Stauffer and Grimson's mixture."""
        self._set(complexityReductionThreshold=ct)

    def getDetectShadows(self) -> bool:
        """Return whether shadows are labelled."""
        return self._parameters.detectShadows

    def setDetectShadows(self, detectShadows: bool) -> None:
        """Set whether shadows are labelled."""
        self._set(detectShadows=detectShadows)

    def getShadowValue(self) -> int:
        """Return the label of shadows."""
        return self._parameters.shadowValue

    def setShadowValue(self, value: int) -> None:
        """Set the label of shadows."""
        self._set(shadowValue=value)

    def getShadowThreshold(self) -> float:
        """Return the least share of its light that a shaded pixel keeps."""
        return self._parameters.shadowThreshold

    def setShadowThreshold(self, threshold: float) -> None:
        """Set the least share of its light that a shaded pixel keeps."""
        self._set(shadowThreshold=threshold)


def _bind(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `apply` by name: OpenCV takes a second array for the mask that is known."""
    names: tuple[str, ...] = ("fgmask", "learningRate")
    if "knownForegroundMask" in kwargs or len(args) == 3 or (len(args) == 2 and isinstance(args[1], np.ndarray)):
        names = ("knownForegroundMask", *names)
    given = dict(zip(names, args, strict=False))
    wrong = (kwargs.keys() - set(names)) | (kwargs.keys() & given.keys())
    if wrong or len(args) > len(names):
        raise TypeError(f"apply() takes image, [knownForegroundMask,] fgmask and learningRate, got {[*args, *kwargs]}")
    return given | kwargs


def _checked_rate(rate: Any) -> float | None:
    """Return a learning rate, or None where it is left to the subtractor."""
    if rate is None:
        return None
    if not isinstance(rate, (int, float, np.integer, np.floating)) or isinstance(rate, bool) or np.isnan(rate):
        raise ArgumentError(f"learningRate must be a number, got {rate!r}")
    return float(rate) if rate >= 0 else None


def _output(fgmask: Any, size: tuple[int, int]) -> Mask:
    """Return `fgmask` if the mask can be written there, else a new array, as OpenCV does."""
    fits = isinstance(fgmask, np.ndarray) and fgmask.shape == size and fgmask.dtype == np.uint8
    return fgmask if fits and fgmask.flags.carray else np.empty(size, np.uint8)


def _cast(image: NDArray[np.float32], dtype: np.dtype[Any]) -> Image:
    """Return an image in another dtype; whole numbers are rounded, and stay within their range."""
    if dtype.kind not in "iu":
        return image.astype(dtype)
    limits = np.iinfo(dtype)
    return np.clip(np.rint(image.astype(np.float64)), limits.min, limits.max).astype(dtype)
