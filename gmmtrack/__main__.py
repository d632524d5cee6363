"""The `gmmtrack` program, which `python -m gmmtrack` is as well."""

import sys


def start() -> None:
    """Run the command line; an interrupt while it is being loaded ends in one line too."""
    try:
        from gmmtrack.cli import main
    except KeyboardInterrupt:
        sys.exit(_interrupted())
    main()


def _interrupted() -> int:
    """Say so as `gmmtrack.cli` would, and return its exit code."""
    print("gmmtrack: interrupted", file=sys.stderr, flush=True)
    return 130


if __name__ == "__main__":
    start()
