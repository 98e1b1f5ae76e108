"""`python -m quayside` is the command `quayside`."""

from .entrypoints.cli import main

if __name__ == "__main__":
    main()
