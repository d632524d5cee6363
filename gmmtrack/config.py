"""Settings by name: from a TOML file, from `section.name=value` words, and back to TOML."""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from gmmtrack.background.settings import PRESETS, BackgroundSettings, preset_settings
from gmmtrack.errors import ArgumentError, SourceError
from gmmtrack.outputs.drawing import DrawingSettings
from gmmtrack.pipeline import PipelineSettings
from gmmtrack.settings import Bounds, Settings, declared

_PRESET = "background.preset"
_USUAL_PRESET = "tracking"
_PRESET_BOUNDS = Bounds(help="what the other settings of the background start from", choices=tuple(PRESETS))
_NONE = "none"  # what stands for None in TOML, which has none of its own
_HEADING = """\
# Every setting of gmmtrack. What is commented out is at its default: remove the "# " before a name to change it.
# gmmtrack track SOURCE --config THIS_FILE

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """All that can be set: the loop's settings, and how its results are drawn."""

    pipeline: PipelineSettings = field(default_factory=PipelineSettings)
    drawing: DrawingSettings = field(default_factory=DrawingSettings)


def configure(
    path: str | os.PathLike[str] | None = None, changes: Iterable[str] = (), *, preset: str = _USUAL_PRESET
) -> Configuration:
    """Return the configuration that a TOML file and words of the form `section.name=value` ask for.

    Parameters
    ----------
    path
        A TOML file with the sections background, detection, tracking and drawing, and the loop's own settings above
        them; `background.preset` names what the background's settings start from. None for the defaults.
    changes
        Each one setting, e.g. "tracking.gate=3.5"; they win over the file, and a later one over an earlier one.
    preset
        Where neither names one: "tracking" for tracks, "robust" for masks alone.

    Raises
    ------
    SourceError
        The file cannot be read.
    ArgumentError
        It is no TOML; a name is not known; a value is out of its bounds. The message gives the whole name.

    Examples
    --------
    >>> configure(changes=["tracking.gate=3.5", "background.preset=mog2"]).pipeline.tracking.gate
    3.5
    """
    values = {} if path is None else dict(_flatten(_read(Path(path))))
    values |= dict(_parse(change) for change in changes)
    _check_known(values)
    values.setdefault(_PRESET, preset)
    values = {name: None if value == _NONE and _may_be_none(name) else value for name, value in values.items()}
    sections = {name: _build(name, kind, values) for name, kind in _sections().items()}
    drawing = sections.pop("drawing")
    own = {name: value for name, value in values.items() if "." not in name}
    return Configuration(pipeline=PipelineSettings(**own, **sections), drawing=drawing)


def settings_toml(configuration: Configuration | None = None) -> str:
    """Return a configuration as TOML, every setting under its help, unit, bounds and default.

    What is at its default is commented out, so that a later version's better default is taken up, and that a change of
    `background.preset` is felt. `configure` makes the same configuration of the text.
    """
    configuration = configuration or Configuration()
    usual = Configuration()
    parts = [_HEADING, *_lines(configuration.pipeline, usual.pipeline)]
    for name in _sections():
        parts.append(f"\n[{name}]\n")
        if name == "background":
            parts.append(_entry("preset", _PRESET_BOUNDS, _USUAL_PRESET, _USUAL_PRESET))
        parts += _lines(_section(configuration, name), _section(usual, name))
    return "".join(parts)


def _section(configuration: Configuration, name: str) -> Settings:
    settings: Settings = configuration.drawing if name == "drawing" else getattr(configuration.pipeline, name)
    return settings


def _sections() -> dict[str, type[Settings]]:
    """Return the groups of settings by the names of their sections, in the order of the loop."""
    hints = get_type_hints(PipelineSettings)
    groups = {item.name: hints[item.name] for item in fields(PipelineSettings) if "bounds" not in item.metadata}
    return groups | {"drawing": DrawingSettings}


def _kinds() -> dict[str, Any]:
    """Return the type of every setting by its whole name."""
    own = get_type_hints(PipelineSettings)
    kinds: dict[str, Any] = {name: own[name] for name, _ in declared(PipelineSettings)}
    for section, settings in _sections().items():
        hints = get_type_hints(settings)
        kinds |= {f"{section}.{name}": hints[name] for name, _ in declared(settings)}
    return kinds | {_PRESET: str}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ArgumentError(f"{path} must be TOML: {error}") from None


def _flatten(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tables.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _parse(change: str) -> tuple[str, Any]:
    """Return the name and the value of `name=value`, as the setting's type where it is one."""
    name, equals, text = change.partition("=")
    name, text = name.strip(), text.strip()
    if not equals or not name:
        raise ArgumentError(f"a setting must be given as NAME=VALUE, got {change!r}")
    kind = _kinds().get(name, str)
    return name, _typed(text, next(item for item in getattr(kind, "__args__", (kind,)) if item is not type(None)))


def _may_be_none(name: str) -> bool:
    return type(None) in getattr(_kinds()[name], "__args__", ())


def _typed(text: str, kind: type) -> Any:
    """Return `text` as `kind`, or as it is where it is none: then the setting itself says what it must be."""
    if kind is bool:
        return {"true": True, "false": False}.get(text.lower(), text)
    try:
        return kind(text)
    except ValueError:
        return text


def _check_known(values: Mapping[str, Any]) -> None:
    known = list(_kinds())
    for name in values:
        if name in known:
            continue
        last = name.rpartition(".")[2]
        close = [full for full in known if full.rpartition(".")[2] == last] or difflib.get_close_matches(name, known)
        hint = f"did you mean {' or '.join(close)}?" if close else "`gmmtrack settings` lists all there are"
        raise ArgumentError(f"unknown setting {name!r}; {hint}")


def _build(section: str, kind: type[Settings], values: Mapping[str, Any]) -> Any:
    """Return the settings of one section; what they complain of gets the section's name before it."""
    prefix = f"{section}."
    given = {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
    try:
        return _of_preset(given) if kind is BackgroundSettings else kind(**given)
    except ArgumentError as error:
        raise ArgumentError(f"{prefix}{error}") from None


def _of_preset(given: dict[str, Any]) -> BackgroundSettings:
    preset = given.pop("preset")
    complaint = _PRESET_BOUNDS.complaint(preset)
    if complaint:
        raise ArgumentError(f"preset {complaint}, got {preset!r}")
    return preset_settings(preset, given)


def _lines(settings: Settings, defaults: Settings) -> Iterator[str]:
    for name, bounds in declared(type(settings)):
        yield _entry(name, bounds, getattr(settings, name), getattr(defaults, name))


def _entry(name: str, bounds: Bounds, value: Any, default: Any) -> str:
    """Return a setting as two lines of TOML: what it is, and its value."""
    facts = [bounds.unit, *_limits(bounds), f"default {_literal(default)}"]
    mark = "# " if value == default else ""
    return f"# {bounds.help} [{', '.join(fact for fact in facts if fact)}]\n{mark}{name} = {_literal(value)}\n"


def _limits(bounds: Bounds) -> Iterator[str]:
    if bounds.choices:
        yield " | ".join(bounds.choices)
    for sign, limit in ((">", bounds.above), (">=", bounds.at_least), ("<=", bounds.at_most)):
        if limit is not None:
            yield f"{sign} {limit:g}"


def _literal(value: Any) -> str:
    """Return a value as TOML; numbers and words are written as JSON writes them."""
    return json.dumps(_NONE if value is None else value, ensure_ascii=False)
