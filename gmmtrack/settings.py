"""Settings: frozen dataclasses whose every field carries its default, unit, bounds and one line of explanation.

A field declared with `setting` is checked when its object is made, whatever made it: a keyword, a TOML file or `--set`.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, TypeVar, get_type_hints

from gmmtrack.errors import ArgumentError

S = TypeVar("S", bound="Settings")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a setting may be: numbers between bounds in a unit, or one of a few words."""

    help: str
    unit: str = ""
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    choices: tuple[str, ...] = ()

    def complaint(self, value: object) -> str | None:
        """Return what is wrong with `value` as 'must be ...', or None."""
        if self.choices:
            return None if value in self.choices else f"must be one of {', '.join(self.choices)}"
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return None
        if not math.isfinite(value):
            return "must be finite"
        unit = f" {self.unit}" if self.unit else ""
        if self.above is not None and not value > self.above:
            return f"must be > {self.above:g}{unit}"
        if self.at_least is not None and not value >= self.at_least:
            return f"must be >= {self.at_least:g}{unit}"
        if self.at_most is not None and not value <= self.at_most:
            return f"must be <= {self.at_most:g}{unit}"
        return None


def setting(
    default: Any,
    help: str,  # noqa: A002 - the word that every command line uses
    *,
    unit: str = "",
    above: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare a field of a settings class: its default, what it does, its unit and its bounds."""
    bounds = Bounds(help=help, unit=unit, above=above, at_least=at_least, at_most=at_most, choices=choices)
    return field(default=default, metadata={"bounds": bounds})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A group of settings, checked at birth; subclass it with fields declared by `setting`."""

    def __post_init__(self) -> None:
        kinds = get_type_hints(type(self))
        for item in fields(self):
            group = kinds[item.name]
            if (
                isinstance(group, type)
                and issubclass(group, Settings)
                and not isinstance(getattr(self, item.name), group)
            ):
                raise ArgumentError(f"{item.name} must be a {group.__name__}, got {getattr(self, item.name)!r}")
        for name, bounds in declared(type(self)):
            value = _converted(name, getattr(self, name), kinds[name], bounds)
            complaint = bounds.complaint(value)
            if complaint:
                raise ArgumentError(f"{name} {complaint}, got {value!r}")
            object.__setattr__(self, name, value)


def declared(kind: type[Settings]) -> Iterator[tuple[str, Bounds]]:
    """Yield the name and bounds of every setting that `kind` declares."""
    item: Field[Any]
    for item in fields(kind):
        if "bounds" in item.metadata:
            yield item.name, item.metadata["bounds"]


def check_names(kind: type[Settings], changes: Mapping[str, Any], what: str) -> None:
    """Raise an ArgumentError if `changes` name what is no field of `kind`, whose fields are `what`."""
    known = [item.name for item in fields(kind)]
    for name in changes:
        if name not in known:
            raise ArgumentError(f"unknown {what} {name!r}; there are {', '.join(known)}")


def given_or_made(kind: type[S], settings: S | None, changes: Mapping[str, Any], what: str) -> S:
    """Return `settings` if given, else those of `kind` with `changes`; an ArgumentError if both are given."""
    if settings is not None and changes:
        raise ArgumentError(f"settings must not be given together with {', '.join(changes)}")
    check_names(kind, changes, what)
    return kind(**changes) if settings is None else checked(kind, settings, "settings")


def checked(kind: type[T], value: object, name: str) -> T:
    """Return an argument that must be of a kind; an ArgumentError with its name if it is not."""
    if not isinstance(value, kind):
        raise ArgumentError(f"{name} must be {kind.__name__}, got {type(value).__name__}")
    return value


def _converted(name: str, value: Any, kind: Any, bounds: Bounds) -> Any:
    """Return `value` as the field's own type where that loses nothing, so that 20 may stand for 20.0."""
    allowed = getattr(kind, "__args__", (kind,))
    if value is None and type(None) in allowed:
        return None
    wanted = next(item for item in allowed if item is not type(None))
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is wanted or (bounds.choices and value in bounds.choices):
        return value
    if bounds.choices:
        return value
    raise ArgumentError(f"{name} must be {_article(wanted.__name__)}, got {value!r}")


def _article(kind: str) -> str:
    return {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "a word"}.get(kind, kind)
