"""The clips that come with gmmtrack: which they are, where they lie, and how they are rendered again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from gmmtrack.errors import SourceError
from gmmtrack.scenes.named import scene
from gmmtrack.scenes.scene import Scene
from gmmtrack.scenes.writing import write_clip


@dataclass(frozen=True, slots=True)
class Bundled:
    """A bundled clip's recipe. name: of the clip and its scene · seed, crf: as for `scene` and `write_clip`."""

    name: str
    what: str
    duration: float
    seed: int = 0
    crf: int = 25

    def scene(self) -> Scene:
        """Return the scene that it is rendered from."""
        return scene(self.name, size=(640, 360), seed=self.seed, duration=self.duration)


RECIPES = (
    Bundled("street", "people and cars in a street: crossings, shadows, a pillar and a bush in front", 16.0),
    Bundled("highway", "vehicles on a road that leads away from the camera, beside swaying trees", 14.0),
    Bundled("aquarium", "fish seen from above, meeting and crossing", 14.0),
    Bundled("foliage", "people before and behind heavily swaying leaves; one stops for 4 s", 12.0, crf=31),
)


def bundled_clips() -> dict[str, Path]:
    """Return the paths of the bundled clips by name; the truth of each lies beside it, as MOT text (.txt).

    Raises SourceError where they are missing.
    """
    folder = bundled_folder()
    return {recipe.name: folder / f"{recipe.name}.mp4" for recipe in RECIPES}


def bundled_folder() -> Path:
    """Return the folder of the bundled clips: within the installed package, or beside it in the repository."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "videos", package.parent / "videos"):
        if all((folder / f"{recipe.name}.mp4").is_file() for recipe in RECIPES):
            return folder
    raise SourceError("the bundled clips are missing; render them with `python -m gmmtrack.scenes videos`")


def render_bundled(folder: str | Path) -> list[Path]:
    """Render every bundled clip into `folder`, with its truth and a README that tells how each was made."""
    written: list[Path] = []
    for recipe in RECIPES:
        written += write_clip(recipe.scene(), Path(folder) / recipe.name, crf=recipe.crf)
    readme = Path(folder) / "README.md"
    readme.write_text(_readme(Path(folder)), encoding="utf-8", newline="\n")
    return [*written, readme]


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _readme(folder: Path) -> str:
    rows = []
    for recipe in RECIPES:
        declared = recipe.scene()
        made = f'`scene("{recipe.name}", seed={recipe.seed}, duration={recipe.duration:g})`, crf {recipe.crf}'
        width, height = declared.size
        form = f"{width}x{height}, {declared.frame_rate:g} Hz, {declared.n_frames} frames"
        rows.append(f"| `{recipe.name}.mp4` | {recipe.what} | {form} | {made} |")
    files = [folder / f"{recipe.name}{suffix}" for recipe in RECIPES for suffix in (".mp4", ".txt")]
    sums = "\n".join(f"{sha256(file)}  {file.name}" for file in files)
    return _README.format(rows="\n".join(rows), sums=sums)


_README = """\
# Bundled clips

Rendered by gmmtrack itself, so that every object, box and mask is known exactly. Render them again with
`python -m gmmtrack.scenes videos`: the truth comes out the same; the bytes of the videos depend on the version of the
H.264 encoder.

| clip | what happens | form | made by |
|---|---|---|---|
{rows}

`NAME.txt` is the truth as MOT text, one object in one frame a line: frame (from 1), id, left, top, width, height, 1,
class (1 person, 3 vehicle, 13 animal, 14 insect), share of the object that is seen. A box covers the whole object
within the frame, also what something in front of it hides; an object that is hidden altogether has no line.

## SHA-256
```
{sums}
```
"""
