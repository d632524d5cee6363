"""`python -m gmmtrack` is `gmmtrack`."""

from gmmtrack.cli import main

if __name__ == "__main__":
    main()
