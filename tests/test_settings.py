"""Settings are checked at birth, and say what is wrong."""

import math
import pickle
from dataclasses import FrozenInstanceError, dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmtrack import ArgumentError, BackgroundSettings, DetectionSettings, PipelineSettings, TrackingSettings
from gmmtrack.settings import Settings, declared, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Example(Settings):
    length: float = setting(2.0, "how long it is", unit="m", above=0, at_most=10)
    share: float = setting(0.5, "how much of it", at_least=0, at_most=1)
    count: int = setting(3, "how many", at_least=1)
    shown: bool = setting(True, "whether it is seen")
    shape: str = setting("box", "its outline", choices=("box", "ellipse"))
    label: str = setting("", "what is written on it")
    limit: float | None = setting(None, "where it ends, None for nowhere", unit="s", above=0)
    plain: int = 7


def complaint(**changes: Any) -> str:
    with pytest.raises(ArgumentError) as caught:
        Example(**changes)
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"length": 0}, "length must be > 0 m, got 0.0"),
        ({"length": -1.5}, "length must be > 0 m, got -1.5"),
        ({"length": 10.5}, "length must be <= 10 m, got 10.5"),
        ({"length": math.nan}, "length must be finite, got nan"),
        ({"length": math.inf}, "length must be finite, got inf"),
        ({"length": "2"}, "length must be a number, got '2'"),
        ({"length": None}, "length must be a number, got None"),
        ({"length": True}, "length must be a number, got True"),
        ({"share": -0.1}, "share must be >= 0, got -0.1"),
        ({"share": 2}, "share must be <= 1, got 2.0"),
        ({"count": 0}, "count must be >= 1, got 0"),
        ({"count": 2.0}, "count must be a whole number, got 2.0"),
        ({"count": True}, "count must be a whole number, got True"),
        ({"shown": 1}, "shown must be true or false, got 1"),
        ({"shape": "star"}, "shape must be one of box, ellipse, got 'star'"),
        ({"shape": 3}, "shape must be one of box, ellipse, got 3"),
        ({"label": 3}, "label must be a word, got 3"),
        ({"limit": 0}, "limit must be > 0 s, got 0.0"),
        ({"limit": "never"}, "limit must be a number, got 'never'"),
    ],
)
def test_what_is_out_of_bounds_is_told_with_name_bound_unit_and_value(changes, message):
    assert complaint(**changes) == message


@pytest.mark.parametrize("changes", [{"length": 10}, {"share": 0}, {"share": 1}, {"count": 1}, {"length": 1e-9}])
def test_bounds_themselves_are_in_or_out_as_they_say(changes):
    Example(**changes)


def test_a_whole_number_may_stand_for_a_float_and_becomes_one():
    made = Example(length=3, limit=4)
    assert (made.length, made.limit) == (3.0, 4.0)
    assert (type(made.length), type(made.limit)) == (float, float)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_share_is_taken_exactly_where_it_lies_between_0_and_1(value):
    if 0 <= value <= 1:
        assert Example(share=value).share == value
    else:
        assert complaint(share=value).startswith("share must be ")


def test_a_field_without_bounds_is_not_looked_at():
    assert Example(plain="anything").plain == "anything"
    assert "plain" not in dict(declared(Example))


def test_settings_are_frozen_and_a_changed_copy_is_checked_too():
    made = Example()
    with pytest.raises(FrozenInstanceError):
        made.length = 3.0
    assert replace(made, length=4).length == 4.0
    with pytest.raises(ArgumentError):
        replace(made, length=-1)


def test_settings_are_equal_by_value_hashable_and_survive_pickling():
    assert Example(length=3) == Example(length=3.0) != Example()
    assert hash(Example(length=3)) == hash(Example(length=3.0))
    assert pickle.loads(pickle.dumps(Example(length=3))) == Example(length=3)


def test_positions_are_no_arguments():
    with pytest.raises(TypeError):
        Example(3.0)


@pytest.mark.parametrize("kind", [BackgroundSettings, DetectionSettings, TrackingSettings])
def test_every_setting_is_declared_and_explained_and_its_default_is_within_its_bounds(kind):
    names = dict(declared(kind))
    assert list(names) == list(kind.__dataclass_fields__)
    for name, bounds in names.items():
        assert bounds.help, name
        assert bounds.complaint(getattr(kind(), name)) is None


def test_no_setting_counts_frames():
    for kind in (BackgroundSettings, DetectionSettings, TrackingSettings):
        assert not [name for name, bounds in declared(kind) if "frames" in bounds.unit]


@pytest.mark.parametrize("group", ["background", "detection", "tracking"])
def test_a_group_of_the_wrong_kind_is_refused(group):
    with pytest.raises(ArgumentError):
        PipelineSettings(**{group: {"gate": 3}})
