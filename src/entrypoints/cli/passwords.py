"""Passwords on their way in. Never as an argument: everybody on the machine can read those."""

import sys

import rich_click as click
from click import prompt

from ...core.kernel import Secret
from ...core.kernel.validation import normalized

stdin_option = click.option(
    "--password-stdin",
    "from_stdin",
    is_flag=True,
    help="Read the password from the first line of standard input.",
)


def read_password(*, from_stdin: bool) -> Secret:
    """The password that is typed twice and not shown, or that a program hands over."""
    if from_stdin:
        text = sys.stdin.readline().removesuffix("\n")
    else:
        text = prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return Secret(normalized(text))
