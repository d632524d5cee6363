"""Every demo and every Python block of the README runs; the README's commands are there."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

import gmmtrack
from gmmtrack.cli import main
from gmmtrack.frames.images import read_image
from gmmtrack.outputs.encoder import Encoder
from gmmtrack.scenes import bundled_clips

ROOT = Path(gmmtrack.__file__).parents[1]
DEMOS = ROOT / "demos"
README = ROOT / "README.md"
ARGUMENTS = {
    "background_model.py": ["street.mp4"],
    "own_detector.py": ["street.mp4"],
    "picture.py": ["picture.png"],
    "track_video.py": ["street.mp4"],
    "webcam.py": ["--frames", "60"],
}
N_FRAMES = 40


def demo(name: str, folder: Path) -> str:
    """Run a demo in `folder`, warnings being errors, and return what it prints."""
    command = [sys.executable, "-W", "error", str(DEMOS / name), *ARGUMENTS.get(name, [])]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    return done.stdout


def write_clip(path: Path) -> None:
    """Write the first frames of a bundled clip."""
    with av.open(str(bundled_clips()["street"])) as container:
        images = [frame.to_ndarray(format="bgr24") for frame in islice(container.decode(video=0), N_FRAMES)]
    encoder = Encoder(path, images[0], 23)
    for index, image in enumerate(images):
        encoder.add(image, index / 25)
    encoder.close()


def test_every_demo_runs(tmp_path):
    write_clip(tmp_path / "street.mp4")
    names = sorted(path.name for path in DEMOS.glob("*.py"))
    with ThreadPoolExecutor(2) as crew:
        printed = dict(zip(names, crew.map(partial(demo, folder=tmp_path), names), strict=True))
    assert re.match(r"\d+ tracks\ntrack \d+ was seen longest", printed["track_video.py"])
    assert "has come" in printed["webcam.py"]
    assert "pixels/s" in printed["own_detector.py"]
    assert "ICL: 3 components" in printed["choosing_components.py"]
    assert "BIC: 4 components" in printed["choosing_components.py"]
    assert "message length: 4 components" in printed["choosing_components.py"]
    for name in ("em_1d.py", "em_2d.py"):
        start, end = map(float, re.findall(r"(-[\d.]+) (?:at the start|after)", printed[name]))
        assert end > start + 0.5, name
    assert float(re.search(r"the means are ([\d.]+) from", printed["drift.py"])[1]) < 0.4
    assert re.search(r"0\.3\d of the points are noise", printed["robust_noise.py"])
    stems = ("em_1d", "em_2d", "drift", "choosing_components", "robust_noise", "background")
    for file in (*(f"output/{stem}.png" for stem in stems), "picture.png"):
        assert np.ptp(read_image(tmp_path / file)) > 100, file
    for stem in ("em_1d", "em_2d", "drift"):
        assert not np.array_equal(*first_and_last(tmp_path / "output" / f"{stem}.mp4")), stem


def first_and_last(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last image of a video."""
    with av.open(str(path)) as container:
        images = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    assert len(images) > 20
    return images[0], images[-1]


def blocks(language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", README.read_text(encoding="utf-8"))


@pytest.fixture
def place(tmp_path, monkeypatch) -> None:
    """An empty folder with street.mp4 in it, which is also what the camera sees; windows stay shut."""
    clip = tmp_path / "street.mp4"
    write_clip(clip)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gmmtrack.frames.open._camera", lambda *_: gmmtrack.open_source(clip))
    monkeypatch.setattr("cv2.imshow", lambda *_: None)
    monkeypatch.setattr("cv2.waitKey", lambda *_: -1)


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_the_python_of_the_readme_runs(number):
    exec(compile(blocks("python")[number], f"README.md, block {number + 1}", "exec"), {"__name__": "readme"})


def test_the_readme_has_python_for_three_users():
    assert len(blocks("python")) >= 3
    assert all(len(block.splitlines()) <= 8 for block in blocks("python"))


def test_the_files_that_the_readme_links_to_are_there():
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_commands_of_the_readme_exist(capsys):
    commands = set(
        re.findall(
            r"(?m)gmmtrack (demo|track|masks|eval tracks|eval masks|bench|fetch|settings)",
            README.read_text(encoding="utf-8"),
        )
    )
    assert len(commands) == 8
    for command in commands:
        with pytest.raises(SystemExit) as ended:
            main([*command.split(), "--help"])
        assert ended.value.code == 0
    capsys.readouterr()


def test_the_picture_of_the_readme_is_small():
    assert (ROOT / "docs" / "street.png").stat().st_size < 400_000
