"""Public clips, fetched once, checked, and kept in the user's cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

from gmmtrack.errors import ArgumentError, SourceError

_CHUNK = 1 << 16  # [bytes]
_FAILURES = {
    "ConnectTimeout": "no answer",
    "ReadTimeout": "no answer",
    "ChunkedEncodingError": "the connection broke off",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A clip that anyone may fetch.

    file: its name in the cache · url: where it is · sha256: of its bytes, in hexadecimal · about: one line for people
    """

    file: str
    url: str
    sha256: str
    about: str


CLIPS: Mapping[str, Clip] = MappingProxyType(
    {
        "vtest": Clip(
            file="vtest.avi",
            url="https://raw.githubusercontent.com/opencv/opencv/4.10.0/samples/data/vtest.avi",
            sha256="45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf",
            about="pedestrians from above, 795 frames of 768x576, 8 MB; OpenCV's sample, from PETS 2009",
        ),
    }
)


def known_clips() -> Mapping[str, Clip]:
    """Return the clips that `fetch` knows, by name."""
    return CLIPS


def fetch(name: str, *, clips: Mapping[str, Clip] = CLIPS, folder: Path | None = None, timeout: float = 30.0) -> Path:
    """Return where a known clip lies on this machine, after downloading it if it is not there yet.

    Parameters
    ----------
    name : str
        One of `known_clips`.
    clips : mapping of str to Clip
        What is known.
    folder : Path, optional
        Where to keep it; the user's cache if not given.
    timeout : float
        [s] without an answer, then the download is given up.

    Raises
    ------
    ArgumentError
        If no clip has that name.
    SourceError
        If it cannot be downloaded, or is not what it was; then nothing is left behind.
    """
    import pooch

    if name not in clips:
        raise ArgumentError(f"name must be one of {', '.join(clips)}, got {name!r}")
    clip = clips[name]
    folder = Path(pooch.os_cache("gmmtrack")) if folder is None else folder
    pooch.get_logger().setLevel("WARNING")
    try:
        # pooch downloads into a temporary file, and moves it to its place only after the checksum fits
        path = pooch.retrieve(
            clip.url,
            known_hash=f"sha256:{clip.sha256}",
            fname=clip.file,
            path=folder,
            downloader=partial(_download, timeout=timeout),
        )
    except ValueError:
        raise SourceError(f"{name} from {clip.url} is not the file expected: its checksum differs") from None
    except OSError as error:
        raise SourceError(f"{name} cannot be fetched from {clip.url}: {_reason(error)}") from None
    return Path(path)


def _download(url: str, file: str, _: object, *, timeout: float) -> None:
    """Write what is at `url` into a file, in the way that pooch asks for it; its own leaves sockets open on errors."""
    import requests

    with requests.get(url, timeout=timeout, stream=True) as response, open(file, "wb") as output:
        response.raise_for_status()
        for chunk in response.iter_content(_CHUNK):
            output.write(chunk)


def _reason(error: OSError) -> str:
    """Return why a download failed, in a few words: requests nests its errors three deep."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answers {response.status_code}"
    if error.strerror:
        return error.strerror.lower()
    return _FAILURES.get(type(error).__name__, "no connection")
