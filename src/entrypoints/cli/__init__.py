"""The command `quayside`."""

import sys

from ...core.kernel import MissingExtraError, require


def main() -> None:
    """Run the command line, or say which extra brings it."""
    try:
        with require("service"):
            from .main import quayside
    except MissingExtraError as error:
        print(f"quayside: {error}", file=sys.stderr)
        sys.exit(2)
    quayside(prog_name="quayside")
