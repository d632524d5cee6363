import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from gmmtrack.cli import main
from gmmtrack.commands import window as windows
from gmmtrack.commands.tally import Tally, count
from gmmtrack.outputs.encoder import Encoder
from gmmtrack.outputs.mot import read_mot
from gmmtrack.pipeline import Pipeline
from gmmtrack.threads import available_threads

N_FRAMES = 50


def picture(index: int) -> np.ndarray:
    """Return image `index` of a clip in which a bright block crosses a noisy grey wall."""
    image = np.random.default_rng(index).integers(90, 100, (120, 160, 3), dtype=np.uint8)
    image[40:80, 3 * index : 3 * index + 12] = (40, 200, 250)
    return image


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "block.mp4"
    encoder = Encoder(path, picture(0), 18)
    for index in range(N_FRAMES):
        encoder.add(picture(index), index / 25)
    encoder.close()
    return path


@pytest.fixture
def call(capsys, monkeypatch, tmp_path):
    """A function that runs a command line in an empty folder; it returns the exit code, and the two outputs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    def run(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        output, errors = capsys.readouterr()
        return ended.value.code, output, errors

    return run


def n_decodable(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_track_writes_what_is_asked_for_and_sums_up(call, video):
    code, output, errors = call(
        "track", video, "--video", "a.mp4", "--mot", "a.txt", "--csv", "a.csv", "--jsonl", "a.jsonl", "--masks", "m"
    )
    assert (code, errors) == (0, "")
    assert output.startswith(f"{video}: 50 frames, 2.0 s of video\n  found  1 track seen, at most 1 at once\n")
    assert "  wrote  video  a.mp4\n  wrote  mot    a.txt\n" in output
    assert n_decodable(Path("a.mp4")) == N_FRAMES
    rows = read_mot("a.txt")
    assert set(rows[:, 1]) == {1}
    assert len(rows) > N_FRAMES // 2
    assert Path("a.csv").read_text().count("\n") == len(rows) + 1
    assert len([json.loads(line) for line in Path("a.jsonl").read_text().splitlines()]) == N_FRAMES
    assert len(list(Path("m").glob("*.png"))) == N_FRAMES


def test_track_without_an_output_writes_into_a_folder(call, video):
    code, output, _ = call("track", video)
    assert code == 0
    assert "wrote  video  output/block.mp4" in output
    assert sorted(path.name for path in Path("output").iterdir()) == ["block.mp4", "block.txt"]


def test_settings_reach_the_tracker(call, video):
    Path("my.toml").write_text("prime = 0\n[tracking]\nconfirm_detections = 1000\n")
    assert "0 tracks seen" in call("track", video, "--mot", "a.txt", "--config", "my.toml", "--set", "prime=9")[1]


def test_frame_rate_sets_the_clock(call, video):
    output = call("track", video, "--csv", "a.csv", "--frame-rate", "10")[1]
    assert "50 frames, 5.0 s of video" in output
    frame, time = Path("a.csv").read_text().splitlines()[-1].split(",")[:2]
    assert float(time) == int(frame) / 10


def test_threads_set_the_number_and_change_nothing_else(call, video, monkeypatch):
    n_threads = cv2.getNumThreads()
    monkeypatch.setenv("GMMTRACK_THREADS", "")
    try:
        assert call("track", video, "--mot", "a.txt", "--threads", "1")[0] == 0
        assert cv2.getNumThreads() == available_threads() == 1
        assert call("track", video, "--mot", "b.txt", "--threads", "3")[0] == 0
    finally:
        cv2.setNumThreads(n_threads)
    assert Path("a.txt").read_text() == Path("b.txt").read_text()


def test_an_interrupt_keeps_what_was_written(call, video, monkeypatch):
    process = Pipeline.process

    def interrupted(self, frame, *reduced):
        if frame.index == 30:
            raise KeyboardInterrupt
        return process(self, frame, *reduced)

    monkeypatch.setattr(Pipeline, "process", interrupted)
    code, output, errors = call("track", video, "--online", "--video", "a.mp4", "--jsonl", "a.jsonl")
    assert (code, output) == (130, "")
    assert errors == "gmmtrack: interrupted after 30 frames; what was written is kept\n"
    assert n_decodable(Path("a.mp4")) == 30
    assert len(Path("a.jsonl").read_text().splitlines()) == 30


def test_an_interrupt_while_looking_writes_nothing(call, video, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Pipeline, "record", interrupted)
    assert call("track", video, "--mot", "a.txt") == (130, "", "gmmtrack: interrupted after 0 frames\n")
    assert list(Path().iterdir()) == []


def test_files_are_looked_back_on_unless_told_otherwise(call, video):
    rows = {}
    for option in ((), ("--offline",), ("--online",)):
        assert call("track", video, "--mot", "a.txt", *option)[0] == 0
        rows[option] = read_mot("a.txt")
    np.testing.assert_array_equal(rows[()], rows[("--offline",)])
    assert rows[()][0, 0] < rows[("--online",)][0, 0]  # a track begins where it was first seen


def test_an_interrupt_while_the_program_is_loaded_is_one_line():
    program = (
        "import runpy, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'typer': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Finder())\n"
        "runpy.run_module('gmmtrack', run_name='__main__')\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "gmmtrack: interrupted\n")


def test_an_interrupt_of_any_command_is_one_line(call, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("gmmtrack.config.settings_toml", interrupted)
    assert call("settings") == (130, "", "gmmtrack: interrupted\n")


def test_frames_that_did_not_decode_are_a_warning(call, video):
    whole = video.read_bytes()
    Path("cut.mp4").write_bytes(whole[: len(whole) * 6 // 10])
    code, _, errors = call("track", "cut.mp4", "--mot", "a.txt")
    assert code in (0, 2)
    assert errors.startswith("gmmtrack: ")
    assert errors.count("\n") == 1

    Path("images").mkdir()
    for index in range(12):
        cv2.imwrite(f"images/{index}.png", picture(index))
    Path("images/5.png").write_bytes(b"noise")
    code, output, errors = call("track", "images", "--mot", "a.txt")
    assert (code, errors) == (0, "gmmtrack: warning: images: 1 of 12 images did not decode: 5.png\n")
    assert output.startswith("images: 11 frames")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["track", "none.mp4"], "no such file or folder: none.mp4"),
        (["track", "{video}", "--mot", "no/a.txt"], "cannot write no/a.txt: the folder no does not exist"),
        (["track", "{video}", "--video", "a.avi"], "video must end in .mp4, .m4v, .mov, .mkv, got 'a.avi'"),
        (["track", "{video}", "--mot", "a", "--csv", "a"], "cannot write a as csv: mot goes there too"),
        (["track", "{video}", "--video", "{video}"], "cannot write {video} as video: it is the source"),
        (["track", "{video}", "--set", "gate=1"], "unknown setting 'gate'; did you mean background.gate or"),
        (["track", "{video}", "--set", "tracking.gate=0"], "tracking.gate must be > 0 sigma, got 0.0"),
        (["track", "{video}", "--config", "no.toml"], "cannot read no.toml: no such file or directory"),
        (["track", "{video}", "--threads", "0"], "--threads must be >= 1, got 0"),
        (["track", "{video}", "--frame-rate", "0"], "frame_rate must be > 0 Hz, got 0.0"),
        (["track", "{video}", "--show"], "--show needs a screen, and DISPLAY is not set; write a video with --video"),
        (["track"], "Missing argument 'source'"),
        (["track", "{video}", "--speed"], "No such option: --speed"),
        (["trak"], "No such command 'trak'"),
        (["masks", "{video}", "--output", "no/masks"], "cannot write no/masks: the folder no does not exist"),
        (["masks", "{video}"], "Missing option '--output'"),
        (["eval", "tracks", "no.txt", "no.txt"], "cannot read no.txt: no such file or directory"),
        (["eval", "masks", "no"], "folder must hold a CDnet sequence, got no JPEG images in no/input"),
        (["bench", "mixture", "a.mp4"], "bench mixture must be given no sources, got a.mp4"),
        (["bench", "soak", "long"], "bench soak must be given one number of frames, got long"),
        (["bench", "no.mp4"], "sources must be videos or folders of images, got no.mp4, which is not there"),
        (["fetch", "nothing"], "name must be one of vtest, got 'nothing'"),
        (["settings", "--set", "hold=-1"], "hold must be >= 0 sizes, got -1.0"),
    ],
)
def test_what_a_user_can_put_right_is_one_line_and_exit_code_2(call, video, words, message):
    code, output, errors = call(*(word.replace("{video}", str(video)) for word in words))
    assert (code, output) == (2, "")
    assert errors.startswith("gmmtrack: " + message.replace("{video}", str(video)))
    assert errors.count("\n") == 1
    assert not any(Path.cwd().iterdir())


@pytest.mark.parametrize("content", [b"", b"not a video", bytes(range(256)) * 40])
def test_a_file_that_is_no_video_is_one_line_and_exit_code_2(call, content):
    Path("x.mp4").write_bytes(content)
    code, output, errors = call("track", "x.mp4", "--mot", "a.txt")
    assert (code, output) == (2, "")
    assert errors.startswith("gmmtrack: x.mp4 ")
    assert errors.count("\n") == 1
    assert not Path("a.txt").exists()


def test_raw_video_that_breaks_other_readers_is_tracked(call, data):
    code, output, _ = call("track", data / "bad" / "demo.avi", "--mot", "a.txt")
    assert code == 0
    assert "51 frames" in output


def test_masks_writes_images_of_the_background_model(call, video):
    code, output, errors = call("masks", video, "--output", "m", "--set", "background.preset=mog2")
    assert (code, errors) == (0, "")
    assert output.startswith(f"{video}: 50 frames, 2.0 s of video\n")
    assert output.endswith("  wrote  masks  m\n")
    mask = cv2.imread("m/mask000026.png", cv2.IMREAD_GRAYSCALE)
    assert np.mean(mask[42:78, 77:85] == 255) > 0.9
    assert np.mean(mask[:, :60] == 255) < 0.1
    call("masks", video, "--output", "usual", "--set", "prime=0")
    call("masks", video, "--output", "robust", "--set", "prime=0", "--set", "background.preset=robust")
    usual, robust = (Path(folder, "mask000026.png").read_bytes() for folder in ("usual", "robust"))
    assert usual == robust
    call("masks", video, "--output", "blind", "--set", "background.gate=1000", "--set", "prime=0")
    assert not cv2.imread("blind/mask000026.png", cv2.IMREAD_GRAYSCALE).any()


def test_eval_tracks_prints_the_scores(call):
    Path("a.txt").write_text("1,1,10,10,5,5\n2,1,12,10,5,5\n")
    code, output, _ = call("eval", "tracks", "a.txt", "a.txt")
    assert code == 0
    assert [word in output for word in ("HOTA", "MOTA", "IDF1", "id switches", "1.000")] == [True] * 5
    Path("b.txt").write_text("1,1,13,10,5,5\n2,1,15,10,5,5\n")
    assert " 1.000 " not in call("eval", "tracks", "a.txt", "b.txt")[1].split("│")[5]
    assert "-1.000" in call("eval", "tracks", "a.txt", "b.txt", "--iou", "0.9")[1]
    assert "-1.000" not in call("eval", "tracks", "a.txt", "b.txt", "--reach", "4")[1]


def test_eval_masks_scores_the_model_and_written_masks(call):
    Path("c/input").mkdir(parents=True)
    Path("c/groundtruth").mkdir()
    Path("c/temporalROI.txt").write_text("20 40\n")
    for index in range(40):
        cv2.imwrite(f"c/input/in{index + 1:06d}.jpg", picture(index), [cv2.IMWRITE_JPEG_QUALITY, 100])
        truth = np.zeros((120, 160), np.uint8)
        truth[40:80, 3 * index : 3 * index + 12] = 255
        cv2.imwrite(f"c/groundtruth/gt{index + 1:06d}.png", truth)
    code, output, _ = call("eval", "masks", "c")
    assert code == 0
    assert float(output.split("│")[-9].strip() or 0) > 0.65
    assert call("eval", "masks", "c", "--masks", "c/groundtruth")[1].split("│")[-9].strip() == "1.000"


def test_bench_prints_a_table_with_ratios(call, video):
    code, output, _ = call("bench", "background", video, "--threads", "1")
    assert code == 0
    assert "cv2 MOG2" in output
    assert "gmmtrack robust" in output


def test_settings_prints_toml_that_track_takes(call, video):
    code, output, _ = call("settings", "--set", "tracking.confirm_detections=1000")
    assert code == 0
    assert "\nconfirm_detections = 1000\n" in output
    Path("my.toml").write_text(output, encoding="utf-8")
    assert "0 tracks seen" in call("track", video, "--mot", "a.txt", "--config", "my.toml")[1]


def test_fetch_lists_the_clips(call):
    code, output, _ = call("fetch")
    assert code == 0
    assert output.startswith("vtest  ")


def test_demo_tracks_the_bundled_clip_and_compares_it_with_its_truth(call):
    code, output, errors = call("demo", "--output", "found")
    assert (code, errors) == (0, "")
    assert "street.mp4: 400 frames, 16.0 s of video" in output
    assert "HOTA " in output
    assert n_decodable(Path("found/street.mp4")) == 400
    assert len(read_mot("found/street.txt")) > 100


def test_demo_goes_without_trackeval(call, monkeypatch, video):
    monkeypatch.setattr("gmmtrack.scenes.bundled_clips", lambda: {"street": video})
    video.with_suffix(".txt").write_text("1,1,0,40,20,40\n")
    monkeypatch.setitem(sys.modules, "trackeval.metrics", None)
    code, output, _ = call("demo")
    assert code == 0
    assert output.endswith('  truth  not compared: scores of tracks need TrackEval; pip install "gmmtrack[eval]"\n')


def test_the_version_and_the_help_are_told(call):
    assert call("--version") == (0, f"gmmtrack {importlib.metadata.version('gmmtrack')}\n", "")
    code, output, _ = call()
    assert code == 0
    assert [name in output for name in ("demo", "track", "masks", "eval", "bench", "fetch", "settings")] == [True] * 7
    assert call("--help")[1] == output


def test_the_module_runs_as_the_command_does():
    done = subprocess.run([sys.executable, "-W", "error", "-m", "gmmtrack", "trak"], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"gmmtrack: No such command 'trak'")


def test_a_window_shows_frames_until_it_is_told_to_end(call, video, monkeypatch):
    shown, keys = [], iter([255] * 20 + [ord("q")])
    monkeypatch.setattr(windows, "check_display", lambda: None)
    monkeypatch.setattr(windows.cv2, "namedWindow", lambda *_: None)
    monkeypatch.setattr(windows.cv2, "imshow", lambda _, image: shown.append(image))
    monkeypatch.setattr(windows.cv2, "waitKey", lambda _: next(keys))
    monkeypatch.setattr(windows.cv2, "getWindowProperty", lambda *_: 1)
    monkeypatch.setattr(windows.cv2, "destroyAllWindows", lambda: None)
    code, output, _ = call("track", video, "--show")
    assert code == 0
    assert output.startswith(f"{video}: 21 frames")
    assert len(shown) == 21
    assert not Path("output").exists()


def test_a_screen_that_does_not_answer_is_an_error(call, video, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":9473")
    monkeypatch.setattr(sys, "platform", "linux")
    code, _, errors = call("track", video, "--show")
    assert code == 2
    assert errors == "gmmtrack: --show needs a screen, and no window opens here; write a video with --video instead\n"


def test_progress_is_told_on_a_terminal_alone(call, video, monkeypatch):
    assert call("track", video, "--mot", "a.txt")[2] == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    assert "100/100" in call("track", video, "--mot", "a.txt")[2]  # read twice


def test_a_tally_of_nothing_can_be_told():
    tally = Tally()
    assert tally.length(25.0) == "0 frames, 0.0 s of video"
    assert tally.tracks() == "0 tracks seen, at most 0 at once"
    assert count(1, "frame") == "1 frame"
