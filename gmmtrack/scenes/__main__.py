"""`python -m gmmtrack.scenes FOLDER` renders the bundled clips into FOLDER (`videos` in the repository)."""

import sys

from gmmtrack.errors import GmmtrackError
from gmmtrack.scenes.bundled import render_bundled


def main(arguments: list[str]) -> int:
    """Render the bundled clips into the folder that `arguments` names; return the exit code."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: python -m gmmtrack.scenes FOLDER", file=sys.stderr)
        return 2
    try:
        for path in render_bundled(arguments[0]):
            print(f"{path}  {path.stat().st_size / 1e6:.2f} MB")
    except GmmtrackError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
