"""`quayside keys`."""

import rich_click as click

from ..composition import jwt_key_rotation
from .output import json_option, print_json
from .start import start


@click.group()
def keys() -> None:
    """Look after the keys of access tokens."""


@keys.command("rotate-jwt")
@json_option
def rotate_jwt(*, as_json: bool) -> None:
    """
    Sign access tokens with a new key from now on.

    The key before verifies until the last token that it signed has expired. This is for generated keys; those that are
    set are exchanged in the settings.
    """
    key_id = jwt_key_rotation(start())
    if as_json:
        print_json({"kid": key_id})
    else:
        click.echo(key_id)
