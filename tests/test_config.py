import re
from pathlib import Path

import pytest

from gmmtrack.background import BackgroundSettings
from gmmtrack.background.settings import PRESETS
from gmmtrack.config import Configuration, configure, settings_toml
from gmmtrack.errors import ArgumentError, SourceError
from gmmtrack.settings import declared


@pytest.fixture
def toml(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "my.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def uncommented(text: str) -> str:
    return re.sub(r"(?m)^# (?=[a-z_0-9]+ = )", "", text)


def complaint(*changes: str, path: Path | None = None) -> str:
    with pytest.raises(ArgumentError) as caught:
        configure(path, changes)
    return str(caught.value)


def test_nothing_given_is_the_defaults():
    assert configure() == Configuration()


def test_a_file_sets_every_section(toml):
    made = configure(
        toml("prime = 5\n[background]\nhistory = 3\n[detection]\njoin=0.1\n[tracking]\ngate=2\n[drawing]\nlabels=false")
    )
    assert made.pipeline.prime == 5
    assert made.pipeline.background.history == 3.0
    assert made.pipeline.detection.join == 0.1
    assert made.pipeline.tracking.gate == 2.0
    assert made.drawing.labels is False


def test_words_win_over_the_file_and_later_ones_over_earlier(toml):
    made = configure(toml("[tracking]\ngate = 2\ncoast = 7"), ["tracking.gate=3", "tracking.gate = 3.5"])
    assert (made.pipeline.tracking.gate, made.pipeline.tracking.coast) == (3.5, 7.0)


def test_words_take_the_type_of_the_setting():
    made = configure(changes=["prime=7", "background.shadows=False", "drawing.shape=ellipse", "tracking.coast=1e-1"])
    assert made.pipeline.prime == 7
    assert made.pipeline.background.shadows is False
    assert made.drawing.shape == "ellipse"
    assert made.pipeline.tracking.coast == 0.1


def test_the_background_starts_from_what_tracks_or_masks_are_best_with():
    assert configure().pipeline.background == PRESETS["tracking"]
    assert configure(preset="robust").pipeline.background == BackgroundSettings()
    made = configure(changes=["background.preset=mog2"], preset="robust")
    assert made.pipeline.background == PRESETS["mog2"]


def test_a_preset_is_what_the_background_starts_from():
    made = configure(changes=["background.preset=mog2", "background.gate=3"]).pipeline.background
    assert made.history == PRESETS["mog2"].history
    assert made.majority is False
    assert made.gate == 3.0


def test_the_toml_of_a_configuration_makes_it_again(toml):
    made = configure(changes=["background.preset=mog2", "tracking.gate=3", "drawing.mask=tint", "hold=0.5"])
    assert configure(toml(settings_toml(made))) == made


def test_the_toml_of_the_defaults_holds_them_all_commented_out(toml):
    text = settings_toml()
    assert configure(toml(text)) == Configuration()
    assert not re.search(r"(?m)^[a-z]\w* =", text)
    assert configure(toml(uncommented(text))) == Configuration()


def test_the_toml_tells_meaning_unit_bounds_and_default_of_every_setting():
    text = settings_toml()
    groups = [Configuration().drawing, Configuration().pipeline]
    groups += [getattr(Configuration().pipeline, name) for name in ("background", "detection", "tracking")]
    for group in groups:
        for name, bounds in declared(type(group)):
            (line,) = re.findall(rf"(?m)^# {re.escape(bounds.help)} \[.*default .*\]\n# {name} = ", text)
            assert bounds.unit in line
    assert "# how far back trails reach; 0 for none [s, >= 0, default 3.0]\n# trails = 3.0\n" in text
    assert '[box | ellipse, default "box"]\n# shape = "box"\n' in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("gate=3", "unknown setting 'gate'; did you mean background.gate or tracking.gate?"),
        ("zzz=3", "unknown setting 'zzz'; `gmmtrack settings` lists all there are"),
        ("tracking.gate=-1", "tracking.gate must be > 0 sigma, got -1.0"),
        ("tracking.gate=nan", "tracking.gate must be finite, got nan"),
        ("tracking.gate=far", "tracking.gate must be a number, got 'far'"),
        ("background.n_components=2.5", "background.n_components must be a whole number, got '2.5'"),
        ("background.preset=best", "background.preset must be one of robust, tracking, mog2, got 'best'"),
        ("drawing.labels=yes", "drawing.labels must be true or false, got 'yes'"),
        ("drawing.shape=star", "drawing.shape must be one of box, ellipse, got 'star'"),
        ("prime=-1", "prime must be >= 0, got -1"),
        ("prime", "a setting must be given as NAME=VALUE, got 'prime'"),
        ("=3", "a setting must be given as NAME=VALUE, got '=3'"),
    ],
)
def test_a_bad_word_is_told_with_its_whole_name(change, message):
    assert complaint(change) == message


def test_a_misspelt_name_is_told_its_like():
    assert "tracking.confirm_travel" in complaint("tracking.confirm_travl=1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tracking]\ngate = -1", "tracking.gate must be > 0 sigma, got -1.0"),
        ("[tracking]\ngate = [1]", "tracking.gate must be a number, got [1]"),
        ("[background]\npreset = [1]", "background.preset must be one of robust, tracking, mog2, got [1]"),
        ("[xx.yy.zz]\nx = 1", "unknown setting 'xx.yy.zz.x'; `gmmtrack settings` lists all there are"),
    ],
)
def test_a_bad_value_in_a_file_is_told_with_its_whole_name(toml, text, message):
    assert complaint(path=toml(text)) == message


def test_a_section_that_is_no_table_is_an_error(toml):
    assert complaint(path=toml("[[tracking]]\ngate = 1")).startswith("unknown setting 'tracking'")
    assert complaint(path=toml("tracking = 3")).startswith("unknown setting 'tracking'")


def test_a_file_that_is_no_toml_is_an_error(toml, tmp_path):
    path = toml("gate 3")
    assert complaint(path=path).startswith(f"{path} must be TOML: Expected '=' after a key")
    (tmp_path / "noise.toml").write_bytes(b"\xff\xfe\x00")
    assert complaint(path=tmp_path / "noise.toml").startswith(f"{tmp_path / 'noise.toml'} must be TOML: ")


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(SourceError, match=r"^cannot read .*none\.toml: no such file or directory$"):
        configure(tmp_path / "none.toml")
