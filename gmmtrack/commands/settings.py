"""`gmmtrack settings`: every setting as TOML."""

from gmmtrack.commands.options import Changes, Config


def settings(config: Config = None, changes: Changes = None) -> None:
    """Print every setting as TOML.

    Each with its meaning, unit, bounds and default; --config and --set are taken up."""
    from gmmtrack.config import configure, settings_toml

    print(settings_toml(configure(config, changes or ())), end="")
