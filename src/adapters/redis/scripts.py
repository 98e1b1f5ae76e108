"""What Redis runs as one step."""

from importlib.resources import files


def script(name: str) -> str:
    """The script in the file of that name."""
    return files(__package__).joinpath(f"lua/{name}.lua").read_text("utf-8")
